/**
 * The agents that are connected to other replicas, for what anybody may ask: who is connected there, whether the asker is,
 * the log. What is asked of an agent's own replica is answered here; who serves a host's point stays that replica alone.
 */
import type { Peers } from '../../app/ports/store.ts'
import type { AgentLook, AgentLogLine, PreflightAsked } from '../../app/ports/hosts.ts'
import type { HostReport } from '../../contract/agent.ts'
import type { HostId } from '../../domain/hosts/host.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Millis } from '../../domain/time.ts'
import type { HostLinks } from './open-hosts.ts'

type PeerQuestion =
  | { readonly kind: 'flows' }
  | { readonly kind: 'preflight'; readonly asked: PreflightAsked }
  | { readonly kind: 'logs'; readonly lines: number }

/** A moment less than whoever asks waits: of a host that does not answer its own replica tells, and is not thought silent itself. */
const ANSWER_WITHIN: Readonly<Record<PeerQuestion['kind'], Millis>> = { flows: 4_000, preflight: 2_000, logs: 8_000 }
/** For how long nobody is asked anew after nobody answered: a replica that has just died had perhaps a thousand agents. */
const SILENCE: Millis = 2_000

export function withPeers(links: HostLinks, peers: Peers | undefined): HostLinks {
  if (peers === undefined) return links
  const isHere = (host: HostId): boolean => links.reportOf(host) !== undefined
  peers.answer((about, question) => {
    const host = about as HostId // as it is asked below
    return isHere(host) ? answered(links, host, JSON.parse(question) as PeerQuestion) : undefined
  })
  let silentAt = Number.NEGATIVE_INFINITY
  const elsewhere = async (host: HostId, question: PeerQuestion, signal: AbortSignal): Promise<unknown> => {
    if (performance.now() - silentAt < SILENCE) throw new Error('no other server answered a moment ago')
    try {
      return JSON.parse(await peers.ask(host, JSON.stringify(question), signal))
    } catch (error) {
      if (signal.aborted) silentAt = performance.now()
      throw error
    }
  }
  return {
    reportOf: (host) => links.reportOf(host),
    offer: (...asked) => links.offer(...asked),
    plan: (...asked) => links.plan(...asked),
    onChange: (listener) => links.onChange(listener),
    cut: (...asked) => links.cut(...asked),
    look: async (host, look, signal) =>
      isHere(host) || !isAboutFlows(look)
        ? links.look(host, look, signal)
        : ((await elsewhere(host, { kind: 'flows' }, signal)) as HostReport), // as `answered` has it
    preflight: async (host, asked, signal) =>
      isHere(host)
        ? links.preflight(host, asked, signal)
        : ((await elsewhere(host, { kind: 'preflight', asked }, signal)) as readonly Refusal[]), // as above
    logs: async (host, lines, signal) =>
      isHere(host)
        ? links.logs(host, lines, signal)
        : ((await elsewhere(host, { kind: 'logs', lines }, signal)) as readonly AgentLogLine[]), // as above
  }
}

/** Of a pass nothing may be answered by another: it judges by what its own replica was told. */
function isAboutFlows({ scope, flows }: AgentLook): boolean {
  return flows && scope !== 'all' && scope.size === 0
}

async function answered(links: HostLinks, host: HostId, question: PeerQuestion): Promise<string> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN[question.kind] ?? 0)
  switch (question.kind) {
    case 'flows':
      return JSON.stringify(await flowsAlone(links, host, signal))
    case 'preflight':
      return JSON.stringify(await links.preflight(host, question.asked, signal))
    case 'logs':
      return JSON.stringify(await links.logs(host, question.lines, signal))
    default:
      throw new Error('the server that its agent is connected to is of another version')
  }
}

/** Without what the host carries, of which there may be much. */
async function flowsAlone(links: HostLinks, host: HostId, signal: AbortSignal): Promise<HostReport> {
  const { sequence, bootId, flows } = await links.look(host, { scope: new Set(), flows: true }, signal)
  const state = { version: '', shields: [], held: [], lingering: [], impossible: [], left: [] }
  return { sequence, bootId, state, ...(flows !== undefined && { flows }) }
}
