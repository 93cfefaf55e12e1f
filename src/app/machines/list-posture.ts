/**
 * What just-in-time access does or could do for each machine that the caller may read, with the reason. Machines that a
 * policy names although nobody has them any more are told of too.
 */
import type { App } from '../app.ts'
import { authorize, rightsOf } from '../identity/authorize.ts'
import type { Caller } from '../ports.ts'
import type { Category, Health, Posture, Severity, Unsupported } from '../../domain/posture.ts'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { READ_ASSESSMENTS } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import { mayAtEach } from './may-at-each.ts'
import type { MachinePosture } from './judge-machine.ts'

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

type Deps = Pick<App, 'postures' | 'access'>

/** Machines looked at before others get their turn. */
const AT_ONCE = 25_000

export async function listPosture(app: Deps, { filter, page, caller }: PostureInput): Promise<PosturePage> {
  const counts = noCounts()
  const items: MachinePosture[] = []
  let next: ResourceKey | undefined
  const rows = await app.postures.all()
  const mayRead = mayAtEach(await rightsOf(app, caller), () => READ_ASSESSMENTS)
  for (const [index, each] of rows.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate)
    if (!isWithin(each.key, filter.within) || !mayRead(each)) continue
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
  const [found] = await app.postures.of([resourceKey(id)])
  return found === undefined ? refused(refusal('ResourceNotFound', `there is no machine '${id}'`)) : ok(found)
}

function isWithin(key: ResourceKey, within: string | undefined): boolean {
  if (within === undefined) return true
  const place = within.toLowerCase()
  return key === place || key.startsWith(`${place}/`)
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
