/**
 * The ARM double: an imagined Azure that keeps to recorded facts. A pure handler of requests: time and chance are given,
 * so it runs in a simulation's time in process (in-process-client.ts) or for real over HTTPS (https-shell.ts). The
 * official SDKs are its only clients in tests. Beside the wire stands what tests need: to place and change things as
 * somebody else would, to order faults, and to count writes.
 */
import type { Clock } from '../../src/app/ports/clock.ts'
import type { Assignment } from '../support/plain-rbac.ts'
import { HOUR, type Millis } from '../../src/domain/time.ts'
import { Random } from '../simulation/random.ts'
import { keyOf, mustParse, parseAddress, type Address } from './address.ts'
import { checkMay, Directory, mayDo, type Program } from './directory.ts'
import { Faults, type Harm } from './faults.ts'
import { operationAnswer } from './operation-routes.ts'
import { Operations } from './operations.ts'
import { AT_ONCE, type Pace } from './pace.ts'
import { page, readResource, regionOf } from './read-routes.ts'
import { queryResources } from './resource-graph.ts'
import { rendered } from './render.ts'
import { signInAnswer } from './sign-in.ts'
import type { Call, State, Subscription } from './state.ts'
import { StoredResources, type Stored } from './stored-resources.ts'
import { PUBLISHED, Throttles, type Kind, type Limits } from './throttles.ts'
import { ArmError, errorAnswer, json, type Answer, type DoubleRequest, type DoubleResponse, type Json } from './wire.ts'
import { deleteResource, putResource, type Outcome } from './write-routes.ts'

export interface DoubleInput {
  readonly clock: Clock
  readonly seed: number
  readonly subscriptions: readonly Subscription[]
  readonly programs: readonly Program[]
  readonly pace?: Pace
  readonly limits?: Limits
  /** How long a token is good for here, whatever its bearer is told; an hour. */
  readonly tokenLife?: Millis
  /** Items in a page of a list; 200. */
  readonly pageSize?: number
}

/** A resource as a person would write it: an id, where it is, and what it is. */
export interface Placed {
  readonly id: string
  readonly location: string
  readonly properties: Json
  readonly rest?: Json
  readonly power?: string
}

export class ArmDouble {
  readonly faults = new Faults()
  readonly #clock: Clock
  readonly #state: State

