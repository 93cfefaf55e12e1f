/**
 * Enforcement points of hosts from which nobody hears. What they carry ends by itself, so nothing there is overdue for that;
 * it is only not proven yet.
 */
import type { App } from './app.ts'
import type { Machine, PointId } from './ports.ts'
import { SECOND, type Instant, type Millis } from '../domain/time.ts'

export interface UnreachablePoint {
  readonly since: Instant
  readonly machines: readonly Machine[]
}

/** An agent that comes back at once, to this replica or to another, is nothing to tell of. */
const GRACE: Millis = 15 * SECOND

export function unreachablePoints({
  inventory,
  clock,
}: Pick<App, 'inventory' | 'clock'>): Map<PointId, UnreachablePoint> {
  const before = clock.now() - GRACE
  const found = new Map<PointId, { since: Instant; machines: Machine[] }>()
  for (const machine of inventory.list()) {
    const { unreachableSince: since, points } = machine
    if (since === undefined || since > before) continue
    for (const point of points) {
      const known = found.get(point)
      if (known === undefined) found.set(point, { since, machines: [machine] })
      else known.machines.push(machine)
    }
  }
  return found
}

export interface Overdue {
  /** Open past their end, for all that anybody knows: an alarm. */
  readonly overdue: number
  /** Ended on hosts that are unreachable: closed by their kernels, and to be proven when they are back. */
  readonly unproven: number
}

export async function countOverdue(app: Pick<App, 'store' | 'inventory' | 'clock'>, before: Instant): Promise<Overdue> {
  const all = await app.store.reads.overdue(before)
  if (all === 0) return { overdue: 0, unproven: 0 }
  const unreachable = unreachablePoints(app)
  if (unreachable.size === 0) return { overdue: all, unproven: 0 }
  const points = await app.store.reads.overduePoints(before, MOST_POINTS)
  const count = (isUnproven: boolean): number =>
    points.filter(({ point }) => unreachable.has(point) === isUnproven).reduce((sum, { grants }) => sum + grants, 0)
  return { overdue: Math.min(all, count(false)), unproven: Math.min(all, count(true)) }
}

const MOST_POINTS = 100_000
