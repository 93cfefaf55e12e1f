/**
 * Who is connected by what was granted: on one machine, by one request, or on all machines that the caller may read. It is
 * asked of the machines now, and nothing is kept. What cannot be told is said: of all machines, of those where somebody was
 * ever let in.
 */
import type { App } from '../app.ts'
import { authorize, rightsOf } from '../identity/authorize.ts'
import { requestReader, showRequest, type RequestReader } from './list-requests.ts'
import type { Caller } from '../ports/caller.ts'
import type { Driver } from '../ports/driver.ts'
import type { Machine, PointId } from '../ports/inventory.ts'
import type { StoredRequest } from '../ports/rows.ts'
import { grantsBehind, isByHole, type Flow } from '../../domain/access/flow.ts'
import { isWanted, type Grant, type RequestId } from '../../domain/access/grant.ts'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { readMachine } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'

export interface FlowView {
  readonly flow: Flow
  readonly machine: ResourceId
  /** False for one that lives on although nothing lets it in any more. */
  readonly isLetIn: boolean
  /** Of requests that the caller may read. */
  readonly by: readonly { readonly grant: Grant; readonly requestor: string }[]
}

export interface FlowsTold {
  readonly flows: readonly FlowView[]
  readonly untold: readonly { readonly machine: ResourceId; readonly reason: string }[]
}

export interface FlowsAsked {
  readonly machine?: ResourceId
  readonly request?: RequestId
}

type Ground = Pick<App, 'store' | 'inventory' | 'access' | 'driverOf' | 'clock'>

/** Of one machine, the newest requests that may have let somebody in. */
const MOST_REQUESTS = 200
/** Machines that look at once. */
const AT_ONCE = 64
/** How long a machine may take to tell. */
const PATIENCE = 5_000

export async function listFlows(app: Ground, asked: FlowsAsked, caller: Caller): Promise<Result<FlowsTold>> {
  if (asked.request !== undefined) return flowsOfRequest(app, asked.request, caller)
  if (asked.machine !== undefined) return flowsOfMachine(app, asked.machine, caller)
  const telling = app.inventory.list().filter((machine) => canTell(app, machine))
  // Nobody came in by a hole where nobody ever asked for one.
  const used = await app.store.reads.useOf(
    telling.map(({ key }) => key),
    app.clock.now(),
  )
  const machines = telling.filter(({ key }) => used.has(key))
  return ok(await flowsOn(app, machines, caller))
}

/** Of those of the machines that the caller may read. */
export async function flowsOn(app: Ground, machines: readonly Machine[], caller: Caller): Promise<FlowsTold> {
  const rights = await rightsOf(app, caller)
  const readable = machines.filter(({ id }) => rights.may(readMachine(id), id))
  const { flows, untold } = await askAll(app, readable)
  return { flows: await attributed(app, flows, caller), untold }
}

/** Whether anybody knows who is connected to it. */
export function canTell({ driverOf }: Pick<App, 'driverOf'>, { points }: Machine): boolean {
  return points.some((point) => driverOf(point)?.flowsAt !== undefined)
}

async function flowsOfRequest(app: Ground, id: RequestId, caller: Caller): Promise<Result<FlowsTold>> {
  const request = await showRequest(app, id, caller)
  if (request === undefined) return refused(refusal('RequestNotFound', `there is no request '${id}'`))
  const machines = machinesOf(app, request)
  const { flows, untold } = await askAll(app, machines)
  const own = flows.filter((flow) => request.grants.some((grant) => isByHole(flow, grant)))
  const views = await attributed(app, own, caller)
  return ok({ flows: views.filter(({ by }) => by.some(({ grant }) => grant.request === id)), untold })
}

function machinesOf({ inventory }: Ground, { grants }: StoredRequest): Machine[] {
  const keys = new Set(grants.map(({ machine }) => resourceKey(machine)))
  return [...keys].flatMap((key) => inventory.find(key) ?? [])
}

