/**
 * An agent without a kernel: it speaks the wire as a real one does, over real TLS, and says that it carries whatever it is
 * told. Thousands of them fit into one process.
 */
import { Agent, request } from 'node:https'
import { WebSocket } from 'ws'
import {
  AGENT_PATHS,
  AGENT_SERVER_NAME,
  AGENT_WIRE,
  toAgent,
  type EnrollAnswer,
  type FromAgent,
  type HostDocument,
  type HostFacts,
  type HostReport,
  type ToAgent,
} from '../../src/contract/agent.ts'
import { newKeyWithRequest } from '../../src/agent/csr.ts'
import type { Reply } from './reply.ts'

export interface Credentials {
  /** `https://127.0.0.1:8471` */
  readonly server: string
  readonly authority: string
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

export type Enrolled = { readonly [K in keyof Credentials]-?: string }

export function factsOf(hostname: string, bootId = 'boot-1'): HostFacts {
  return {
    agentVersion: '0.1.0',
    hostname,
    system: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.1.0',
    architecture: 'x64',
    addresses: ['10.0.0.4'],
    bootId,
    startedAt: 0,
    unsupported: [],
  }
}

/** By the name that every listener has. */
function agentFor({ authority, certificate, key }: Omit<Credentials, 'server'>): Agent {
  const own = certificate === undefined || key === undefined ? {} : { cert: certificate, key }
  return new Agent({ ca: authority, servername: AGENT_SERVER_NAME, maxCachedSessions: 0, ...own })
}

export function callAgentDoor(
  { server, authority, certificate, key }: Credentials,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<Reply> {
  const agent = agentFor({ authority, certificate, key })
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    const options = { agent, method, headers: { 'content-length': Buffer.byteLength(text) } }
    const asked = request(new URL(path, server), options, (response) => {
      let answer = ''
      response.on('data', (part: Buffer) => (answer += part.toString()))
      response.once('end', () => {
        agent.destroy()
        resolve({ status: response.statusCode ?? 0, body: answer === '' ? undefined : JSON.parse(answer) })
      })
    })
    asked.once('error', reject)
    asked.end(text)
  })
}

/** Enrols as an agent would; what came back, whatever it is. */
export async function tryToEnrol(
  door: Credentials,
  token: string,
  { csr, hostname = 'web1' }: { readonly csr?: string; readonly hostname?: string } = {},
): Promise<Reply & { readonly key: string }> {
  const own = newKeyWithRequest()
  const body = { wire: AGENT_WIRE, token, csr: csr ?? own.csr, facts: factsOf(hostname) }
  return { ...(await callAgentDoor(door, { method: 'POST', path: AGENT_PATHS.enroll, body })), key: own.key }
}

export async function enrolled(door: Credentials, token: string, hostname = 'web1'): Promise<Enrolled> {
  const { status, body, key } = await tryToEnrol(door, token, { hostname })
  if (status !== 200) throw new Error(`enrolment was answered ${status}: ${JSON.stringify(body)}`)
  const { certificate, authority } = body as EnrollAnswer // what 200 promises
  return { server: door.server, authority, certificate, key }
}

export interface SimulatedOptions {
  readonly sequence?: number
  readonly bootId?: string
  readonly facts?: HostFacts
  /** Says nothing until it is told to. */
  readonly isSilent?: boolean
  /** Who is connected to it, whenever somebody asks. */
  readonly flows?: HostReport['flows']
  /** That it has from before. */
  readonly document?: HostDocument | undefined
  /** Told of each document, after it was taken. */
  readonly onDocument?: (document: HostDocument) => void
  readonly onBye?: (bye: Extract<ToAgent, { type: 'bye' }>) => void
  readonly onClose?: () => void
}

export interface SimulatedAgent {
  readonly sequence: () => number
  readonly document: () => HostDocument | undefined
  readonly bye: () => Extract<ToAgent, { type: 'bye' }> | undefined
  readonly isOpen: () => boolean
  report(more?: Partial<HostReport>): void
  send(message: FromAgent): void
  /** Whatever it is. */
  sendText(text: string): void
  close(): Promise<void>
  /** Reads nothing more, until it thaws. */
  freeze(): void
  thaw(): void
}

/** Rejects with what the server answered instead of a stream. */
export function connectAgent(credentials: Credentials, options: SimulatedOptions = {}): Promise<SimulatedAgent> {
  const { server, authority, certificate, key } = credentials
  const { bootId = 'boot-1', facts } = options
  let sequence = options.sequence ?? 0
  let { document } = options
  let bye: Extract<ToAgent, { type: 'bye' }> | undefined
  const socket = new WebSocket(new URL(AGENT_PATHS.stream, server.replace(/^http/, 'ws')), {
    agent: agentFor({ authority, certificate, key }),
    perMessageDeflate: false,
  })
  const send = (message: FromAgent): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
  }
  const report = (more: Partial<HostReport> = {}): void => {
    sequence += 1
    send({ type: 'report', report: { sequence, bootId, state: stateOf(document), ...more } })
  }
  socket.on('message', (data: Buffer) => {
    const message = toAgent.parse(JSON.parse(data.toString()))
    if (message.type === 'document') {
      document = message.document
      report()
      options.onDocument?.(message.document)
    } else if (message.type === 'look') report(options.flows === undefined ? {} : { flows: options.flows })
    else if (message.type === 'logs')
      send({ type: 'logs', id: message.id, lines: [{ at: 1, level: 'info', text: 'hi' }] })
    else if (message.type === 'bye') {
      bye = message
      options.onBye?.(message)
    }
  })
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_asked, response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.once('end', () => reject(new Error(text)))
    })
    socket.on('error', reject)
    socket.once('close', () => options.onClose?.())
    socket.once('open', () => {
      if (options.isSilent !== true) report(facts === undefined ? {} : { facts })
      resolve({
        sequence: () => sequence,
        document: () => document,
        bye: () => bye,
        isOpen: () => socket.readyState === socket.OPEN,
        report,
        send,
        sendText: (text) => socket.send(text),
        close: () =>
          new Promise((done) => {
            if (socket.readyState === socket.CLOSED) return done()
            socket.once('close', () => done())
            socket.close()
          }),
        freeze: () => socket.pause(),
        thaw: () => socket.resume(),
      })
    })
  })
}

function stateOf(document: HostDocument | undefined): HostReport['state'] {
  const { version = '', shields = [], holes = [] } = document ?? {}
  return { version, shields, held: holes, lingering: [], impossible: [], left: [] }
}
