/**
 * Brings audit events to a sink: at least once each, in order. How far the sink has got is in the store, and moves only
 * after the sink took them, so that a crash repeats and never leaves out. Nobody waits for it: a grant writes its events
 * to the store and is done, however slow or dead a sink is. Of several replicas, one serves a sink.
 */
import type { App } from '../app.ts'
import type { AuditSink } from '../ports/trail.ts'
import type { Timer } from '../convergence/reconciler.ts'
import { reasonOf } from '../../domain/reason-of.ts'
import { MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'

export interface StreamDeps extends Pick<App, 'store' | 'clock' | 'owner' | 'log'> {
  readonly timer: Timer
}

const AT_ONCE = 100
/** How long one delivery may take. Longer than the lease, it would be another replica's. */
const PATIENCE: Millis = 15 * SECOND
const LEASE: Millis = 30 * SECOND
const IDLE: Millis = 500
const LONGEST_WAIT: Millis = MINUTE

/** Why deliveries fail, and since when they do. */
export interface SinkFailure {
  readonly since: Instant
  readonly reason: string
}

export interface AuditStream {
  /** Undefined while it goes well, or another replica serves the sink. */
  failure(): SinkFailure | undefined
  /** Delivers what is there by now, if the sink takes it in a short time, and ends. */
  stop(): Promise<void>
}

const LAST_CHANCE: Millis = 2 * SECOND

export function streamAudit(deps: StreamDeps, sink: AuditSink): AuditStream {
  const stopping = new AbortController()
  const standing: Standing = {}
  const done = keepDelivering(deps, sink, { signal: stopping.signal, standing })
  return {
    failure: () => standing.failure,
    async stop() {
      stopping.abort()
      await done
      const soon = AbortSignal.timeout(LAST_CHANCE)
      await deliverAll(deps, sink, soon).catch((cause: unknown) => tell(deps, sink, cause))
      await handOver(deps, sink)
      await sink.close()
    },
  }
}

/** Our lease ends at once, so that another replica need not wait for it to run out. */
async function handOver({ store, clock, owner }: StreamDeps, { name }: AuditSink): Promise<void> {
  const now = clock.now()
  await store.transaction((tx) => tx.trail.claimCursor(name, { owner, now, until: now }))
}

interface Standing {
  failure?: SinkFailure | undefined
}

/** Never rejects. */
async function keepDelivering(
  deps: StreamDeps,
  sink: AuditSink,
  { signal, standing }: { readonly signal: AbortSignal; readonly standing: Standing },
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    try {
      await deliverAll(deps, sink, signal)
      if (failures > 0) deps.log.info({ sink: sink.name }, 'an audit sink takes events again')
      failures = 0
      standing.failure = undefined
    } catch (cause) {
      if (signal.aborted) return
      if (failures++ === 0) tell(deps, sink, cause)
      standing.failure = { since: standing.failure?.since ?? deps.clock.now(), reason: reasonOf(cause) }
    }
    await deps.timer.sleep(failures === 0 ? IDLE : backOff(failures), signal)
  }
}

export function backOff(failures: number): Millis {
  return Math.min(SECOND * 2 ** (failures - 1), LONGEST_WAIT)
}

/** Resolves when the sink has everything, or another replica serves it. */
export async function deliverAll(deps: StreamDeps, sink: AuditSink, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) if (!(await deliverSome(deps, sink, signal))) return
}

async function deliverSome(
  { store, clock, owner }: StreamDeps,
  sink: AuditSink,
  signal: AbortSignal,
): Promise<boolean> {
  const { seq: last } = await store.reads.auditHead()
  const known = (await store.reads.trail.cursors()).get(sink.name)
  if (known === last) return false // no write while there is nothing to do
  const now = clock.now()
  const after = await store.transaction((tx) => tx.trail.claimCursor(sink.name, { owner, now, until: now + LEASE }))
  if (after === undefined) return false
  const events = await store.reads.audit({}, { after, limit: AT_ONCE })
  const newest = events.at(-1)
  if (newest === undefined) return false
  await sink.deliver(events, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]))
  return store.transaction((tx) => tx.trail.moveCursor(sink.name, newest.seq, owner))
}

function tell({ log }: StreamDeps, { name }: AuditSink, cause: unknown): void {
  log.warn({ sink: name, cause }, 'an audit sink does not take events; they are kept, and tried again')
}