async function flowsOfMachine(app: Ground, id: ResourceId, caller: Caller): Promise<Result<FlowsTold>> {
  const denied = await authorize(app, caller, [{ anyOf: readMachine(id), scope: id }])
  if (denied.length > 0) return refused(...denied)
  const machine = app.inventory.find(resourceKey(id))
  if (machine === undefined) return refused(refusal('ResourceNotFound', `there is no machine '${id}'`))
  const { flows, untold } = await askAll(app, [machine])
  return ok({ flows: await attributed(app, flows, caller), untold })
}

interface Told {
  readonly flows: readonly Flow[]
  readonly untold: FlowsTold['untold']
}

/** Each point is asked once, whatever stands behind it. */
async function askAll(app: Pick<App, 'driverOf'>, machines: readonly Machine[]): Promise<Told> {
  const points = [...new Set(machines.flatMap((machine) => machine.points))]
  const answers = new Map<PointId, readonly Flow[] | string>()
  for (let first = 0; first < points.length; first += AT_ONCE)
    for (const [point, answer] of await askSome(app, points.slice(first, first + AT_ONCE))) answers.set(point, answer)
  const keys = new Set<ResourceKey>(machines.map(({ key }) => key))
  return {
    flows: [...answers.values()]
      .flatMap((answer) => (Array.isArray(answer) ? answer : []))
      .filter(({ machine }) => keys.has(machine)),
    untold: machines.flatMap(({ id, points: own }) => {
      const told = own.map((point) => answers.get(point))
      const why = told.find((answer) => typeof answer === 'string') ?? 'nothing enforces rules for it'
      return told.some((answer) => Array.isArray(answer)) ? [] : [{ machine: id, reason: why }]
    }),
  }
}

function askSome(
  app: Pick<App, 'driverOf'>,
  points: readonly PointId[],
): Promise<(readonly [PointId, readonly Flow[] | string])[]> {
  return Promise.all(points.map(async (point) => [point, await ask(app, point)] as const))
}

/** The flows, or why they cannot be told. */
async function ask({ driverOf }: Pick<App, 'driverOf'>, point: PointId): Promise<readonly Flow[] | string> {
  const driver = driverOf(point)
  if (driver === undefined) return `${point} is not reached from here`
  if (driver.flowsAt === undefined) return untoldBy(driver)
  return driver.flowsAt(point, AbortSignal.timeout(PATIENCE)).catch((cause: unknown) => {
    return `${point} cannot tell now: ${cause instanceof Error ? cause.message : String(cause)}`
  })
}

function untoldBy({ kind }: Pick<Driver, 'kind'>): string {
  return `not told by ${kind}: only the kernel of a Linux host knows who is connected`
}

async function attributed(app: Ground, flows: readonly Flow[], caller: Caller): Promise<FlowView[]> {
  const machines = [...new Set(flows.map(({ machine }) => machine))]
  const { may } = await requestReader(app, caller)
  const known = new Map(
    await Promise.all(machines.map(async (machine) => [machine, await requestsOn(app, machine)] as const)),
  )
  const now = app.clock.now()
  return Promise.all(
    flows.map(async (flow) => {
      const requests = known.get(flow.machine) ?? []
      const grants = grantsBehind(
        flow,
        requests.flatMap((request) => request.grants),
        now,
      )
      const by = await Promise.all(grants.map((grant) => toldOf(grant, requests, may)))
      const machine = app.inventory.find(flow.machine)?.id ?? grants[0]?.machine
      if (machine === undefined) throw new Error(`${flow.machine} has flows, and nobody knows the machine`)
      return { flow, machine, isLetIn: grants.some((grant) => isWanted(grant, now)), by: by.flat() }
    }),
  )
}

async function requestsOn({ store }: Pick<App, 'store'>, machine: ResourceKey): Promise<StoredRequest[]> {
  return store.reads.requests({ machine }, { limit: MOST_REQUESTS })
}

async function toldOf(
  grant: Grant,
  requests: readonly StoredRequest[],
  mayRead: RequestReader['may'],
): Promise<FlowView['by']> {
  const request = requests.find(({ id }) => id === grant.request)
  return request !== undefined && (await mayRead(request)) ? [{ grant, requestor: request.requestor }] : []
}
