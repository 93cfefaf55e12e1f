/**
 * Access that ended while its host was unreachable, and was never opened as far as anybody knows: it has failed, and says
 * since when nobody heard from the host. Were it opened all the same, its kernel has closed it at its end.
 */
import { grantEvent } from './grant-event.ts'
import type { Inventory, PointId } from '../ports/inventory.ts'
import type { Tx } from '../ports/store.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import { failure } from '../../domain/access/failure.ts'
import type { Grant } from '../../domain/access/grant.ts'

interface Unopened {
  readonly point: PointId
  readonly inventory: Inventory
  readonly now: Instant
}

/** When the next one would fail so; undefined where the point is not unreachable. */
export async function failUnopened(
  tx: Tx,
  { point, inventory, now }: Unopened,
): Promise<{ readonly nextEnd: Instant } | undefined> {
  const [machine] = inventory.behind(point)
  const since = machine?.unreachableSince
  if (machine === undefined || since === undefined) return undefined
  const waiting = (await tx.grantsAt(point)).filter(
    ({ grant, sighting }) => grant.state === 'opening' && sighting === 'wanted',
  )
  const ended = waiting.filter(({ grant }) => grant.until <= now).map(({ grant }) => grant)
  if (ended.length > 0) await failThem(tx, ended, { name: machine.name, since, now })
  const ends = waiting.flatMap(({ grant: { until } }) => (until > now ? [until] : []))
  return { nextEnd: ends.reduce((first, end) => Math.min(first, end), Number.POSITIVE_INFINITY) }
}

interface Silence {
  readonly name: string
  readonly since: Instant
  readonly now: Instant
}

async function failThem(tx: Tx, grants: readonly Grant[], { name, since, now: at }: Silence): Promise<void> {
  const { message: detail, ...because } = failure('HostWasAway', { host: name, since: formatInstant(since) })
  const why = { state: 'failed', reason: 'Failed', detail, because } as const
  // Under their points' locks: nobody revokes or opens them meanwhile.
  const present = await tx.sightingsOf(grants.map(({ grant }) => grant))
  const still = new Set(present.filter(({ state }) => state === 'opening').map(({ grant }) => grant))
  const failed = grants.filter(({ grant }) => still.has(grant)).map((grant) => ({ ...grant, ...why }))
  await tx.changeGrants(failed.map(({ grant }) => ({ grant, ...why, at })))
  const by = { at, action: 'access.failed', actor: 'sallyport', address: '' } as const
  await tx.append(failed.map((grant) => grantEvent(grant, by)))
}
