/** Which ports of which machines a point must keep closed: every policy that names a machine behind it. */
import { shieldOf } from '../../domain/policy/policy.ts'
import { storedPolicyBody } from '../policies/stored-policy-body.ts'
import type { Shield } from '../../domain/access/desired.ts'
import type { Inventory, PointId } from '../ports/inventory.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import type { Reads } from '../ports/store.ts'

export async function shieldsAt(
  reads: Pick<Reads, 'policiesCovering'>,
  inventory: Inventory,
  point: PointId,
): Promise<Shield[]> {
  const behind = inventory.behind(point)
  if (behind.length === 0) return []
  return shieldsOf(await reads.policiesCovering(behind.map((machine) => machine.key)), inventory, point)
}

/** Sorted, so that equal policies make equal shields whatever the order they were read in. */
export function shieldsOf(policies: readonly StoredPolicy[], inventory: Inventory, point: PointId): Shield[] {
  const behind = new Set(inventory.behind(point).map((machine) => machine.key))
  const sorted = policies.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return sorted.flatMap((policy) => {
    const body = storedPolicyBody(policy)
    return body.machines.filter((machine) => behind.has(machine.key)).map((machine) => shieldOf(body, machine))
  })
}
