/**
 * The one road to Azure Resource Manager, on the clients of Microsoft's own libraries. Every call waits for its turn,
 * is tried again where that is harmless, and gives the body as Azure wrote it: the libraries' own models would drop every
 * member that they do not know, and a security group is written back whole (ADR 13).
 *
 * A write is never repeated here when nobody knows whether it arrived: the pass looks again and plans anew.
 */
import type { NetworkManagementContext } from '@azure/arm-network/api'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { Clock } from '../../app/ports/clock.ts'
import type { OpenConnection } from '../../app/ports/clouds.ts'
import type { AzureSettings } from '../../domain/clouds/connection.ts'
import { SECOND, type Instant, type Millis } from '../../domain/time.ts'
import { ArmError, errorFrom, isJson, textAt, type ArmAnswer } from './arm-answer.ts'
import { placeOf } from './cloud-place.ts'
import { openCredential } from './open-credential.ts'
import type { Throttle, Turn, Urgency } from './throttle.ts'

export interface ArmRequest {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  /** With its query, or a whole URL that Azure gave. */
  readonly path: string
  readonly body?: unknown
  readonly ifMatch?: string
  /** For people, in errors: `read NSG web-nsg`. */
  readonly what: string
  readonly urgency: Urgency
  readonly signal: AbortSignal
}

export interface GraphRequest {
  readonly query: string
  readonly subscriptions: readonly string[]
  readonly skipToken?: string
  /** Rows in a page; at most 1,000. */
  readonly top: number
  readonly signal: AbortSignal
}

export interface Arm {
  /** Rejects with an {@link ArmError} for every answer that is not a success. */
  send(request: ArmRequest): Promise<ArmAnswer>
  /** One page of what Azure Resource Graph answers. */
  ask(request: GraphRequest): Promise<{ readonly rows: readonly unknown[]; readonly skipToken?: string }>
}

/** How requests travel: members of the libraries' own options, for their clients and their credentials alike. */
export interface Transport {
  /** Instead of the network: a double in the same process. */
  readonly httpClient?: HttpClient
  readonly tlsOptions?: { readonly ca: string }
}

export interface ArmDeps {
  readonly clock: Clock
  readonly throttle: Throttle
  readonly sleep: (millis: Millis, signal: AbortSignal) => Promise<void>
  readonly httpClient?: HttpClient
}

const GRAPH = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01'
const LONGEST_CALL: Millis = 30 * SECOND
/** Somebody else's operation holds the resource; it ends by itself. */
const BUSY: ReadonlySet<string> = new Set([
  'AnotherOperationInProgress',
  'ReferencedResourceNotProvisioned',
  'RetryableErrorDueToAnotherOperation',
  'RetryableError',
])
const MOST_TRIES = 8

export async function openArm(connection: OpenConnection, settings: AzureSettings, deps: ArmDeps): Promise<Arm> {
  const place = placeOf(settings.cloud)
  const transport: Transport = {
    ...(deps.httpClient === undefined ? {} : { httpClient: deps.httpClient }),
    ...(place.ca === undefined ? {} : { tlsOptions: { ca: place.ca } }),
  }
  const [{ createNetworkManagement }, { createComputeManagement }, { createResourceGraph }, credential] =
    await Promise.all([
      import('@azure/arm-network/api'),
      import('@azure/arm-compute/api'),
      import('@azure/arm-resourcegraph/api'),
      openCredential({ settings, secret: connection.secret, place, transport }),
    ])
  const options = {
    ...transport,
    endpoint: place.endpoint,
    credentials: { scopes: [place.scope] },
    retryOptions: { maxRetries: 0 },
  }
  const [subscription = ''] = settings.subscriptions
  const network = createNetworkManagement(credential, subscription, options)
  const compute = createComputeManagement(credential, subscription, options)
  const graph = createResourceGraph(credential, subscription, options)
  const road = new Road(deps)
  return {
    send: (request) => road.send(request.path.includes('/Microsoft.Compute/') ? compute : network, request),
    ask: (request) => road.ask(graph, request),
  }
}

type Client = Pick<NetworkManagementContext, 'pathUnchecked'>
type HttpResponse = Awaited<ReturnType<ReturnType<Client['pathUnchecked']>['get']>>
type Send = (signal: AbortSignal) => Promise<ArmAnswer>

/** Has a life only through the throttle that it shares with the other connections. */
class Road {
  readonly #deps: ArmDeps

  constructor(deps: ArmDeps) {
    this.#deps = deps
  }

