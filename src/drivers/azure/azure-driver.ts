/** One driver for everything in Azure that carries rules: each point goes to the part that knows its kind of resource. */
import type { Driver, Plan, PointTraits, PortsOfMachine } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { Exposure } from '../../domain/posture.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { keyIn } from './azure-points.ts'
import { estateOf, type Connected, type Route } from './connected.ts'
import type { Estate } from './estate.ts'
import { exposuresOf } from './exposures.ts'
import { HEARTBEAT, PATIENCE } from './nsg-driver.ts'

/** What differs between kinds of resources. */
export type Part = Pick<Driver, 'observe' | 'plan' | 'apply' | 'foresee' | 'traitsOf'> & {
  /** The estate once the plan is carried out, where that differs in who of others gets in. */
  estateAfter?(estate: Estate, plan: Plan): Estate
}

interface Seen {
  readonly part: Part
  readonly observed: unknown
}

interface PartPlan extends Plan {
  readonly part: Part
}

export function azureDriver(
  parts: { readonly nsg: Part; readonly firewall: Part },
  route: Route,
): Driver<Seen, PartPlan> {
  const partOf = (point: PointId): Part => {
    if (keyIn(point).includes('/networksecuritygroups/')) return parts.nsg
    if (keyIn(point).includes('/azurefirewalls/')) return parts.firewall
    throw new Error(`${point} is neither a network security group nor a firewall`)
  }
  return {
    kind: 'azure',
    closesByItself: false,
    heartbeat: HEARTBEAT,
    observe: async (point, scope, signal) => {
      const part = partOf(point)
      return { part, observed: await part.observe(point, scope, signal) }
    },
    plan: ({ observed: { part, observed }, ...rest }) => ({ ...part.plan({ ...rest, observed }), part }),
    apply: (point, plan, signal) => plan.part.apply(point, plan, signal),
    preflight: async () => [],
    foresee: async (foresight, signal) => (await partOf(foresight.point).foresee?.(foresight, signal)) ?? [],
    exposuresAfter: (machines, plans) => exposuresAfter(route, machines, plans),
    // Azure tells nobody at once; the heartbeat finds it.
    watch: () => () => {},
    traitsOf: (point): PointTraits => ({
      patience: PATIENCE,
      ...driftOf(route, point),
      ...partOf(point).traitsOf?.(point),
    }),
  }
}

/** Of machines that were read; holes of ours come and go, and what they let in is no news. */
function exposuresAfter(
  route: Route,
  machines: readonly PortsOfMachine[],
  plans: ReadonlyMap<PointId, PartPlan>,
): Map<ResourceKey, readonly Exposure[]> {
  const estates = new Map<Connected, Estate>()
  for (const [point, plan] of plans) {
    const connected = route(point)
    const estate = estates.get(connected) ?? estateOf(connected)
    estates.set(connected, plan.part.estateAfter?.(estate, plan) ?? estate)
  }
  const found = new Map<ResourceKey, readonly Exposure[]>()
  for (const [{ settings }, estate] of estates)
    for (const { machine, ports } of machines)
      if (estate.machines.has(machine)) found.set(machine, exposuresOf(estate, { machine, ports, settings }))
  return found
}

/** A point that no connection reaches any more has no way of its own. */
function driftOf(route: Route, point: PointId): PointTraits {
  try {
    return { drift: route(point).settings.drift }
  } catch {
    return {}
  }
}
