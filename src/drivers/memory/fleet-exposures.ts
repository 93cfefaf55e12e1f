/** Who gets in to the machines of a fleet: through the one security group of each NIC. Pure but for reading the groups. */
import { admissions, type Admission } from '../../domain/security-groups/admissions.ts'
import type { ProtectedPort } from '../../domain/access/desired.ts'
import { admitsEverybody } from '../../domain/security-groups/effective.ts'
import type { GrantId } from '../../domain/access/hole.ts'
import { isOwned, markedGrant } from '../../domain/security-groups/jit-rule.ts'
import { formatIpPrefix } from '../../domain/net.ts'
import type { Exposure } from '../../domain/posture.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { formatRuleAddress } from '../../domain/security-groups/security-rule.ts'
import type { Fleet, FleetNic } from './fleet.ts'
import { pointOfGroup, type SecurityGroups } from './security-groups.ts'

export type FleetExposures = (machine: ResourceKey, ports: readonly ProtectedPort[]) => readonly Exposure[] | undefined

/** As the groups are when it is asked; undefined for a machine that is not of the fleet. */
export function fleetExposures(fleet: Fleet, groups: Pick<SecurityGroups, 'get'>): FleetExposures {
  const machines = new Map(fleet.machines.map((machine) => [machine.key, machine]))
  return (key, ports) =>
    machines
      .get(key)
      ?.nics.flatMap((nic) =>
        ports.flatMap(({ number, protocol }) =>
          (protocol === '*' ? (['TCP', 'UDP'] as const) : [protocol]).flatMap((each) =>
            exposuresAt(nic, { port: number, protocol: each }, groups),
          ),
        ),
      )
}

function exposuresAt(
  { privateIp, publicIp, group }: FleetNic,
  door: Pick<Exposure, 'port' | 'protocol'>,
  groups: Pick<SecurityGroups, 'get'>,
): Exposure[] {
  const point = group === undefined ? undefined : pointOfGroup(group)
  const state = point === undefined ? undefined : groups.get(point)
  if (state === undefined || point === undefined) return []
  return admissions(state.rules, { address: privateIp, ...door }).map((admission) => ({
    ...door,
    ...whoOf(admission),
    address: formatIpPrefix(privateIp),
    ...(publicIp !== undefined && { publicAddress: formatIpPrefix(publicIp) }),
    through: [
      { rule: admission.rule.name, priority: admission.rule.priority, of: `NSG ${state.key.split('/').at(-1)}`, point },
    ],
  }))
}

function whoOf({ rule, from, letIn }: Admission): Pick<Exposure, 'breadth' | 'from' | 'letIn' | 'grants'> {
  const grant = isOwned(rule) ? markedGrant(rule.description) : undefined
  const everybody = admitsEverybody(rule.sources)
  return {
    breadth: everybody ? 'everybody' : 'some',
    from: [everybody ? '*' : formatRuleAddress(from)],
    letIn,
    // A rule tells its grant by the beginning of a digest, which is all that can be known from the group.
    grants: grant === undefined ? [] : [grant as GrantId],
  }
}
