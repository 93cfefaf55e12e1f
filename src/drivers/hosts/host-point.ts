/** The names of the points of hosts. */
import type { PointId } from '../../app/ports.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'

export const HOST_PREFIX = 'host:'

export function pointOfHostKey(machine: ResourceKey): PointId {
  return `${HOST_PREFIX}${machine}` as PointId // the one place that makes these names
}
