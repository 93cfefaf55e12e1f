/** What the running agent leaves for `sallyport-agent status`, which cannot ask it: it listens nowhere. */
import { z } from 'zod'
import { hostState } from '../contract/agent.ts'
import type { Millis } from '../domain/time.ts'
import { createDueTimer } from './due-timer.ts'
import type { StateFolder } from './state-folder.ts'

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

const AT_MOST_EVERY: Millis = 500

export interface StatusWriter {
  changed(): void
  stop(): void
}

/** Written soon after a change, and never on the way of one. */
export function createStatusWriter(files: Pick<StateFolder, 'writeStatus'>, now: () => AgentStatus): StatusWriter {
  let isDue = false
  const timer = createDueTimer(() => {
    isDue = false
    files.writeStatus(now())
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
