/**
 * One call to the server, as the person whose cookie the browser sends. Answers are typed by the contract; a failure is
 * an {@link ApiError} with every refusal and its place, never a bare status.
 */
import type { ArmError as ErrorBody } from '../../contract/arm-error.ts'
import { isInUse } from './in-use.ts'

export interface Asked {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  /** The version of what is changed, as it was last seen. */
  readonly etag?: string
  /** It must not exist yet. */
  readonly isNew?: boolean
  readonly signal?: AbortSignal
}

export type FailureKind = 'offline' | 'signed-out' | 'refused' | 'missing' | 'conflict' | 'failed'

export type Refused = NonNullable<ErrorBody['error']['details']>[number]

export class ApiError extends Error {
  readonly kind: FailureKind
  readonly code: string
  readonly target: string | undefined
  readonly facts: Refused['facts']
  readonly details: readonly Refused[]

  constructor(kind: FailureKind, { code, message, target, facts, details }: ErrorBody['error']) {
    super(message)
    this.kind = kind
    this.code = code
    this.target = target
    this.facts = facts
    this.details = details ?? []
  }
}

let csrfToken: string | undefined

/** The token that proves to the server that a change comes from our own pages; comes with the session. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token
}

export interface Answer<T> {
  readonly body: T
  readonly etag: string | undefined
  /** Where to ask what becomes of it. */
  readonly location: string | undefined
}

export async function call<T>(path: string, asked: Asked = {}): Promise<T> {
  return (await callWhole<T>(path, asked)).body
}

export async function callWhole<T>(path: string, asked: Asked = {}): Promise<Answer<T>> {
  const response = await send(path, asked)
  const text = await response.text()
  const body: unknown = text === '' ? undefined : parsed(text)
  if (!response.ok) throw errorOf(response.status, body)
  const { headers } = response
  return {
    body: body as T, // the contract's word for this path
    etag: headers.get('etag') ?? undefined,
    location: headers.get('location') ?? undefined,
  }
}

async function send(path: string, { method = 'GET', query, body, etag, isNew, signal }: Asked): Promise<Response> {
  try {
    return await fetch(urlOf(path, query), {
      method,
      credentials: 'same-origin',
      redirect: 'error',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(etag === undefined ? {} : { 'if-match': etag }),
        ...(isNew === true ? { 'if-none-match': '*' } : {}),
        ...(isInUse() ? {} : { 'sallyport-background': 'true' }),
        ...(method === 'GET' || csrfToken === undefined ? {} : { 'x-csrf-token': csrfToken }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (signal?.aborted === true) throw cause
    throw new ApiError('offline', method === 'GET' || query?.['dryRun'] === true ? OFFLINE : UNANSWERED)
  }
}

export function urlOf(path: string, query: Asked['query'] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`
}

const OFFLINE = { code: 'Offline', message: 'The server cannot be reached.' }
const TOO_MANY = { code: 'TooManyRequests', message: 'Too much is asked at once. Try again in a minute.' }
/** What was sent may have arrived all the same. */
const UNANSWERED = {
  code: 'Unanswered',
  message: 'No answer came: whether it was done, you see once the server is back.',
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a proxy's page; the status says enough
  }
}

const KINDS: Readonly<Record<number, FailureKind>> = {
  401: 'signed-out',
  403: 'refused',
  404: 'missing',
  409: 'conflict',
  412: 'conflict',
}

function errorOf(status: number, body: unknown): ApiError {
  const error = (body as Partial<ErrorBody> | undefined)?.error // the contract's shape of every error
  const kind = KINDS[status] ?? (status === 502 || status === 503 || status === 504 ? 'offline' : 'failed')
  const bare = { code: 'ServerAnswered', message: `The server answered ${status}.`, facts: { status } }
  return new ApiError(kind, error ?? (status === 429 ? TOO_MANY : bare))
}
