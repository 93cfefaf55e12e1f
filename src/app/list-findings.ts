/**
 * What a person should look at: points that drifted, points that cannot be brought to what they should be, and what ended
 * and was not seen closed. Each caller is shown the points of machines that it may read.
 */
import type { App } from './app.ts'
import { rightsOf, type Rights } from './authorize.ts'
import { activityScopeOf } from './list-activity.ts'
import type { Caller, OverduePoint, PointId, PointRow } from './ports.ts'
import type { Drift } from '../domain/drift.ts'
import { READ_ASSESSMENTS, readMachine } from '../domain/required-actions.ts'
import type { ResourceId } from '../domain/resource-id.ts'
import { SECOND, type Instant, type Millis } from '../domain/time.ts'

interface AtPoint {
  readonly point: PointId
  /** Those that the caller may read. */
  readonly machines: readonly ResourceId[]
}

export type Finding = AtPoint &
  (
    | { readonly kind: 'drift'; readonly drift: Drift }
    | {
        readonly kind: 'failing'
        readonly failures: number
        readonly reason: string
        readonly nextTryAt: Instant | undefined
      }
    | { readonly kind: 'overdue'; readonly grants: number; readonly since: Instant }
  )

/** An end is proven a moment after it; what takes longer than this is a finding. */
const GRACE: Millis = 5 * SECOND
/** Nobody reads more; the worst come first by name, and mending them shows the next. */
const MOST_FINDINGS = 1_000

export async function listFindings(
  app: Pick<App, 'store' | 'inventory' | 'clock' | 'access'>,
  caller: Caller,
): Promise<Finding[]> {
  const rights = await rightsOf(app, caller)
  const [troubled, overdue] = await Promise.all([
    app.store.reads.troubledPoints({ limit: MOST_FINDINGS }),
    app.store.reads.overduePoints(app.clock.now() - GRACE, MOST_FINDINGS),
  ])
  const found = [...troubled.flatMap(findingsOf), ...overdue.map(overdueOf)]
  return found.flatMap((finding) => {
    const machines = machinesBehind(app, finding.point, rights)
    return machines === undefined ? [] : [{ ...finding, machines }]
  })
}

/** Undefined where the caller may not know of the point. A point without a machine is told to who may read assessments there. */
function machinesBehind(
  { inventory }: Pick<App, 'inventory'>,
  point: PointId,
  rights: Rights,
): ResourceId[] | undefined {
  const all = inventory.behind(point).map(({ id }) => id)
  const readable = all.filter((id) => rights.may(readMachine(id), id))
  if (readable.length > 0) return readable
  return rights.may(READ_ASSESSMENTS, activityScopeOf({ target: point })) ? [] : undefined
}

function findingsOf({ id: point, failures, lastError, dueAt, drift }: PointRow): Finding[] {
  const at = { point, machines: [] }
  return [
    ...(drift === undefined ? [] : [{ ...at, kind: 'drift' as const, drift }]),
    ...(failures === 0
      ? []
      : [{ ...at, kind: 'failing' as const, failures, reason: lastError ?? '', nextTryAt: dueAt }]),
  ]
}

function overdueOf({ point, grants, since }: OverduePoint): Finding {
  return { point, machines: [], kind: 'overdue', grants, since }
}
