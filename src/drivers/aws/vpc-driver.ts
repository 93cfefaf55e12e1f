/**
 * Enforcement by security groups. A point is a VPC. The judgement is in `plan-vpc.ts`, the deeds are in `apply-vpc.ts`.
 *
 * EC2 tells nobody of changes: whoever reads the inventory finds them, and the heartbeat the rest.
 */
import type { Clock } from '../../app/ports/clock.ts'
import type { Driver, PointTraits, Scope } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { Slot } from '../../domain/access/hole.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { resourceName, type ResourceId } from '../../domain/resource-id.ts'
import { MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'
import { applyVpc, type ApplyVpc } from './apply-vpc.ts'
import { schedulePrefix } from './belt.ts'
import type { PatientBelt } from './patient-belt.ts'
import type { Ec2 } from './ec2.ts'
import { jitGroupName } from './marks.ts'
import { machineOfSlot } from './plan-openings.ts'
import { planVpc, type VpcPlan } from './plan-vpc.ts'
import type { Quotas, VpcState } from './vpc-state.ts'

/** How to get at a VPC. */
export interface Reach {
  readonly ec2: Ec2
  readonly vpc: string
  readonly quotas: (signal: AbortSignal) => Promise<Quotas>
  /** Undefined where it is off. */
  readonly belt?: PatientBelt
  readonly traits: PointTraits
}

export interface VpcDriverOptions {
  /** Rejects when no connection reaches the point (any more). */
  readonly reach: (point: PointId) => Promise<Reach>
  readonly traitsOf: (point: PointId) => PointTraits
  /** What people call the instances. */
  readonly names: () => ReadonlyMap<string, string>
  /** Told of each look at everything. */
  readonly onObserved: (observed: ObservedVpc) => void
  /** Told after each look at everything what does not fit and whom it strands; empty when all is well. */
  readonly onMisfits: (point: PointId, misfits: readonly Refusal[]) => void
  readonly watch: Driver['watch']
  readonly sleep: ApplyVpc['sleep']
  readonly clock: Clock
}

/** What a point's observation belongs to is part of it, as the plan marks what it makes. */
export interface ObservedVpc extends VpcState {
  readonly point: PointId
}

const HEARTBEAT: Millis = 5 * MINUTE
/** A change that was cut off may be done and not be shown yet: whoever looked at once would take it for not done. */
const SETTLING: Millis = 3 * SECOND

export function vpcDriver(options: VpcDriverOptions): Driver<ObservedVpc, VpcPlan> {
  const { reach, names, onObserved, onMisfits, sleep, clock } = options
  /** Until when what is shown of a point may be older than what was done to it. */
  const unsettled = new Map<PointId, Instant>()
  const look = async (where: Look): Promise<ObservedVpc> => {
    const wait = (unsettled.get(where.point) ?? 0) - clock.now()
    if (wait > 0) await sleep(wait, where.signal)
    unsettled.delete(where.point)
    const observed = { ...(await observe(await reach(where.point), where)), names: names() }
    if (where.scope === 'all') onObserved(observed)
    return observed
  }
  return {
    kind: 'aws',
    closesByItself: false,
    heartbeat: HEARTBEAT,
    observe: (point, scope, signal) => look({ point, scope, signal }),
    plan: ({ desired, observed, scope, journal }) => {
      const { point } = observed
      const plan = planVpc({ point, observed, desired, scope, journal })
      if (scope === 'all') onMisfits(point, [...plan.unprotected, ...plan.warnings])
      return plan
    },
    apply: async (point, plan, signal) => {
      const { ec2, vpc, belt } = await reach(point)
      try {
        await applyVpc({ ec2, vpc, sleep, ...(belt === undefined ? {} : { belt }) }, plan.operations, signal)
      } catch (cause) {
        unsettled.set(point, clock.now() + SETTLING)
        throw cause
      }
    },
    preflight: () => Promise.resolve([]),
    foresee: async ({ point, shields, journal }, signal) => {
      const observed = await look({ point, scope: 'all', signal })
      return planVpc({ point, observed, desired: { shields, holes: [] }, scope: 'all', journal }).unprotected
    },
    watch: options.watch,
    traitsOf: options.traitsOf,
  }
}

interface Look {
  readonly point: PointId
  readonly scope: Scope
  readonly signal: AbortSignal
}

async function observe(
  { ec2, vpc, quotas, belt }: Reach,
  { point, scope, signal }: Look,
): Promise<Omit<ObservedVpc, 'names'>> {
  const which = scope === 'all' ? undefined : instancesOf(scope)
  const [interfaces, groups, prefixLists, limits, schedules] = await Promise.all([
    ec2.interfaces(which === undefined ? { vpc } : { instances: which }, signal),
    ec2.groups(which === undefined ? { vpc } : { vpc, names: which.map(jitGroupName) }, signal),
    which === undefined ? ec2.prefixLists(signal) : Promise.resolve([]),
    quotas(signal),
    belt?.list(schedulePrefix(vpc), signal),
  ])
  const ids = groups.map(({ id }) => id)
  const { inbound, outbound } = ids.length === 0 ? { inbound: [], outbound: [] } : await ec2.rules(ids, signal)
  return {
    point,
    groups: new Map(groups.map((group) => [group.id, group])),
    inbound,
    outbound,
    interfaces: interfaces.filter((one) => one.vpc === vpc),
    prefixLists: new Map(prefixLists.map((list) => [list.id, list])),
    quotas: limits,
    ...(schedules === undefined ? {} : { schedules: new Set(schedules) }),
  }
}

/** A machine's resource is named after its instance. */
function instancesOf(scope: ReadonlySet<Slot>): string[] {
  // A machine's key is its id in lower case, which is an id too.
  return [...new Set([...scope].map((slot) => resourceName(machineOfSlot(slot) as string as ResourceId)))]
}