  send(client: Client, request: ArmRequest): Promise<ArmAnswer> {
    const { method, path, body, ifMatch, what, urgency, signal } = request
    const turn: Turn = {
      subscription: subscriptionIn(path),
      kind: method === 'GET' ? 'read' : 'write',
      urgency,
      signal,
    }
    const headers = { accept: 'application/json', ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) }
    const given = { headers, ...(body === undefined ? {} : { body, contentType: 'application/json' }) }
    return this.#insist(what, turn, async (abortSignal) => {
      const place = client.pathUnchecked(path)
      const ask = { GET: place.get, PUT: place.put, DELETE: place.delete }[method]
      const answer = await ask({ ...given, abortSignal })
      return answerOf(answer)
    })
  }

  async ask(client: Client, request: GraphRequest): ReturnType<Arm['ask']> {
    const { query, subscriptions, skipToken, top, signal } = request
    const turn: Turn = { subscription: 'all', kind: 'query', urgency: 'look', signal }
    const options = {
      $top: top,
      resultFormat: 'objectArray',
      ...(skipToken === undefined ? {} : { $skipToken: skipToken }),
    }
    const { body } = await this.#insist('search the resource graph', turn, async (abortSignal) =>
      answerOf(await client.pathUnchecked(GRAPH).post({ body: { subscriptions, query, options }, abortSignal })),
    )
    const rows = isJson(body) ? body['data'] : undefined
    if (!Array.isArray(rows)) throw new Error('the resource graph answered without a list of rows')
    const next = textAt(body, '$skipToken')
    return { rows, ...(next === undefined ? {} : { skipToken: next }) }
  }

  /** Tries until Azure says yes, says no for good, or the signal aborts. */
  async #insist(what: string, turn: Turn, send: Send): Promise<ArmAnswer> {
    for (let tries = 1; ; tries += 1) {
      await this.#deps.throttle.turn(turn)
      const answer = await this.#once(what, turn, { send, tries })
      if (answer === undefined) continue
      if (answer.status >= 200 && answer.status < 300) return answer
      const error = errorFrom(what, answer)
      const pause = this.#pauseAfter(turn, error, { answer, tries })
      if (pause === undefined) throw error
      await this.#deps.sleep(pause, turn.signal)
    }
  }

  /** Undefined: it never reached Azure, or only asked for something, and is worth another try. */
  async #once(
    what: string,
    turn: Turn,
    { send, tries }: { send: Send; tries: number },
  ): Promise<ArmAnswer | undefined> {
    try {
      return await send(AbortSignal.any([turn.signal, AbortSignal.timeout(LONGEST_CALL)]))
    } catch (cause) {
      turn.signal.throwIfAborted()
      if (turn.kind === 'write' || tries >= MOST_TRIES / 2 || !isOfTheNetwork(cause))
        throw new Error(`Azure could not be asked to ${what}: ${messageOf(cause)}`, { cause })
      await this.#deps.sleep(backoff(tries), turn.signal)
      return undefined
    }
  }

  /** How long to wait before the next try; undefined when there must be none. */
  #pauseAfter(
    turn: Turn,
    { status, code }: ArmError,
    { answer, tries }: { answer: ArmAnswer; tries: number },
  ): Millis | undefined {
    const told = retryAfter(answer.headers, this.#deps.clock.now())
    if (BUSY.has(code)) return tries < MOST_TRIES ? (told ?? backoff(tries)) : undefined
    if (status === 429) {
      const pause = told ?? backoff(tries)
      this.#deps.throttle.pause(turn, this.#deps.clock.now() + pause)
      return 0
    }
    const mayRepeat = turn.kind !== 'write' && tries < MOST_TRIES / 2
    return status >= 500 && mayRepeat ? (told ?? backoff(tries)) : undefined
  }
}

function answerOf({ status, headers, body }: HttpResponse): ArmAnswer {
  return { status: Number(status), headers: { ...headers }, body }
}

function subscriptionIn(path: string): string {
  return /\/subscriptions\/([^/?]+)/i.exec(path)?.[1]?.toLowerCase() ?? 'none'
}

/** A token that is refused, or a certificate that nobody vouches for, does not get better by trying. */
function isOfTheNetwork(cause: unknown): boolean {
  const code = textAt(cause, 'code') ?? ''
  const name = cause instanceof Error ? cause.name : ''
  return /^(E[A-Z]+|REQUEST_SEND_ERROR)$/.test(code) || name === 'TimeoutError' || name === 'AbortError'
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** 1 s, 2 s, 4 s … 30 s. */
function backoff(tries: number): Millis {
  return Math.min(30 * SECOND, SECOND * 2 ** (tries - 1))
}

/** Seconds, a date, or the resource graph's own `hh:mm:ss`. */
function retryAfter(headers: ArmAnswer['headers'], now: Instant): Millis | undefined {
  const millis = headers['x-ms-retry-after-ms'] ?? headers['retry-after-ms']
  if (millis !== undefined && /^\d+$/.test(millis)) return Number(millis)
  const after = headers['retry-after']
  if (after !== undefined && /^\d+$/.test(after)) return Number(after) * SECOND
  const date = after === undefined ? Number.NaN : Date.parse(after)
  if (!Number.isNaN(date)) return Math.max(0, date - now)
  const [, hours, minutes, seconds] = /^(\d+):(\d+):(\d+)/.exec(headers['x-ms-user-quota-resets-after'] ?? '') ?? []
  if (seconds === undefined) return undefined
  return (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * SECOND
}
