/** One driver for everything in Azure that carries rules: each point goes to the part that knows its kind of resource. */
import type { Driver, Plan, PointId, PointTraits } from '../../app/ports.ts'
import { keyIn } from './azure-points.ts'
import type { Route } from './connected.ts'
import { HEARTBEAT, PATIENCE } from './nsg-driver.ts'

/** What differs between kinds of resources. */
export type Part = Pick<Driver, 'observe' | 'plan' | 'apply' | 'foresee' | 'traitsOf'>

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
    // Azure tells nobody at once; the heartbeat finds it.
    watch: () => () => {},
    traitsOf: (point): PointTraits => ({
      patience: PATIENCE,
      ...driftOf(route, point),
      ...partOf(point).traitsOf?.(point),
    }),
  }
}

/** A point that no connection reaches any more has no way of its own. */
function driftOf(route: Route, point: PointId): PointTraits {
  try {
    return { drift: route(point).settings.drift }
  } catch {
    return {}
  }
}
