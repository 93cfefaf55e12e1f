/**
 * What just-in-time access does or could do for each machine that the caller may read, with the reason. Machines that a
 * policy names although nobody has them any more are told of too.
 */
import type { App } from '../app.ts'
import { authorize, rightsOf } from '../identity/authorize.ts'
import type { Caller, Machine, StoredPolicy } from '../ports.ts'
import { storedPolicyBody } from '../policies/stored-policy-body.ts'
import type { ProtectedPort } from '../../domain/access/desired.ts'
import {
  MANAGEMENT_PORTS,
  postureOf,
  type Category,
  type Health,
  type Posture,
  type Severity,
  type Unsupported,
} from '../../domain/posture.ts'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { READ_ASSESSMENTS } from '../../domain/roles/required-actions.ts'
import { resourceKey, resourceName, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import { scopeKeyOf, subscriptionOf } from '../../domain/roles/scope.ts'

export interface MachinePosture {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly name: string
  readonly location?: string
  readonly posture: Posture
}

export interface PostureFilter {
  /** Without regard to case: a subscription, a group, a connection or a machine. */
  readonly within?: string
  readonly category?: Category
  readonly severity?: Severity
  readonly health?: Health
  readonly why?: Unsupported
}

export interface PostureInput {
  readonly filter: PostureFilter
  readonly page: { readonly after?: ResourceKey; readonly limit: number }
  readonly caller: Caller
}

export interface PostureCounts {
  readonly category: Readonly<Record<Category, number>>
  readonly health: Readonly<Record<Health, number>>
  /** Of those not configured. */
  readonly severity: Readonly<Record<Severity, number>>
  readonly why: Readonly<Partial<Record<Unsupported, number>>>
}

export interface PosturePage {
  readonly items: readonly MachinePosture[]
  readonly next?: ResourceKey
  /** Of everything within the same place, whatever else was filtered by. */
  readonly counts: PostureCounts
}

type Deps = Pick<App, 'store' | 'inventory' | 'access'>

/** Machines judged before others get their turn. */
const AT_ONCE = 2_000

export async function listPosture(app: Deps, { filter, page, caller }: PostureInput): Promise<PosturePage> {
  const counts = noCounts()
  const items: MachinePosture[] = []
  let next: ResourceKey | undefined
  for await (const each of postures(app, filter.within, caller)) {
    count(counts, each.posture)
    if (!matches(each.posture, filter) || (page.after !== undefined && each.key <= page.after)) continue
    if (items.length < page.limit) items.push(each)
    else next ??= items.at(-1)?.key
  }
  return { items, counts, ...(next !== undefined && { next }) }
}

/** Of one machine; refused when the caller may not read it, or there is none. */
export async function showPosture(app: Deps, id: ResourceId, caller: Caller): Promise<Result<MachinePosture>> {
  const denied = await authorize(app, caller, [{ anyOf: READ_ASSESSMENTS, scope: id }])
  if (denied.length > 0) return refused(...denied)
  const key = resourceKey(id)
  const guarded = guardedPorts(await app.store.reads.policiesCovering([key])).get(key)
  const judge = await judging(app)
  const machine = app.inventory.find(key)
  if (machine !== undefined) return ok(judge(machine, guarded?.ports))
  if (guarded !== undefined) return ok(vanished(guarded.id))
  return refused(refusal('ResourceNotFound', `there is no machine '${id}'`))
}

/** Of every machine, or of these alone, whoever may read it: the caller of this judges that. In the order of their keys. */
export async function everyPosture(app: Deps, only?: ReadonlySet<ResourceKey>): Promise<readonly MachinePosture[]> {
  const all: MachinePosture[] = []
  for await (const each of judgedWithin(app, ({ key }) => only?.has(key) ?? true)) all.push(each)
  return all
}

/** In the order of their keys. */
async function* postures(app: Deps, within: string | undefined, caller: Caller): AsyncGenerator<MachinePosture> {
  const rights = await rightsOf(app, caller)
  const [place, below] = [within?.toLowerCase(), `${within?.toLowerCase()}/`]
  const isWithin = (key: ResourceKey): boolean => place === undefined || key === place || key.startsWith(below)
  yield* judgedWithin(app, ({ key, id }) => isWithin(key) && rights.may(READ_ASSESSMENTS, id))
}

async function* judgedWithin(
  app: Deps,
  isWanted: (machine: Pick<Machine, 'key' | 'id'>) => boolean,
): AsyncGenerator<MachinePosture> {
  const guarded = await guardedEverywhere(app)
  const judge = await judging(app)
  let judged = 0
  for (const each of merged(app.inventory.list(), gone(app, guarded))) {
    if (!isWanted(each)) continue
    yield 'posture' in each ? each : judge(each, guarded.get(each.key)?.ports)
    if (++judged % AT_ONCE === 0) await new Promise(setImmediate)
  }
}

interface Guarded {
  readonly id: ResourceId
  readonly ports: ProtectedPort[]
}

async function guardedEverywhere({ store }: Pick<App, 'store'>): Promise<Map<ResourceKey, Guarded>> {
  const all: StoredPolicy[] = []
  for (;;) {
    const after = all.at(-1)?.key
    const page = await store.reads.policies({}, { limit: 500, ...(after !== undefined && { after }) })
    all.push(...page)
    if (page.length < 500) return guardedPorts(all)
  }
}

function guardedPorts(policies: readonly StoredPolicy[]): Map<ResourceKey, Guarded> {
  const guarded = new Map<ResourceKey, Guarded>()
  for (const { id, key, ports } of policies.flatMap((policy) => storedPolicyBody(policy).machines)) {
    const known = guarded.get(key) ?? { id, ports: [] }
    known.ports.push(...ports.map(({ number, protocol }) => ({ number, protocol })))
    guarded.set(key, known)
  }
  return guarded
}

async function judging({ access, inventory }: Pick<Deps, 'access' | 'inventory'>) {
  const { plans } = await access.now()
  return (machine: Machine, guarded: readonly ProtectedPort[] | undefined): MachinePosture => {
    const { id, key, name, location, power, unsupported, unreachableSince } = machine
    const posture = postureOf({
      isConfigured: guarded !== undefined,
      isPlanOn: plans.get(subscriptionOf(scopeKeyOf(key)) ?? '') !== 'Free',
      ...(power !== undefined && { power }),
      ...(unsupported !== undefined && { unsupported }),
      ...(unreachableSince !== undefined && { unreachableSince }),
      exposures: inventory.exposuresOf?.(key, guarded ?? MANAGEMENT_PORTS),
    })
    return { id, key, name, location, posture }
  }
}

function vanished(id: ResourceId): MachinePosture {
  const unsupported = refusal('MachineNotFound', 'there is no such machine any more; take it out of its policy')
  const posture = postureOf({ isConfigured: true, isPlanOn: true, unsupported, exposures: undefined })
  return { id, key: resourceKey(id), name: resourceName(id), posture }
}

function gone({ inventory }: Pick<App, 'inventory'>, guarded: ReadonlyMap<ResourceKey, Guarded>): MachinePosture[] {
  const missing = [...guarded].filter(([key]) => inventory.find(key) === undefined)
  return missing.map(([, { id }]) => vanished(id)).sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Two sorted lists as one. */
function* merged(machines: readonly Machine[], others: readonly MachinePosture[]): Generator<Machine | MachinePosture> {
  let at = 0
  for (const machine of machines) {
    for (let other = others[at]; other !== undefined && other.key < machine.key; other = others[++at]) yield other
    yield machine
  }
  yield* others.slice(at)
}

function matches({ category, severity, health, why }: Posture, filter: PostureFilter): boolean {
  return (
    (filter.category === undefined || filter.category === category) &&
    (filter.severity === undefined || filter.severity === severity) &&
    (filter.health === undefined || filter.health === health) &&
    (filter.why === undefined || filter.why === why)
  )
}

interface Counting extends PostureCounts {
  readonly category: Record<Category, number>
  readonly health: Record<Health, number>
  readonly severity: Record<Severity, number>
  readonly why: Partial<Record<Unsupported, number>>
}

function noCounts(): Counting {
  return {
    category: { configured: 0, notConfigured: 0, unsupported: 0 },
    health: { Healthy: 0, Unhealthy: 0, NotApplicable: 0 },
    severity: { High: 0, Low: 0, Healthy: 0 },
    why: {},
  }
}

function count(counts: Counting, { category, health, severity, why }: Posture): void {
  counts.category[category] += 1
  counts.health[health] += 1
  if (category === 'notConfigured' && severity !== undefined) counts.severity[severity] += 1
  if (why !== undefined) counts.why[why] = (counts.why[why] ?? 0) + 1
}
