/**
 * Enforcement on imagined network security groups, by the same judgement that a real cloud's driver uses. Changes are
 * atomic and conditional on the version that the plan was made on, as a PUT with `If-Match` is.
 */
import type { Driver, Plan, PlanInput } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import {
  applyChanges,
  planRules,
  type GuardedMachine,
  type RulesPlan,
} from '../../domain/security-groups/plan-rules.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { SecurityRule } from '../../domain/security-groups/security-rule.ts'
import { MINUTE } from '../../domain/time.ts'
import type { Fleet } from './fleet.ts'
import { guardedMachines } from './fleet-inventory.ts'
import type { SecurityGroups } from './security-groups.ts'

export interface ObservedGroup {
  readonly nsg: ResourceKey
  readonly version: number
  readonly rules: readonly SecurityRule[]
  readonly machines: ReadonlyMap<ResourceKey, GuardedMachine>
}

export interface GroupPlan extends Plan, Pick<RulesPlan, 'changes' | 'unprotected'> {
  readonly version: number
}

const NOBODY: ReadonlyMap<ResourceKey, GuardedMachine> = new Map()

export function memoryDriver(fleet: Fleet, groups: SecurityGroups): Driver<ObservedGroup, GroupPlan> {
  const guarded = guardedMachines(fleet)
  return {
    kind: 'memory',
    closesByItself: false,
    heartbeat: 10 * MINUTE,
    observe: async (point, _scope, signal) => {
      signal.throwIfAborted()
      const { key, version, rules } = groupAt(groups, point)
      return { nsg: key, version, rules, machines: guarded.get(point) ?? NOBODY }
    },
    plan: planGroup,
    apply: async (point, plan, signal) => {
      signal.throwIfAborted()
      applyGroup(groups, point, plan)
    },
    preflight: async () => [],
    // Nobody connects to machines that are not there.
    flowsAt: async () => [],
    watch: (onChange) => groups.onEdit((point, by) => onChange({ point, ...(by === undefined ? {} : { by }) })),
  }
}

function planGroup({ desired, observed, scope, journal }: PlanInput<ObservedGroup>): GroupPlan {
  const { nsg, version, rules, machines } = observed
  return { ...planRules({ nsg, version: String(version), rules, machines, desired, scope, journal }), version }
}

function applyGroup(groups: SecurityGroups, point: PointId, plan: GroupPlan): void {
  const group = groupAt(groups, point)
  const rules = applyChanges(group.rules, plan.changes)
  if (plan.changes.length > 0 && !groups.replace(point, rules, plan.version)) {
    throw new Error(`'${point}' was changed by somebody else after it was read; read it again`)
  }
  if (plan.unprotected.length > 0) throw new Error(plan.unprotected.map(({ message }) => message).join('; '))
}

function groupAt(groups: SecurityGroups, point: PointId): NonNullable<ReturnType<SecurityGroups['get']>> {
  const group = groups.get(point)
  if (group === undefined) throw new Error(`there is no network security group behind '${point}'`)
  return group
}
