/** The names of enforcement points in Azure: `azure:<key of a security group or firewall>`. */
import type { PointId } from '../../app/ports/inventory.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'

const POINT_PREFIX = 'azure:'

export function pointOf(key: ResourceKey): PointId {
  return `${POINT_PREFIX}${key}` as PointId // the one place that makes these names
}

export function keyIn(point: PointId): ResourceKey {
  return point.slice(POINT_PREFIX.length) as ResourceKey // as pointOf puts it in
}
