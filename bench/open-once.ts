/** One request, watched from the network: when its first packet was let in and when it was answered. */
import type { CallerApi } from './caller.ts'
import { flowOf, type Eyes } from './eyes.ts'
import { monotonic } from './monotonic.ts'
import { initiateCall, type Place } from './site.ts'
import { sourceAt } from './sources.ts'
import type { Worker } from './worker.ts'

export interface Opening {
  readonly caller: Worker<CallerApi>
  readonly eyes: Eyes
  readonly place: Place
  readonly port: number
  /** An hour, unless it says otherwise. */
  readonly duration?: string
}

export interface Opened {
  /** Milliseconds since the request was sent. */
  readonly opened: number
  readonly answered: number
}

/** `n` names the source; none may be used twice. `meanwhile` runs under the prober, before the request. */
export async function openOnce(
  { caller, eyes, place, port, duration = 'PT1H' }: Opening,
  n: number,
  meanwhile: () => Promise<void> = async () => {},
): Promise<Opened> {
  const source = sourceAt(n)
  const call = initiateCall(place, { source, port, duration })
  const now = monotonic()
  await eyes.prober.call('add', { flows: [flowOf({ id: n, source, port, from: now, until: now + 10_000 })] })
  await meanwhile()
  const { sentAt, answeredAt, status, body } = await caller.call('send', { name: 'server', call })
  const first = await eyes.listener.call('first', { id: n, patience: 5_000 })
  await eyes.prober.call('drop', { ids: [n] })
  if (status !== 202 || first === null) {
    throw new Error(`request ${n}: answered ${status} (${body.slice(0, 300)}); a packet was let in: ${first !== null}`)
  }
  const openedAt = first >= sentAt ? first : await eyes.prober.call('taken', { id: n, stamped: first })
  if (!(openedAt >= sentAt))
    throw new Error(`request ${n}: a packet was let in ${sentAt - openedAt} ms before it was asked for`)
  return { opened: openedAt - sentAt, answered: answeredAt - sentAt }
}
