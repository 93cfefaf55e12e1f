/**
 * Talks HTTP to the server: one question, one answer or a {@link Failure} that says what to do. Never follows a redirect
 * or a nextLink to another origin, because the token would go along.
 */
import type { ArmError } from '../../contract/arm-error.ts'
import { HOUR, type Millis } from '../../domain/time.ts'
import { EXIT } from '../exit-codes.ts'
import { failureOf } from './answer-failure.ts'
import { certificateFailure } from './certificate-failure.ts'
import { asPage, type Reader } from './answers.ts'
import { Done, Failure } from '../failure.ts'
import type { ServerAccess } from './find-server.ts'
import { httpCall, type Outgoing, type Reply } from './http-call.ts'
import { networkReason } from './network-reason.ts'

export const ARM_VERSION = '2020-01-01'

/** Long enough for a server that waits for slow enforcement points. */
const PATIENCE: Millis = 60_000
const LONGEST_DOWNLOAD: Millis = 24 * HOUR

export interface Call {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Begins with a slash. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** How long an answer may take, where it is not the usual time. */
  readonly patience?: Millis
}

export interface Answer {
  readonly headers: Reply['headers']
  /** Undefined when the answer is empty. */
  readonly body: unknown
}

/** Sends one call. {@link httpCall} does it; others tell of it, or print it instead. */
export type Transport = (url: string, outgoing: Outgoing) => Promise<Reply>

export type Reached = Pick<ServerAccess, 'url' | 'bearer' | 'certName'>

export interface Client {
  readonly url: string
  call(call: Call): Promise<Answer>
  /** The answer as it arrives, for as long as it takes. */
  stream(call: Call): Promise<AsyncIterable<Uint8Array>>
  /** The items of a list, over as many pages as it takes to have `most`, and whether there are more. */
  list<T>(call: Call, most: number, as: Reader<T>): Promise<{ items: T[]; more: boolean }>
}

export function clientOf(access: Reached, transport: Transport = httpCall): Client {
  const call = async (asked: Call): Promise<Answer> => {
    const url = `${access.url}${encodeURI(asked.path)}${queryText(asked.query)}`
    return answerOf(await send({ access, transport }, url, asked), access.url)
  }
  return {
    url: access.url,
    call,
    async stream(asked) {
      const url = `${access.url}${encodeURI(asked.path)}${queryText(asked.query)}`
      const response = await send({ access, transport }, url, {
        ...asked,
        headers: { accept: '*/*', ...asked.headers },
        patience: LONGEST_DOWNLOAD,
      })
      if (!response.ok) {
        await answerOf(response, access.url)
        throw notSallyport(response, access.url)
      }
      return arriving(response, access.url)
    },
    async list(asked, most, as) {
      const items: unknown[] = []
      let page = asPage((await call(asked)).body)
      for (;;) {
        items.push(...page.value)
        if (page.nextLink === undefined || items.length >= most) break
        const next = sameServer(page.nextLink, access.url)
        page = asPage(
          (await answerOf(await send({ access, transport }, next, { ...signalOf(asked) }), access.url)).body,
        )
      }
      const more = page.nextLink !== undefined || items.length > most
      return { items: items.slice(0, most).map((item) => as(item)), more }
    },
  }
}

/** The same, but that Ctrl-C ends every call. */
export function heeding(client: Client, signal: AbortSignal): Client {
  return {
    url: client.url,
    call: (asked) => client.call({ signal, ...asked }),
    stream: (asked) => client.stream({ signal, ...asked }),
    list: (asked, most, as) => client.list({ signal, ...asked }, most, as),
  }
}

function signalOf({ signal }: Call): Pick<Call, 'signal'> {
  return signal === undefined ? {} : { signal }
}

/** A server that dies in the middle of an answer is told as one that does not answer. */
async function* arriving(response: Reply, server: string): AsyncGenerator<Uint8Array> {
  try {
    yield* response.body
  } catch (cause) {
    throw noAnswer(server, cause)
  }
}

function queryText(query: Call['query']): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) given.set(name, value)
  return given.size === 0 ? '' : `?${given.toString()}`
}

interface Wire {
  readonly access: Reached
  readonly transport: Transport
}

async function send(
  { access, transport }: Wire,
  url: string,
  { method = 'GET', body, headers, signal, patience = PATIENCE }: Omit<Call, 'path'>,
): Promise<Reply> {
  const token = await access.bearer?.()
  try {
    return await transport(url, {
      method,
      signal: AbortSignal.any([AbortSignal.timeout(patience), ...(signal === undefined ? [] : [signal])]),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(access.certName === undefined ? {} : { certName: access.certName }),
    })
  } catch (cause) {
    if (cause instanceof Done) throw cause
    if (signal?.aborted === true) throw interrupted(method, cause)
    throw certificateFailure(access.url, cause) ?? noAnswer(access.url, cause)
  }
}

function interrupted(method: string, cause: unknown): Failure {
  const message = method === 'GET' ? 'interrupted' : 'interrupted before the server answered; it may have been done'
  return new Failure(EXIT.interrupted, message, { cause })
}

function noAnswer(server: string, cause: unknown): Failure {
  const why =
    cause instanceof Error && cause.name === 'TimeoutError'
      ? `no answer within ${PATIENCE / 1000} s`
      : networkReason(cause)
  return new Failure(EXIT.server, `the server ${server} does not answer (${why})`, {
    remedy: 'is it running there (sallyport server)? Another one: --server URL. What is wrong here: sallyport doctor',
    cause,
  })
}

async function answerOf(response: Reply, server: string): Promise<Answer> {
  const text = await response.text().catch((cause: unknown) => {
    throw noAnswer(server, cause)
  })
  const body = text === '' ? undefined : parseJson(text)
  if (response.ok && (text === '' || body !== undefined)) return { headers: response.headers, body }
  const error = isArmError(body) ? body.error : undefined
  if (!response.ok && error !== undefined) throw failureOf(response.status, error)
  throw notSallyport(response, server)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isArmError(body: unknown): body is ArmError {
  const error: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'error') : undefined
  return typeof error === 'object' && error !== null && typeof Reflect.get(error, 'message') === 'string'
}

function notSallyport(response: Reply, server: string): Failure {
  const location = response.headers.get('location')
  if (response.status >= 300 && response.status < 400 && location !== null) {
    return new Failure(EXIT.server, `${server} sends on to another address`, { remedy: `--server with ${location}` })
  }
  const type = response.headers.get('content-type') ?? 'no content type'
  const message = `${server} does not answer like Sallyport (status ${response.status}, ${type})`
  return new Failure(EXIT.server, message, { remedy: 'check --server, and any proxy in between' })
}

function sameServer(link: string, server: string): string {
  const next = new URL(link, `${server}/`)
  if (next.origin === new URL(server).origin) return next.href
  throw new Failure(
    EXIT.server,
    `${server} continues its list on another server (${next.origin}), which is not trusted`,
  )
}
