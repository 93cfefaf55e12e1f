/** Writing what the agent can go on without: that it fails is told, and not every time. */
import { MINUTE, type Millis } from '../../domain/time.ts'
import { sentenceOf, type AgentLog } from '../agent-log.ts'

/** Whether it went well. */
export type BestEffort = (write: () => void) => boolean

const TELL_EVERY: Millis = 10 * MINUTE

/** `what` begins the sentence: "the server's clock". */
export function bestEffort(log: Pick<AgentLog, 'error'>, what: string): BestEffort {
  let toldAt = Number.NEGATIVE_INFINITY
  return (write) => {
    try {
      write()
      return true
    } catch (error) {
      if (performance.now() - toldAt < TELL_EVERY) return false
      toldAt = performance.now()
      log.error(`${what} cannot be written down, and the agent goes on without: ${sentenceOf(error)}`)
      return false
    }
  }
}