  constructor({
    clock,
    seed,
    subscriptions,
    programs,
    pace = AT_ONCE,
    limits = PUBLISHED,
    pageSize = 200,
    tokenLife = HOUR,
  }: DoubleInput) {
    const random = new Random(seed)
    this.#clock = clock
    this.#state = {
      random,
      pace,
      subscriptions,
      pageSize,
      resources: new StoredResources(random),
      operations: new Operations(),
      directory: new Directory(programs, tokenLife),
      throttles: new Throttles(limits),
      groups: new Map(),
      found: new Map(),
      writes: new Map(),
    }
  }

  handle(request: DoubleRequest): Answer {
    const now = this.#clock.now()
    this.#state.operations.settle(now)
    const harms = this.faults.harmsTo(request)
    for (const harm of harms) if (harm.kind === 'first') harm.act()
    const after = this.#state.pace.answer(this.#state.random) + delayOf(harms)
    if (harms.some(({ kind }) => kind === 'lose-request')) return { response: undefined, after }
    const response = spoiled(harms) ?? this.#respond(request, harms)
    return { response: harms.some(({ kind }) => kind === 'lose-answer') ? undefined : response, after }
  }

  /** Puts a resource there, or in the place of what is there, at once and for everybody to see. */
  place({ id, location, properties, rest = {}, power }: Placed): void {
    const { subscription, group = '' } = mustParse(id)
    const key = `${subscription}/${group.toLowerCase()}`
    if (!this.#state.groups.has(key))
      this.#state.groups.set(key, { id: `/subscriptions/${subscription}/resourceGroups/${group}`, location })
    this.#state.operations.forget(keyOf(id))
    const stored = { id, location, properties, rest, state: 'Succeeded', ...(power !== undefined && { power }) }
    this.#state.resources.put(stored, this.#clock.now())
  }

  /** Somebody else changes what stands in a resource: another ETag, no operation, no count. */
  edit(id: string, change: (properties: Json) => Json): void {
    const stored = this.#find(id)
    this.#state.resources.put({ ...stored, properties: change(stored.properties) }, this.#clock.now())
  }

  remove(id: string): void {
    this.#state.operations.forget(keyOf(id))
    this.#state.resources.remove(id, this.#clock.now())
  }

  setPower(id: string, power: string): void {
    this.#state.resources.put({ ...this.#find(id), power }, this.#clock.now())
  }

  /** A machine is deleted and made again under its name: the same id, another `vmId`. */
  recreate(id: string): void {
    const stored = this.#find(id)
    this.remove(id)
    this.#state.resources.put(
      { ...stored, properties: { ...stored.properties, vmId: this.#state.random.uuid() } },
      this.#clock.now(),
    )
  }

  /** The body as a GET would answer it now. */
  body(id: string): Json | undefined {
    this.#state.operations.settle(this.#clock.now())
    const stored = this.#state.resources.get(id)
    return stored === undefined ? undefined : rendered(stored, this.#state.resources)
  }

  ids(type: string): string[] {
    const all = this.#state.subscriptions.flatMap(({ id }) =>
      this.#state.resources.list(type.toLowerCase(), `/subscriptions/${id}`, { as: 'now', now: this.#clock.now() }),
    )
    return all.map(({ id }) => id)
  }

  /** Accepted writes of one resource, its children's counted for it; of all without an id. */
  writes(id?: string): number {
    if (id !== undefined) return this.#state.writes.get(keyOf(id)) ?? 0
    return [...this.#state.writes.values()].reduce((sum, count) => sum + count, 0)
  }

  forgetWrites(): void {
    this.#state.writes.clear()
  }

  /** Gives or takes roles, for the next call. */
  assign(clientId: string, assignments: readonly Assignment[]): void {
    this.#state.directory.assign(clientId, assignments)
  }

  #find(id: string): Stored {
    this.#state.operations.settle(this.#clock.now())
    const stored = this.#state.resources.get(id)
    if (stored === undefined) throw new Error(`the double has no '${id}'`)
    return stored
  }

  #respond(request: DoubleRequest, harms: readonly Harm[]): DoubleResponse {
    const now = this.#clock.now()
    const signedIn = signInAnswer(request, this.#state.directory, now)
    if (signedIn !== undefined) return signedIn
    const common = this.#commonHeaders(request)
    try {
      const caller = this.#state.directory.caller(request.headers['authorization'], now)
      const call = { state: this.#state, request, url: new URL(request.url), now, caller, headers: common }
      return route(call, outcomeOf(harms))
    } catch (error) {
      if (!(error instanceof ArmError)) throw error
      const answer = errorAnswer(error)
      return { ...answer, headers: { ...common, ...answer.headers } }
    }
  }

  /** Behaviour reference, R25, and platform reference, B.3. */
  #commonHeaders(request: DoubleRequest): Record<string, string> {
    const id = this.#state.random.uuid()
    return {
      'cache-control': 'no-cache',
      pragma: 'no-cache',
      expires: '-1',
      'x-content-type-options': 'nosniff',
      'x-ms-request-id': id,
      'x-ms-correlation-request-id': request.headers['x-ms-correlation-request-id'] ?? id,
      'x-ms-routing-request-id': `WESTEUROPE:${new Date(this.#clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '')}:${id}`,
    }
  }
}

function delayOf(harms: readonly Harm[]): number {
  return harms.reduce((sum, harm) => sum + (harm.kind === 'delay' ? harm.by : 0), 0)
}

function spoiled(harms: readonly Harm[]): DoubleResponse | undefined {
  for (const harm of harms) {
    if (harm.kind !== 'answer') continue
    const headers: Record<string, string> =
      harm.retryAfter === undefined ? {} : { 'retry-after': String(harm.retryAfter) }
    return errorAnswer(
      new ArmError(harm.status, { code: harm.code, message: `${harm.code}: a fault that was ordered.` }, headers),
    )
  }
  return undefined
}

function outcomeOf(harms: readonly Harm[]): Outcome {
  const failing = harms.find((harm) => harm.kind === 'fail-operation')
  return failing === undefined ? {} : { failure: { code: failing.code, message: failing.message } }
}

function route(call: Call, outcome: Outcome): DoubleResponse {
  const { url, request, state } = call
  const path = decodeURIComponent(url.pathname).replace(/\/$/, '')
  if (!url.searchParams.has('api-version'))
    throw new ArmError(400, {
      code: 'MissingApiVersionParameter',
      message: 'The api-version query parameter (?api-version=) is required for all requests.',
    })
  if (/^\/providers\/microsoft\.resourcegraph\/resources$/i.test(path) && request.method === 'POST')
    return queryResources(call)
  checkSubscription(state, path)
  const address = parseAddress(path)
  throttle(call, path, address)
  const plain = plainAnswer(call, path)
  if (plain !== undefined) return plain
  if (address === undefined) throw noRoute(request.method, path)
  switch (request.method) {
    case 'GET':
      return operationAnswer(call, address) ?? readResource(call, address)
    case 'PUT':
      return putResource(call, address, outcome)
    case 'DELETE':
      return deleteResource(call, address, outcome)
    default:
      throw noRoute(request.method, path)
  }
}

function checkSubscription(state: State, path: string): void {
  const [, asked] = /^\/subscriptions\/([^/]+)/i.exec(path) ?? []
  if (asked === undefined || state.subscriptions.some(({ id }) => id === asked.toLowerCase())) return
  throw new ArmError(404, { code: 'SubscriptionNotFound', message: `The subscription '${asked}' could not be found.` })
}

function throttle({ state, request, caller, now, headers }: Call, path: string, address: Address | undefined): void {
  const [, subscription = 'tenant'] = /^\/subscriptions\/([^/]+)/i.exec(path) ?? []
  const kind: Kind = request.method === 'GET' ? 'reads' : request.method === 'DELETE' ? 'deletes' : 'writes'
  const isNetwork =
    address?.namespace.toLowerCase() === 'microsoft.network' && !/^locations$/i.test(address.types[0] ?? '')
  const region = isNetwork ? { region: regionOf(state, address) } : {}
  const use = { kind, subscription: subscription.toLowerCase(), principal: caller.objectId, now, ...region }
  Object.assign(headers, state.throttles.use(use))
}

/** What is asked of a subscription or a scope rather than of a resource. */
function plainAnswer(call: Call, path: string): DoubleResponse | undefined {
  const { state, caller, headers, request } = call
  if (request.method !== 'GET') return undefined
  if (/^\/tenants$/i.test(path))
    return page(
      call,
      state.directory.tenants().map((tenantId) => ({ id: `/tenants/${tenantId}`, tenantId })),
    )
  if (/^\/subscriptions$/i.test(path)) {
    const visible = state.subscriptions.filter(({ id }) =>
      mayDo(caller, 'Microsoft.Resources/subscriptions/read', `/subscriptions/${id}`),
    )
    return page(call, visible.map(subscriptionBody))
  }
  const [, scope, question] =
    /^(\/subscriptions\/.+?)?\/providers\/microsoft\.authorization\/(permissions)$/i.exec(path) ?? []
  if (question !== undefined) return permissionsAnswer(call, scope ?? '/')
  const [, id, rest = ''] =
    /^\/subscriptions\/([^/]+)(?:\/(locations|resourcegroups|providers\/[^/]+))?$/i.exec(path) ?? []
  const subscription = state.subscriptions.find((one) => one.id === id?.toLowerCase())
  if (subscription === undefined) return undefined
  if (rest === '') {
    checkMay(caller, 'Microsoft.Resources/subscriptions/read', `/subscriptions/${subscription.id}`)
    return json(200, subscriptionBody(subscription), headers)
  }
  if (rest.toLowerCase() === 'resourcegroups') return groupsAnswer(call, subscription.id)
  if (rest.toLowerCase() === 'locations') return page(call, locationsOf(state, subscription.id))
  return json(200, { namespace: rest.split('/')[1], registrationState: 'Registered', resourceTypes: [] }, headers)
}

function subscriptionBody({ id, name, tenant }: Subscription): Json {
  return { id: `/subscriptions/${id}`, subscriptionId: id, displayName: name, state: 'Enabled', tenantId: tenant }
}

/** What the caller may do at a scope: one entry per role, as `permissions` lists them. */
function permissionsAnswer(call: Call, scope: string): DoubleResponse {
  const { assignments } = call.caller
  const here = assignments.filter(
    (assignment) => assignment.scope === '/' || `${keyOf(scope)}/`.startsWith(`${keyOf(assignment.scope)}/`),
  )
  return page(
    call,
    here.map(({ role }) => ({
      actions: role.actions,
      notActions: role.notActions,
      dataActions: [],
      notDataActions: [],
    })),
  )
}

function groupsAnswer(call: Call, subscription: string): DoubleResponse {
  checkMay(call.caller, 'Microsoft.Resources/subscriptions/resourceGroups/read', `/subscriptions/${subscription}`)
  const groups = [...call.state.groups.values()].filter(({ id }) => id.startsWith(`/subscriptions/${subscription}/`))
  return page(call, groups, ({ id, location }) => ({
    id,
    name: id.slice(id.lastIndexOf('/') + 1),
    type: 'Microsoft.Resources/resourceGroups',
    location,
    properties: { provisioningState: 'Succeeded' },
  }))
}

function locationsOf({ groups }: State, subscription: string): Json[] {
  const names = new Set([...groups.values()].map(({ location }) => location))
  return [...names].map((name) => ({ id: `/subscriptions/${subscription}/locations/${name}`, name, displayName: name }))
}

function noRoute(method: string, path: string): ArmError {
  return new ArmError(404, { code: 'InvalidResourceType', message: `The double does not know ${method} ${path}.` })
}
