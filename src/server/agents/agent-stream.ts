/**
 * An agent's connection by a WebSocket. While the network is slow nothing piles up: of documents only the newest waits. What
 * does not answer for 45 s is gone.
 */
import type { RawData, WebSocket } from 'ws'
import { fromAgent, type ToAgent } from '../../contract/agent.ts'
import type { Clock } from '../../app/ports/clock.ts'
import { SECOND, type Millis } from '../../domain/time.ts'
import type { AgentConnection, Bye } from './agent-hub.ts'
import { agentJson } from './agent-json.ts'
import type { AgentSession } from './agent-session.ts'

const PING_EVERY: Millis = 20 * SECOND
const SILENCE: Millis = 45 * SECOND
/** How long a live agent may take to answer a ping. */
const PROMPT: Millis = 3 * SECOND
const GOING_AWAY = 1001
const BAD_MESSAGE = 1007

export interface StreamConnection extends AgentConnection {
  /** Something came over it just now. */
  heard(): void
}

interface Stream extends Pick<AgentConnection, 'fingerprint' | 'address' | 'endsAt'> {
  readonly clock: Clock
}

export function streamConnection(socket: WebSocket, { fingerprint, address, endsAt, clock }: Stream): StreamConnection {
  const send = newestDocumentOnly(socket)
  let heardAt = clock.now()
  return {
    heard: () => {
      heardAt = clock.now()
    },
    heardAt: () => heardAt,
    fingerprint,
    address,
    endsAt,
    send,
    close: (bye: Bye) => {
      send({ type: 'bye', ...bye })
      socket.close(GOING_AWAY, bye.code)
      // Who does not answer would keep it for half a minute.
      setTimeout(() => socket.terminate(), PROMPT).unref()
    },
    isAlive: () => answersPing(socket),
  }
}

function newestDocumentOnly(socket: WebSocket): (message: ToAgent) => void {
  let waiting: ToAgent | undefined
  let isSending = false
  const document = (): void => {
    if (isSending || waiting === undefined || socket.readyState !== socket.OPEN) return
    const text = JSON.stringify(waiting)
    waiting = undefined
    isSending = true
    socket.send(text, () => {
      isSending = false
      document()
    })
  }
  return (message) => {
    if (message.type !== 'document') {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
      return
    }
    waiting = message
    document()
  }
}

function answersPing(socket: WebSocket): Promise<boolean> {
  return new Promise((resolve) => {
    const answered = (): void => settle(true)
    const timer = setTimeout(() => settle(false), PROMPT)
    const settle = (isAlive: boolean): void => {
      clearTimeout(timer)
      socket.off('pong', answered).off('close', closed)
      resolve(isAlive)
    }
    const closed = (): void => settle(false)
    if (socket.readyState !== socket.OPEN) return settle(false)
    socket.once('pong', answered).once('close', closed)
    socket.ping()
  })
}

/** That the network fails between, nobody at the other end says. */
const NETWORK_FAILS = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EPIPE'])

/** Hands the session whatever comes, until the connection ends. */
export function carryStream(socket: WebSocket, session: AgentSession, connection: StreamConnection): void {
  let heardAt = performance.now()
  let isLost = false
  const pinging = setInterval(() => {
    isLost = performance.now() - heardAt > SILENCE
    if (isLost) socket.terminate()
    else socket.ping()
  }, PING_EVERY)
  const heard = (): void => {
    heardAt = performance.now()
    connection.heard()
  }
  socket.on('pong', heard)
  socket.on('message', (data) => {
    heard()
    const read = fromAgent.safeParse(valueOf(data))
    if (read.success) session.heard(read.data)
    else socket.close(BAD_MESSAGE, 'what came is no message of this wire')
  })
  socket.on('error', (error) => {
    isLost ||= 'code' in error && NETWORK_FAILS.has(String(error.code))
    socket.terminate()
  })
  socket.once('close', () => {
    clearInterval(pinging)
    // Also that it is over was said by the other end, unless nothing came from there.
    if (!isLost) heard()
    session.ended()
  })
}

/** One Buffer, for that is the binary type. */
function valueOf(data: RawData): unknown {
  return Buffer.isBuffer(data) ? agentJson(data) : undefined
}
