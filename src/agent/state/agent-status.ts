/** What the running agent leaves for `sallyport-agent status`, which cannot ask it: it listens nowhere. */
import { z } from 'zod'
import { hostState } from '../../contract/agent.ts'
import type { Clock } from '../../app/ports/clock.ts'
import type { Millis } from '../../domain/time.ts'
import type { AgentLog } from '../agent-log.ts'
import { bestEffort } from './best-effort.ts'
import { createDueTimer } from '../keeper/due-timer.ts'
import type { HostKeeper } from '../keeper/host-keeper.ts'
import type { StateFolder } from './state-folder.ts'
import type { Connectivity } from '../link/stay-connected.ts'

const agentStatus = z.object({
  pid: z.number(),
  version: z.string(),
  at: z.number(),
  connectedSince: z.number().optional(),
  /** Why it is not connected. */
  trouble: z.string().optional(),
  /** By what it speaks to the server. */
  by: z.enum(['stream', 'poll']).optional(),
  renewAt: z.number(),
  recommendedVersion: z.string().optional(),
  state: hostState,
})

export type AgentStatus = z.infer<typeof agentStatus>

export function readAgentStatus(files: Pick<StateFolder, 'readStatus'>): AgentStatus | undefined {
  return agentStatus.safeParse(files.readStatus()).data
}

interface StatusSources {
  readonly version: string
  readonly clock: Clock
  readonly files: Pick<StateFolder, 'readIdentity'>
  readonly keeper: Pick<HostKeeper, 'wanted' | 'state'>
  readonly connectivity: () => Connectivity
}

/** Of this process, as it is now. */
export function statusOf({ version, clock, files, keeper, connectivity }: StatusSources): AgentStatus {
  const { since, by, trouble } = connectivity()
  const { recommendedVersion } = keeper.wanted()?.document.settings ?? {}
  return {
    pid: process.pid,
    version,
    at: clock.now(),
    renewAt: files.readIdentity()?.renewAt ?? 0,
    state: keeper.state(),
    ...(since === undefined ? {} : { connectedSince: since }),
    ...(by === undefined ? {} : { by }),
    ...(trouble === undefined ? {} : { trouble }),
    ...(recommendedVersion === undefined ? {} : { recommendedVersion }),
  }
}

const AT_MOST_EVERY: Millis = 500

export interface StatusWriter {
  changed(): void
  stop(): void
}

interface StatusWriterDeps {
  readonly files: Pick<StateFolder, 'writeStatus'>
  readonly log: Pick<AgentLog, 'error'>
  readonly now: () => AgentStatus
}

/** Written soon after a change, and never on the way of one. */
export function createStatusWriter({ files, log, now }: StatusWriterDeps): StatusWriter {
  const keep = bestEffort(log, 'what `sallyport-agent status` shows')
  let isDue = false
  const timer = createDueTimer(() => {
    isDue = false
    keep(() => files.writeStatus(now()))
  })
  return {
    changed: () => {
      if (isDue) return
      isDue = true
      timer.setIn(AT_MOST_EVERY)
    },
    stop: () => timer.stop(),
  }
}
