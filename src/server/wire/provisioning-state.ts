/**
 * Whether what a policy closes was seen closed: `Updating` until a pass on every point of its machines has applied the
 * shields as they now are. Read from the record, never guessed.
 */
import type { App } from '../../app/app.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { StoredPolicy } from '../../app/ports/rows.ts'
import type { Reads } from '../../app/ports/store.ts'
import type { JitPolicy } from '../../contract/jit-policy.ts'
import { parseResourceId, resourceKey } from '../../domain/resource-id.ts'

type State = JitPolicy['properties']['provisioningState']

interface Deps {
  readonly inventory: Pick<App['inventory'], 'find'>
  readonly points: Pick<Reads, 'point'>
}

/** Many policies share points, so each point is read once per answer. */
export function provisioningStates({ inventory, points }: Deps): (policy: StoredPolicy) => Promise<State> {
  const seen = new Map<PointId, Promise<boolean>>()
  const settled = async (id: PointId): Promise<boolean> => {
    const row = await points.point(id)
    return row === undefined || row.applied >= row.shape
  }
  const once = (id: PointId): Promise<boolean> => {
    const known = seen.get(id) ?? settled(id)
    seen.set(id, known)
    return known
  }
  return async (policy) => {
    const all = await Promise.all(pointsOf(policy, inventory).map(once))
    return all.every(Boolean) ? 'Succeeded' : 'Updating'
  }
}

function pointsOf(policy: StoredPolicy, inventory: Deps['inventory']): PointId[] {
  return policy.machines.flatMap(({ id }) => {
    const parsed = parseResourceId(id)
    return parsed.ok ? [...(inventory.find(resourceKey(parsed.value))?.points ?? [])] : []
  })
}
