/** The link of choice: a WebSocket, over which a change arrives as soon as it was made. */
import { WebSocket, type RawData } from 'ws'
import { AGENT_PATHS, toAgent, type FromAgent, type HostReport } from '../../contract/agent.ts'
import { SECOND, type Millis } from '../../domain/time.ts'
import { newerReport, type OpenLink } from './link.ts'
import { noAnswer, Refused, unreachable, type ServerLine } from './server-line.ts'

const HANDSHAKE: Millis = 15 * SECOND
/** The server pings every 20 s. */
const SILENCE: Millis = 45 * SECOND
const LONGEST_MESSAGE = 64 * 1024 * 1024

/** The server is there and speaks no WebSocket to us: something in between does not let it through. */
export class NoStream extends Error {
  override readonly name = 'NoStream'
}

export function streamLink({ agent, server }: Pick<ServerLine, 'agent' | 'server'>): OpenLink {
  return (events, signal) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(new URL(AGENT_PATHS.stream, server.replace(/^http/, 'ws')), {
        agent,
        maxPayload: LONGEST_MESSAGE,
        perMessageDeflate: false,
      })
      let wasOpen = false
      let failure: Error | undefined
      const end = (why: Error): void => {
        failure = why
        socket.terminate()
      }
      const broke = (cause: unknown): void => {
        failure ??= new Error(`the connection to ${server} broke`, { cause })
      }
      // What ws offers for it knows nothing of a socket that a proxy has not handed over yet.
      const opening = setTimeout(() => end(unreachable(server, noAnswer(HANDSHAKE))), HANDSHAKE)
      const silence = setTimeout(
        () => end(new Error(`nothing was heard from ${server} for ${SILENCE / SECOND} s`)),
        SILENCE,
      )
      const stop = (): void => socket.terminate()
      signal.addEventListener('abort', stop, { once: true })
      socket.on('ping', () => silence.refresh())
      // That the network broke, ws says to nobody once the stream is open.
      socket.once('upgrade', (response) => response.socket.once('error', broke))
      socket.on('open', () => {
        wasOpen = true
        clearTimeout(opening)
        events.onOpen({ send: newestOnly(socket), close: () => socket.close() })
      })
      socket.on('message', (data) => {
        silence.refresh()
        // What cannot be read is of another version of the wire: the server says so when it ends the connection.
        const read = toAgent.safeParse(parsed(textOf(data)))
        if (read.success) events.onMessage(read.data)
      })
      socket.on('unexpected-response', (asked, response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('end', () => {
          const status = response.statusCode ?? 0
          const refused = new Refused({ status, body: parsed(Buffer.concat(chunks).toString()) })
          failure = refused.code === '' ? new NoStream(`${server} answered ${status} instead of a stream`) : refused
          asked.destroy()
          socket.terminate()
        })
      })
      socket.on('error', (cause) => {
        if (wasOpen) broke(cause)
        else failure ??= unreachable(server, cause)
      })
      socket.on('close', () => {
        clearTimeout(opening)
        clearTimeout(silence)
        signal.removeEventListener('abort', stop)
        if (failure !== undefined) reject(failure)
        else if (wasOpen) resolve()
        else reject(new Error(`${server} ended the connection before it was open`))
      })
    })
}

/** While the network is slow, reports do not pile up. */
function newestOnly(socket: WebSocket): (message: FromAgent) => void {
  let waiting: HostReport | undefined
  let isSending = false
  const report = (): void => {
    if (isSending || waiting === undefined || socket.readyState !== WebSocket.OPEN) return
    const text = JSON.stringify({ type: 'report', report: waiting } satisfies FromAgent)
    waiting = undefined
    isSending = true
    socket.send(text, () => {
      isSending = false
      report()
    })
  }
  return (message) => {
    if (message.type === 'report') {
      waiting = newerReport(waiting, message.report)
      report()
    } else if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }
}

function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
