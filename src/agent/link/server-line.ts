/** Calls to the server's listener for agents, which only the agent makes; each is over when its time is, answered or not. */
import { createHash, X509Certificate } from 'node:crypto'
import { request, type Agent } from 'node:https'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { z } from 'zod'
import { SECOND, type Millis } from '../../domain/time.ts'
import { createLineAgent } from './line-agent.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface LineOptions {
  /** `https://sallyport.example:8472`. */
  readonly server: string
  /** PEM of the authority that must have signed the server. */
  readonly authority: string
  /** PEM; without them this is nobody yet. */
  readonly certificate?: string
  readonly key?: string
  /** Names the proxy, in the variables that every program knows. */
  readonly env: Environment
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface ServerLine {
  readonly agent: Agent
  readonly server: string
  call(call: Call): Promise<Answer>
  close(): void
}

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly signal?: AbortSignal
  readonly within?: Millis
}

const DEADLINE: Millis = 15 * SECOND
/** A document of 100,000 holes is 20 MB. */
const LONGEST_ANSWER = 64 * 1024 * 1024

export function openServerLine({ server, authority, certificate, key, env }: LineOptions): ServerLine {
  const agent = createLineAgent(env, {
    ca: authority,
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
  })
  return {
    agent,
    server,
    call: (call) => callServer(agent, server, call),
    close: () => agent.destroy(),
  }
}

function callServer(
  agent: Agent,
  server: string,
  { method, path, body, signal, within = DEADLINE }: Call,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const timeout = AbortSignal.timeout(within)
  const over = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown): void => reject(unreachable(server, cause))
    // A request that has no socket yet, as behind a proxy that leads to nobody, says nothing of its end.
    const late = (): void => failed(timeout.aborted ? noAnswer(within) : over.reason)
    over.addEventListener('abort', late, { once: true })
    const asked = request(
      new URL(path, server),
      {
        agent,
        method,
        signal: over,
        headers:
          text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      },
      (response) => {
        const chunks: Buffer[] = []
        let length = 0
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          length += chunk.length
          if (length > LONGEST_ANSWER) response.destroy(new Error('the answer is longer than any document'))
        })
        response.once('error', reject)
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) }),
        )
      },
    )
    asked.once('error', failed)
    asked.end(text)
  })
}

export function unreachable(server: string, cause: unknown): Error {
  return new Error(`${server} cannot be reached`, { cause })
}

export function noAnswer(within: Millis): Error {
  return new Error(`no answer within ${within / SECOND} s`)
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return text
  }
}

const refusalBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** What the server refused, in its own words. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  readonly code: string
  constructor({ status, body }: Answer) {
    const told = refusalBody.safeParse(body).data?.error
    super(told?.message ?? `the server answered ${status}`)
    this.status = status
    this.code = told?.code ?? ''
  }
}

/** What came, when it is a success of this form; throws {@link Refused} otherwise. */
export function answerOf<T>(answer: Answer, schema: z.ZodType<T>): T {
  if (answer.status < 200 || answer.status > 299) throw new Refused(answer)
  return schema.parse(answer.body)
}

/**
 * The authority's certificate with that fingerprint, from the chain that the server shows. Nothing is said to the server
 * until it was found: a stranger in between has another authority.
 */
export async function authorityOf(server: string, fingerprint: string, env: Environment): Promise<string> {
  const wanted = fingerprint
    .replace(/^sha256:/i, '')
    .replaceAll(':', '')
    .toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(wanted))
    throw new Error(`'${fingerprint}' is no fingerprint; expected sha256: and 64 hexadecimal digits`)
  const chain = await shownChain(server, env)
  const found = chain.find((certificate) => createHash('sha256').update(certificate.raw).digest('hex') === wanted)
  if (found !== undefined) return found.toString()
  throw new Error(
    `${server} is not the server that this host was told to trust: none of its certificates has the fingerprint sha256:${wanted}. Is the address right, and does nobody stand in between?`,
  )
}

function shownChain(server: string, env: Environment): Promise<X509Certificate[]> {
  const agent = createLineAgent(env, { keepAlive: false, rejectUnauthorized: false })
  let deadline: NodeJS.Timeout | undefined
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown): void => reject(unreachable(server, cause))
    deadline = setTimeout(() => failed(noAnswer(DEADLINE)), DEADLINE)
    const asked = request(new URL('/', server), { agent, method: 'HEAD' })
    asked.once('socket', (socket) => {
      // The agent makes sockets of TLS; through a proxy it hands them over once they are secure.
      const secure = socket as TLSSocket
      const look = (): void => {
        resolve(certificatesFrom(secure.getPeerCertificate(true)))
        asked.destroy()
      }
      if (secure.getPeerCertificate().raw === undefined) secure.once('secureConnect', look)
      else look()
    })
    asked.once('error', failed)
    asked.end()
  }).finally(() => {
    clearTimeout(deadline)
    agent.destroy()
  }) as Promise<X509Certificate[]> // finally keeps what it is of
}

function certificatesFrom(leaf: DetailedPeerCertificate): X509Certificate[] {
  const found = new Map<string, X509Certificate>()
  for (let one: DetailedPeerCertificate | undefined = leaf; one?.raw !== undefined; one = one.issuerCertificate) {
    const certificate = new X509Certificate(one.raw)
    if (found.has(certificate.fingerprint256)) break // the authority is its own issuer
    found.set(certificate.fingerprint256, certificate)
  }
  return [...found.values()]
}
