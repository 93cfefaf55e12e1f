/** What is found about one machine, from what is known of it now. */
import type { App } from '../app.ts'
import type { Machine } from '../ports/inventory.ts'
import type { PlanTier } from '../ports/role-record.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import { storedPolicyBody } from '../policies/stored-policy-body.ts'
import type { ProtectedPort } from '../../domain/access/desired.ts'
import { MANAGEMENT_PORTS, postureOf, type Posture } from '../../domain/posture.ts'
import { refusal } from '../../domain/refusal.ts'
import { resourceKey, resourceName, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import { scopeKeyOf, subscriptionOf } from '../../domain/roles/scope.ts'

export interface MachinePosture {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly name: string
  readonly location?: string
  readonly os?: Machine['os']
  readonly posture: Posture
}

/** A machine as policies name it. */
export interface Guarded {
  readonly id: ResourceId
  readonly ports: readonly ProtectedPort[]
  /** Whether a policy wants to be told who stays connected there when access has ended. */
  readonly isWatched: boolean
}

export interface MachineFacts {
  readonly guarded: Guarded | undefined
  /** By subscription, lower case; one that is not here is on the plan. */
  readonly plans: ReadonlyMap<string, PlanTier>
}

export function judgeMachine(
  { inventory }: Pick<App, 'inventory'>,
  machine: Machine,
  { guarded, plans }: MachineFacts,
): MachinePosture {
  const { id, key, name, location, os, power, unsupported, unreachableSince } = machine
  const posture = postureOf({
    isConfigured: guarded !== undefined,
    isPlanOn: plans.get(subscriptionOf(scopeKeyOf(key)) ?? '') !== 'Free',
    ...(power !== undefined && { power }),
    ...(unsupported !== undefined && { unsupported }),
    ...(unreachableSince !== undefined && { unreachableSince }),
    exposures: inventory.exposuresOf?.(key, guarded?.ports ?? MANAGEMENT_PORTS),
  })
  return { id, key, name, location, os, posture }
}

/** One that a policy names although nobody has it any more. */
export function judgeVanished(id: ResourceId): MachinePosture {
  const unsupported = refusal('MachineNotFound', 'there is no such machine any more; take it out of its policy')
  const posture = postureOf({ isConfigured: true, isPlanOn: true, unsupported, exposures: undefined })
  return { id, key: resourceKey(id), name: resourceName(id), posture }
}

/** The machines that a policy names. */
export function guardedBy(policy: StoredPolicy): ReadonlyMap<ResourceKey, Guarded> {
  const { machines } = storedPolicyBody(policy)
  return new Map(
    machines.map(({ id, key, ports }) => [
      key,
      {
        id,
        ports: ports.map(({ number, protocol }) => ({ number, protocol })),
        isWatched: ports.some(({ onExpiry }) => onExpiry === 'warn'),
      },
    ]),
  )
}

/** As all the policies together name it. */
export function together(named: readonly Guarded[]): Guarded | undefined {
  const [first, ...others] = named
  return first === undefined || others.length === 0 ? first : { ...first, ports: named.flatMap(({ ports }) => ports) }
}
