/**
 * Where agents come to: TLS 1.3 by the installation's own authority. Without a certificate nothing can be done here but to
 * enrol; with one, only what concerns the host that it names, and only while the certificate is in force.
 */
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { AgentPresence } from '../../app/hosts/agent-presence.ts'
import type { App } from '../../app/app.ts'
import type { EnrolDeps } from '../../app/hosts/enrol-host.ts'
import type { Timer } from '../../app/convergence/reconciler.ts'
import { revokeClone } from '../../app/hosts/revoke-host.ts'
import { AGENT_PATHS } from '../../contract/agent.ts'
import { refusal } from '../../domain/refusal.ts'
import { SECOND, type Millis } from '../../domain/time.ts'
import { ARRIVAL_TIME } from '../http/limits.ts'
import { answerCall, LARGEST_REPORT, type CallDeps } from './agent-calls.ts'
import { answerRefusal, firstReason, refuseUpgrade } from './agent-http.ts'
import { AgentHub } from './agent-hub.ts'
import { openPolls } from './agent-poll.ts'
import { beginSession, type SessionDeps } from './agent-session.ts'
import { carryStream, streamConnection } from './agent-stream.ts'
import { addressOf, identifyAgent } from './identify-agent.ts'
import { createTurnedAway } from './turned-away.ts'
import { openWaitingStreams } from './waiting-streams.ts'
import { watchTrust } from './watch-trust.ts'

export interface AgentListenerDeps extends EnrolDeps, Pick<App, 'owner' | 'log'> {
  readonly timer: Timer
  readonly chance: () => number
  /** Told when hosts are others than before, here or at another replica. */
  readonly onHosts: () => void
  /** PEM: the listener's own, and who signs the agents that are let in. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string }
}

export interface AgentListener {
  readonly hub: AgentHub
  /** Since the start. */
  readonly counts: Readonly<Record<'enrolled' | 'refused', number>>
  listen(at: { readonly host: string; readonly port: number }): Promise<AddressInfo>
  /** Those who come from now on see this one. */
  renewTls(tls: AgentListenerDeps['tls']): void
  /** Says goodbye to every agent, which comes back at a time of its own. */
  stop(): Promise<void>
}

/** As many may wait to be let in: after a restart all come at once. */
const BACKLOG = 4_096
/** How many agents a second come back after a planned stop. */
const COMING_BACK = 500

export function createAgentListener(deps: AgentListenerDeps): AgentListener {
  const hub = new AgentHub()
  const presence = presenceOf(deps, hub)
  const counts = { enrolled: 0, refused: 0 }
  const sessions = { ...deps, hub, presence, waiting: openWaitingStreams(), onClone: clonesRevoked(deps) }
  const polls = openPolls(sessions)
  const turnedAway = createTurnedAway(deps, () => (counts.refused += 1))
  const calls = { ...deps, polls, turnedAway, onEnrolled: enrolledCounter(deps, counts) }
  const server = listenerOf(deps, calls, sessions)
  const trust = watchTrust(deps, hub)
  return {
    hub,
    counts,
    listen: async ({ host, port }) => {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen({ host, port, backlog: BACKLOG }, () => resolve())
      })
      presence.start()
      trust.start()
      return server.address() as AddressInfo // it listens on TCP
    },
    renewTls: (tls) => server.setSecureContext(tls),
    stop: async () => {
      await trust.stop()
      sayGoodbye(hub, deps.chance)
      polls.stop()
      await Promise.all([closed(server), presence.stop()])
    },
  }
}

function enrolledCounter({ onHosts }: AgentListenerDeps, counts: { enrolled: number }): () => void {
  return () => {
    counts.enrolled += 1
    onHosts()
  }
}

function presenceOf(deps: AgentListenerDeps, hub: AgentHub): AgentPresence {
  const onLost = (host: Parameters<AgentHub['cut']>[0]): void =>
    hub.cut(host, 'TakenOver', 'the agent came to another server')
  const presence = new AgentPresence({ ...deps, onLost, heardAt: (host) => hub.heardAt(host) })
  hub.onChange(({ host, kind, heardAt }) => {
    if (kind === 'went') presence.left(host, heardAt)
  })
  return presence
}

function clonesRevoked(deps: AgentListenerDeps): SessionDeps['onClone'] {
  return (clone) => {
    deps.log.error({ ...clone }, 'two machines use the key of one host: enrol the right one anew')
    revokeClone(deps, clone).catch((cause: unknown) =>
      deps.log.error({ cause, ...clone }, 'a host whose key was cloned could not be revoked: revoke it by hand'),
    )
  }
}

function listenerOf({ tls, log }: AgentListenerDeps, calls: CallDeps, sessions: SessionDeps): Server {
  const server = createServer({
    ...tls,
    minVersion: 'TLSv1.3',
    requestCert: true,
    // Those without one may enrol; whoever wants more is asked for it.
    rejectUnauthorized: false,
    handshakeTimeout: ARRIVAL_TIME,
    requestTimeout: ARRIVAL_TIME,
  })
  server.on('request', (request, response) => {
    answerCall(calls, request, response).catch((cause: unknown) => {
      // Whoever hung up waits for nothing, and calls for nobody.
      if (request.destroyed && !request.complete) return
      log.error({ cause, path: request.url }, 'a call of an agent failed')
      answerRefusal(response, refusal('InternalServerError', 'the server failed; the reason is in its log'))
    })
  })
  const letIn = streamsOf(calls, sessions)
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    letIn(request, socket, head).catch((cause: unknown) => {
      log.error({ cause }, 'an agent could not be let in')
      socket.destroy()
    })
  })
  return server
}

type LetIn = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>

function streamsOf(calls: CallDeps, sessions: SessionDeps): LetIn {
  const streams = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: LARGEST_REPORT,
    clientTracking: false,
  })
  return async (request, socket, head) => {
    if (request.url !== AGENT_PATHS.stream)
      return refuseUpgrade(socket, refusal('PathNotFound', `agents stream at ${AGENT_PATHS.stream}`))
    const caller = await identifyAgent(calls, request)
    if (!caller.ok) {
      const why = firstReason(caller.refusals)
      await calls.turnedAway.atTheDoor(addressOf(request), why)
      return refuseUpgrade(socket, why)
    }
    streams.handleUpgrade(request, socket, head, (stream) => {
      const connection = streamConnection(stream, { ...caller.value, clock: sessions.clock })
      carryStream(stream, beginSession(sessions, caller.value.host, connection), connection)
    })
  }
}

function sayGoodbye(hub: AgentHub, chance: () => number): void {
  const spread: Millis = Math.max(1, hub.size / COMING_BACK) * SECOND
  for (const [host] of hub.connected())
    hub.dismiss(host, {
      code: 'ServerStops',
      message: 'the server stops; come back in a moment',
      retryAfter: Math.round(spread * chance()),
    })
}

/** What is still open after the goodbyes is cut. */
async function closed(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), SECOND)
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(timer)
}
