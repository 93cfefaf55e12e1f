/**
 * Connections of hosts that have said nothing yet: whoever has the key of one may open as many as he likes, and each costs
 * memory. Of one host only the newest few wait. That closes none of an agent that is here, and hides no second machine with
 * the same key: who reports first is judged as ever, and an agent reports with its first word.
 */
import type { HostId } from '../../domain/hosts/host.ts'
import type { AgentConnection, Bye } from './agent-hub.ts'

export interface WaitingStreams {
  /** Returns what to call when it waits no more: it has reported and is on record, or it is over. */
  enter(host: HostId, connection: AgentConnection): () => void
}

/** More than an agent that comes again has after a cut, whose connections of before are not known to be dead yet. */
const MOST_WAITING = 4

const TOO_MANY: Bye = { code: 'TakenOver', message: 'newer connections of this host came before it had reported' }

export function openWaitingStreams(): WaitingStreams {
  const waiting = new Map<HostId, Set<AgentConnection>>()
  const leave = (host: HostId, connection: AgentConnection): void => {
    const others = waiting.get(host)
    others?.delete(connection)
    if (others?.size === 0) waiting.delete(host)
  }
  return {
    enter: (host, connection) => {
      const all = waiting.get(host) ?? new Set()
      waiting.set(host, all.add(connection))
      const [oldest] = all
      if (all.size > MOST_WAITING && oldest !== undefined) {
        leave(host, oldest)
        oldest.close(TOO_MANY)
      }
      return () => leave(host, connection)
    },
  }
}
