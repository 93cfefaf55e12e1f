/**
 * What a person should look at: points that drifted, points that cannot be brought to what they should be, what ended and
 * was not seen closed, clouds that cannot be read, hosts from which nobody hears, and machines that policies name and nobody
 * has any more. Each caller is shown what belongs to machines and connections that it may read.
 */
import type { App } from '../app.ts'
import { rightsOf, type Rights } from '../identity/authorize.ts'
import { activityScopeOf } from '../audit/list-activity.ts'
import { canTell, flowsOn } from '../requests/list-flows.ts'
import type { Caller } from '../ports/caller.ts'
import type { PointId } from '../ports/inventory.ts'
import type { OverduePoint, PointRow } from '../ports/rows.ts'
import { isVanished } from '../machines/posture-row.ts'
import type { Judged } from '../machines/postures.ts'
import { sumOf } from '../machines/tally-kinds.ts'
import { storedPolicyBody } from '../policies/stored-policy-body.ts'
import { unreachablePoints, type UnreachablePoint } from './unreachable-points.ts'
import type { Drift } from '../../domain/access/drift.ts'
import { onExpiryOf, type Flow } from '../../domain/access/flow.ts'
import { READ_ASSESSMENTS, READ_CONNECTION, readMachine } from '../../domain/roles/required-actions.ts'
import type { PortRule } from '../../domain/policy/policy.ts'
import type { ResourceId, ResourceKey } from '../../domain/resource-id.ts'
import { SECOND, type Instant, type Millis } from '../../domain/time.ts'

type PointFinding = Extract<Finding, { kind: 'drift' | 'failing' | 'overdue' }> & { readonly point: PointId }

interface AtPoint {
  /** For what is at no point, the connection or the machine. */
  readonly point: PointId | ResourceId
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
    | { readonly kind: 'stale'; readonly reason: string; readonly since: Instant; readonly known: number }
    | { readonly kind: 'vanished' }
    | {
        readonly kind: 'unreachable'
        readonly since: Instant
        readonly unproven: number
        /** Where more than silence is known, as of a host that was shut out. */
        readonly reason?: string
      }
    | { readonly kind: 'outlived'; readonly flow: Flow; readonly requestor: string | undefined }
  )

/** An end is proven a moment after it; what takes longer than this is a finding. */
const GRACE: Millis = 5 * SECOND
/** Nobody reads more; the worst come first by name, and mending them shows the next. */
const MOST_FINDINGS = 1_000

export async function listFindings(
  app: Pick<App, 'store' | 'inventory' | 'clock' | 'access' | 'clouds' | 'driverOf' | 'postures'>,
  caller: Caller,
): Promise<Finding[]> {
  const rights = await rightsOf(app, caller)
  const [troubled, overdue, judged] = await Promise.all([
    app.store.reads.troubledPoints({ limit: MOST_FINDINGS }),
    app.store.reads.overduePoints(app.clock.now() - GRACE, MOST_FINDINGS),
    app.postures.all(),
  ])
  const silent = unreachablePoints(app)
  const told = [...troubled.flatMap(findingsOf), ...overdue.map(overdueOf)]
  // Why it fails, and that an end is not proven, is the host's silence: told once.
  const found = told.filter(({ kind, point }) => kind === 'drift' || !silent.has(point))
  const atPoints = found.flatMap((finding): Finding[] => {
    const machines = machinesBehind(app, finding.point, rights)
    return machines === undefined ? [] : [{ ...finding, machines }]
  })
  const vanished = vanishedMachines(judged, rights)
  const outlived = await outlivedFlows(app, judged, caller)
  const silentHosts = unreachableHosts(silent, overdue, rights)
  return [...atPoints, ...silentHosts, ...staleClouds(app, rights), ...vanished, ...outlived]
}

function unreachableHosts(
  silent: ReadonlyMap<PointId, UnreachablePoint>,
  overdue: readonly OverduePoint[],
  rights: Rights,
): Finding[] {
  const unproven = new Map(overdue.map(({ point, grants }) => [point, grants]))
  return [...silent].slice(0, MOST_FINDINGS).flatMap(([point, { since, machines }]): Finding[] => {
    const readable = machines.map(({ id }) => id).filter((id) => rights.may(readMachine(id), id))
    if (readable.length === 0) return []
    const reason = machines.find(({ unsupported }) => unsupported !== undefined)?.unsupported?.message
    const silence = { kind: 'unreachable' as const, since, unproven: unproven.get(point) ?? 0 }
    return [{ ...silence, point, machines: readable, ...(reason !== undefined && { reason }) }]
  })
}

function staleClouds({ clouds }: Pick<App, 'clouds'>, rights: Rights): Finding[] {
  return clouds.connections().flatMap(({ id, key }): Finding[] => {
    const { staleSince: since, problem: reason = '', machines: known } = clouds.stateOf(key)
    if (since === undefined || !rights.may(READ_CONNECTION, id)) return []
    return [{ point: id, machines: [], kind: 'stale', since, reason, known }]
  })
}

/** Who is connected although nothing lets them in any more, where a policy says to tell it. */
async function outlivedFlows(
  app: Pick<App, 'store' | 'inventory' | 'clock' | 'access' | 'driverOf'>,
  judged: Judged,
  caller: Caller,
): Promise<Finding[]> {
  const telling = [...judged.watched()]
    .toSorted()
    .flatMap((key) => app.inventory.find(key) ?? [])
    .filter((machine) => canTell(app, machine))
  if (telling.length === 0) return []
  const policies = await app.store.reads.policiesCovering(telling.map(({ key }) => key))
  const rules = Map.groupBy(
    policies.flatMap((policy) => storedPolicyBody(policy).machines),
    ({ key }) => key,
  )
  const portsOf = (key: ResourceKey): PortRule[] => (rules.get(key) ?? []).flatMap(({ ports }) => ports)
  // Asking a machine costs it a look: only where a policy wants to know.
  const asked = telling.filter(({ key }) => portsOf(key).some(({ onExpiry }) => onExpiry === 'warn'))
  const { flows } = await flowsOn(app, asked, caller)
  return flows
    .filter(({ flow, isLetIn }) => !isLetIn && onExpiryOf(flow, portsOf(flow.machine)) === 'warn')
    .map(({ flow, machine, by }) => ({
      kind: 'outlived',
      point: machine,
      machines: [machine],
      flow,
      requestor: by[0]?.requestor,
    }))
}

function vanishedMachines({ orders, places }: Judged, rights: Rights): Finding[] {
  if (!places.some(({ tally }) => sumOf(tally, isVanished) > 0)) return []
  return orders.rows
    .filter(({ kind }) => isVanished(kind))
    .slice(0, MOST_FINDINGS)
    .filter(({ id }) => rights.may(readMachine(id), id))
    .map(({ id }) => ({ point: id, machines: [id], kind: 'vanished' }))
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

function findingsOf({ id: point, failures, lastError, dueAt, drift }: PointRow): PointFinding[] {
  const at = { point, machines: [] }
  return [
    ...(drift === undefined ? [] : [{ ...at, kind: 'drift' as const, drift }]),
    ...(failures === 0
      ? []
      : [{ ...at, kind: 'failing' as const, failures, reason: lastError ?? '', nextTryAt: dueAt }]),
  ]
}

function overdueOf({ point, grants, since }: OverduePoint): PointFinding {
  return { point, machines: [], kind: 'overdue', grants, since }
}
