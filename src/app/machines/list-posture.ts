/**
 * What just-in-time access does or could do for each machine that the caller may read, with the reason. Machines that a
 * policy names although nobody has them any more are told of too.
 */
import type { App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import {
  CATEGORIES,
  HEALTHS,
  SEVERITIES,
  type Category,
  type Health,
  type Severity,
  type Unsupported,
} from '../../domain/posture.ts'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { READ_ASSESSMENTS } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import { firstAfter } from './first-after.ts'
import { nextTurn } from '../in-turns.ts'
import type { MachinePosture } from './judge-machine.ts'
import type { Kind, PostureRow, Tally } from './posture-row.ts'
import { isSeen, sightsOf, within } from './sight.ts'
import { sumOf, tallyOfAll } from './tally-kinds.ts'

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
  const judged = await app.postures.all()
  const { assess } = await sightsOf(app, caller)
  const sight = filter.within === undefined ? assess : within(assess, filter.within)
  const { rows } = judged.orders
  const items: PostureRow[] = []
  for (let from = firstAfter(rows, page.after); from < rows.length && items.length <= page.limit; from += AT_ONCE) {
    if (items.length > 0) await nextTurn()
    for (const row of rows.slice(from, from + AT_ONCE)) {
      if (matches(row.kind, filter) && isSeen(sight, row)) items.push(row)
      if (items.length > page.limit) break
    }
  }
  const counts = countsOf(tallyOfAll(judged, sight))
  const next = items.length > page.limit ? items.at(page.limit - 1)?.key : undefined
  return { items: items.slice(0, page.limit), counts, ...(next !== undefined && { next }) }
}

/** Of one machine; refused when the caller may not read it, or there is none. */
export async function showPosture(app: Deps, id: ResourceId, caller: Caller): Promise<Result<MachinePosture>> {
  const denied = await authorize(app, caller, [{ anyOf: READ_ASSESSMENTS, scope: id }])
  if (denied.length > 0) return refused(...denied)
  const [found] = await app.postures.of([resourceKey(id)])
  return found === undefined ? refused(refusal('ResourceNotFound', `there is no machine '${id}'`)) : ok(found)
}

function matches({ category, severity, health, why }: Kind, filter: PostureFilter): boolean {
  return (
    (filter.category === undefined || filter.category === category) &&
    (filter.severity === undefined || filter.severity === severity) &&
    (filter.health === undefined || filter.health === health) &&
    (filter.why === undefined || filter.why === why)
  )
}

function countsOf(tally: Tally): PostureCounts {
  const countOf = (isCounted: (kind: Kind) => boolean): number => sumOf(tally, isCounted)
  const reasons = new Set([...tally].flatMap(([{ why }, count]) => (why === undefined || count === 0 ? [] : why)))
  return {
    category: counted(CATEGORIES, (category) => countOf((kind) => kind.category === category)),
    health: counted(HEALTHS, (health) => countOf((kind) => kind.health === health)),
    severity: counted(SEVERITIES, (severity) =>
      countOf((kind) => kind.category === 'notConfigured' && kind.severity === severity),
    ),
    why: counted([...reasons], (why) => countOf((kind) => kind.why === why)),
  }
}

function counted<T extends string>(names: readonly T[], countOf: (name: T) => number): Record<T, number> {
  return Object.fromEntries(names.map((name) => [name, countOf(name)])) as Record<T, number> // one of each name
}
