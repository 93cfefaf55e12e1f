/**
 * Checkpoints outside the database, at an HTTP receiver: each at least once and in order, signed like the events of a
 * webhook. Of several replicas one sends; how far it got is in the database, and what that says can only be sent again.
 */
import type { App } from '../../app/app.ts'
import type { CheckpointPlace } from '../../app/audit/keep-trail.ts'
import { leaseFor } from '../../app/convergence/lease.ts'
import type { StoredCheckpoint } from '../../app/ports/trail.ts'
import { backOff } from '../../app/audit/stream-audit.ts'
import { SECOND, type Instant } from '../../domain/time.ts'
import { postSigned, type SignedPlace } from '../../sinks/signed-post.ts'

/** No sink has a name with a colon. */
export const CHECKPOINT_CURSOR = 'checkpoints:webhook'

/** Beyond every number: there is nothing to send now. */
const NOTHING_TO_SEND = Number.MAX_SAFE_INTEGER
const DEADLINE = 10 * SECOND

type Deps = Pick<App, 'store' | 'clock' | 'owner' | 'installation'>

export function checkpointWebhook(deps: Deps, place: SignedPlace): CheckpointPlace {
  let failures = 0
  let notBefore: Instant = 0
  return {
    last: async () => (deps.clock.now() < notBefore ? NOTHING_TO_SEND : ((await claim(deps)) ?? NOTHING_TO_SEND)),
    write: async (checkpoints, signal) => {
      try {
        await send(deps, place, { checkpoints, signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE)]) })
        failures = 0
      } catch (cause) {
        failures += 1
        notBefore = deps.clock.now() + backOff(failures)
        throw cause
      }
    },
  }
}

/** Undefined while another replica sends. */
function claim({ store, clock, owner }: Deps): Promise<number | undefined> {
  const lease = leaseFor(owner, clock.now())
  return store.transaction((tx) => tx.trail.claimCursor(CHECKPOINT_CURSOR, lease))
}

async function send(
  { store, owner, installation: { subscriptionId } }: Deps,
  place: SignedPlace,
  { checkpoints, signal }: { readonly checkpoints: readonly StoredCheckpoint[]; readonly signal: AbortSignal },
): Promise<void> {
  const [first, last] = [checkpoints[0]?.number ?? 0, checkpoints.at(-1)?.number ?? 0]
  const events = checkpoints.map((checkpoint) => eventFrom(checkpoint, subscriptionId))
  await postSigned(place, { id: `${subscriptionId}/checkpoints/${first}-${last}`, events }, signal)
  await store.transaction((tx) => tx.trail.moveCursor(CHECKPOINT_CURSOR, last, owner))
}

/** `line` is what the file has, to the letter: the receiver's lines can be verified as the file's. */
function eventFrom({ number, seq, line }: StoredCheckpoint, installation: string): object {
  return {
    specversion: '1.0',
    id: `${installation}/checkpoints/${number}`,
    source: `/subscriptions/${installation}/sallyport`,
    type: 'sallyport.audit.checkpoint',
    datacontenttype: 'application/json',
    data: { number, seq, line },
  }
}
