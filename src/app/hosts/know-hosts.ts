/**
 * A host may have enrolled at another replica a moment ago: before it is refused as unknown or as not to be protected, the
 * record is asked.
 */
import type { App } from '../app.ts'
import { machineKindOf } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId } from '../../domain/resource-id.ts'

export async function knowHosts(
  { inventory, hosts }: Pick<App, 'inventory' | 'hosts'>,
  machines: readonly ResourceId[],
): Promise<void> {
  const isDoubtful = (id: ResourceId): boolean => {
    const machine = inventory.find(resourceKey(id))
    return machine === undefined || machine.unsupported !== undefined
  }
  if (machines.some((id) => machineKindOf(id) === 'host' && isDoubtful(id))) await hosts.sync()
}
