/**
 * Enforcement points of hosts from which nobody hears. What they carry ends by itself, so nothing there is overdue for that;
 * it is only not proven yet.
 */
import type { App } from '../app.ts'
import type { Machine, PointId } from '../ports/inventory.ts'
import type { Instant } from '../../domain/time.ts'

export interface UnreachablePoint {
  readonly since: Instant
  readonly machines: readonly Machine[]
}

/** The machines of a list never change: who looks again at the same ones is told the same. */
const known = new WeakMap<readonly Machine[], ReadonlyMap<PointId, UnreachablePoint>>()

/** From the first moment: whoever looks meanwhile is not told that all is well, nor that what ended there is overdue. */
export function unreachablePoints({ inventory }: Pick<App, 'inventory'>): ReadonlyMap<PointId, UnreachablePoint> {
  const all = inventory.list()
  const found = known.get(all) ?? unreachableAmong(all)
  known.set(all, found)
  return found
}

function unreachableAmong(machines: readonly Machine[]): Map<PointId, UnreachablePoint> {
  const found = new Map<PointId, { since: Instant; machines: Machine[] }>()
  for (const machine of machines) {
    const { unreachableSince: since, points } = machine
    if (since === undefined) continue
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

export async function countOverdue(app: Pick<App, 'store' | 'inventory'>, before: Instant): Promise<Overdue> {
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
