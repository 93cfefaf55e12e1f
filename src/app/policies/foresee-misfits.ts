/**
 * Whether a policy that somebody wants to write fits what its enforcement points can carry, asked before it is kept. It
 * must never stand in the way of a write when a point does not answer: what does not fit then is left undone by its pass.
 */
import type { App } from '../app.ts'
import type { PointId } from '../ports/inventory.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import { shieldsOf } from '../convergence/shields.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Millis } from '../../domain/time.ts'

type Deps = Pick<App, 'store' | 'inventory' | 'driverOf' | 'clock' | 'log'>

const DEADLINE: Millis = 20_000

export async function foreseeMisfits(
  app: Deps,
  proposed: StoredPolicy,
  points: readonly PointId[],
): Promise<Refusal[]> {
  const found = await Promise.all([...new Set(points)].map((point) => misfitsAt(app, proposed, point)))
  return found.flat()
}

async function misfitsAt(app: Deps, proposed: StoredPolicy, point: PointId): Promise<readonly Refusal[]> {
  const driver = app.driverOf(point)
  if (driver?.foresee === undefined) return []
  const { reads } = app.store
  const covering = await reads.policiesCovering(app.inventory.behind(point).map((machine) => machine.key))
  const others = covering.filter((policy) => policy.key !== proposed.key)
  const shields = shieldsOf([...others, proposed], app.inventory, point)
  const foresight = { point, shields, journal: await reads.journal(point), now: app.clock.now() }
  try {
    return await driver.foresee(foresight, AbortSignal.timeout(DEADLINE))
  } catch (cause) {
    app.log.warn({ point, cause }, 'a policy was not tried on a point that does not answer')
    return []
  }
}
