/** Taking grants back before their end: recorded here, carried out by the next pass of every point they are at. */
import { actorOf } from '../audit/actor-of.ts'
import { factsOf } from '../audit/told-by.ts'
import type { App } from '../app.ts'
import { grantEvent } from './grant-event.ts'
import { leaseFor } from '../convergence/lease.ts'
import type { Caller } from '../ports/caller.ts'
import type { PointId } from '../ports/inventory.ts'
import type { PointRow } from '../ports/rows.ts'
import type { Tx } from '../ports/store.ts'
import { isLive, type Grant } from '../../domain/access/grant.ts'
import type { Instant } from '../../domain/time.ts'

/** Locks the points first, so that the grants are read as no pass can change them any more. */
export async function lockPointsOf(
  app: Pick<App, 'owner'>,
  tx: Tx,
  grants: readonly Grant[],
  now: Instant,
): Promise<PointRow[]> {
  if (grants.length === 0) return []
  const sightings = await tx.sightingsOf(grants.map(({ grant }) => grant))
  const points = [...new Set(sightings.map(({ point }) => point))].sort()
  return tx.wish({ points, shape: false, dueAt: now, lease: leaseFor(app.owner, now) })
}

/** `rows` are the locked points. Grants that are closing or over already are left as they are. */
export async function revokeGrants(
  tx: Tx,
  grants: readonly Grant[],
  { rows, caller, now }: { rows: readonly PointRow[]; caller: Caller; now: Instant },
): Promise<void> {
  const revocable = grants.filter(({ state }) => isLive(state) && state !== 'closing')
  if (revocable.length === 0) return
  const revisions = new Map<PointId, number>(rows.map((row) => [row.id, row.wanted]))
  const changes = revocable.map(
    ({ grant }) => ({ grant, state: 'closing', reason: 'UserManuallyRevoked', at: now }) as const,
  )
  await tx.changeGrants(changes, revisions)
  const by = { at: now, action: 'access.closing', actor: actorOf(caller), address: caller.address } as const
  const called = factsOf(caller)
  await tx.append(
    revocable.map((grant) => grantEvent({ ...grant, state: 'closing', reason: 'UserManuallyRevoked' }, by, called)),
  )
}
