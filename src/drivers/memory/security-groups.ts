/**
 * The imagined cloud's network security groups: one map, atomic changes, a version per group. It knows nothing of
 * policies or grants. {@link SecurityGroups.edit} is how somebody else changes a group behind our back.
 */
import type { PointId } from '../../app/ports/inventory.ts'
import type { ResourceId, ResourceKey } from '../../domain/resource-id.ts'
import type { SecurityRule } from '../../domain/security-groups/security-rule.ts'
import type { FleetGroup } from './fleet.ts'

export interface SecurityGroupState {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly location: string
  /** In the order in which they were written; immutable. */
  readonly rules: readonly SecurityRule[]
  /** Grows with every write. */
  readonly version: number
}

export type EditListener = (point: PointId, by: string | undefined) => void

export const POINT_PREFIX = 'memory:'

export function pointOfGroup(key: ResourceKey): PointId {
  return `${POINT_PREFIX}${key}` as PointId // the one place that makes these names
}

export class SecurityGroups {
  readonly #groups: Map<PointId, SecurityGroupState>
  readonly #listeners = new Set<EditListener>()

  constructor(groups: readonly FleetGroup[]) {
    this.#groups = new Map(groups.map((group) => [pointOfGroup(group.key), { ...group, version: 1 }]))
  }

  get(point: PointId): SecurityGroupState | undefined {
    return this.#groups.get(point)
  }

  /** In a subscription or a resource group. */
  list(within: string): SecurityGroupState[] {
    const prefix = `${within.toLowerCase()}/`
    return [...this.#groups.values()].filter(({ key }) => key.startsWith(prefix))
  }

  /** Replaces the rules if the group still has this version, as a conditional PUT does; returns whether it did. */
  replace(point: PointId, rules: readonly SecurityRule[], ifVersion: number): boolean {
    const group = this.#groups.get(point)
    if (group?.version !== ifVersion) return false
    this.#groups.set(point, { ...group, rules, version: group.version + 1 })
    return true
  }

  /** Somebody else's change. */
  edit(point: PointId, change: (rules: readonly SecurityRule[]) => readonly SecurityRule[], by?: string): void {
    const group = this.#groups.get(point)
    if (group === undefined) throw new Error(`there is no network security group behind '${point}'`)
    this.replace(point, change(group.rules), group.version)
    for (const listener of this.#listeners) listener(point, by)
  }

  /** Calls back on {@link edit}; returns how to stop. */
  onEdit(listener: EditListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
