/** The names of the points of hosts. */
import type { PointId } from '../../app/ports/inventory.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'

export const HOST_PREFIX = 'host:'

export function pointOfHostKey(machine: ResourceKey): PointId {
  return `${HOST_PREFIX}${machine}` as PointId // the one place that makes these names
}

export function machineOfPoint(point: PointId): ResourceKey {
  return point.slice(HOST_PREFIX.length) as ResourceKey // as it was put there
}
