/** Tells what was seen: to whoever waits for it, and unasked when it differs from the last time. */
import type { HostState } from '../../contract/agent.ts'
import type { Flow } from '../../domain/access/flow.ts'
import type { AgentLog } from '../agent-log.ts'
import type { Due } from './due.ts'
import type { Drift } from './host-pass.ts'

export interface Seen {
  readonly state: HostState
  /** The questions that were asked before it was looked, and are answered by it. */
  readonly answers: readonly string[]
  /** What others did since the last time this was told. */
  readonly drift: Drift[]
  /** Whom the driver cut off since the last time this was told. */
  readonly cut: Flow[]
  /** Who is connected, where somebody asked to look and it can be told. */
  readonly flows?: readonly Flow[]
  /** Nothing that was offered is still to be carried out. */
  readonly isCaughtUp: boolean
}

export interface Teller {
  /** Goes with the next telling, which is due by that alone. */
  drifted(drift: Drift): void
  cut(flows: readonly Flow[]): void
  tell(work: Due, flows?: readonly Flow[]): void
}

export interface TellerDeps {
  readonly state: () => HostState
  readonly isCaughtUp: () => boolean
  readonly log: Pick<AgentLog, 'warn'>
  readonly onSeen: (seen: Seen) => void
}

export function createTeller({ state, isCaughtUp, log, onSeen }: TellerDeps): Teller {
  const drift: Drift[] = []
  const cut: Flow[] = []
  let told = ''
  /** Who waits for it is told when it is, though nothing else differs: an agent says nothing of itself before. */
  let wasCaughtUp = true
  return {
    drifted: (one) => {
      const { by = 'somebody', repaired, steps } = one
      log.warn(`${by} changed what Sallyport wrote${repaired ? '; put right' : ''}: ${steps.join('; ')}`)
      drift.push(one)
    },
    cut: (flows) => void cut.push(...flows),
    tell: ({ isAsked, answers }, flows) => {
      const now = state()
      const text = JSON.stringify(now)
      const hasCaughtUp = isCaughtUp()
      const isNews = text !== told || drift.length + cut.length > 0 || (hasCaughtUp && !wasCaughtUp)
      if (!isAsked && !isNews) return
      told = text
      wasCaughtUp = hasCaughtUp
      const news = { drift: drift.splice(0), cut: cut.splice(0), ...(flows === undefined ? {} : { flows }) }
      onSeen({ state: now, answers, ...news, isCaughtUp: hasCaughtUp })
    },
  }
}
