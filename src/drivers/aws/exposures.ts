/**
 * Who gets in at a machine's ports: every rule of every group on every interface, each by itself, because security groups
 * only ever allow. Network ACLs and routes are not looked at: they may close what this calls open, never the other way.
 */
import type { ProtectedPort } from '../../domain/access/desired.ts'
import type { GrantId } from '../../domain/access/hole.ts'
import type { Exposure } from '../../domain/posture.ts'
import { opensAny } from './cut-rule.ts'
import { familiesOf, isEverybody, type GroupRule } from './group-rule.ts'
import { GRANT_TAG, isOurGroup } from './marks.ts'
import { pointOf, type Place } from './place.ts'
import { portSet } from './port-set.ts'
import type { NetworkInterface, SecurityGroup } from './vpc-state.ts'

export interface ExposureInput {
  readonly place: Place
  readonly groups: ReadonlyMap<string, SecurityGroup>
  readonly inboundOf: ReadonlyMap<string, readonly GroupRule[]>
  readonly interfaces: readonly NetworkInterface[]
}

export function exposuresAt(input: ExposureInput, ports: readonly ProtectedPort[]): Exposure[] {
  const single = ports.flatMap(({ number, protocol }) =>
    (['TCP', 'UDP'] as const)
      .filter((one) => protocol === '*' || protocol === one)
      .map((one) => ({ number, protocol: one })),
  )
  return input.interfaces.flatMap((one) =>
    one.groups.flatMap((group) =>
      (input.inboundOf.get(group) ?? []).flatMap((rule) =>
        single.filter((port) => opensAny(rule, portSet([port]))).flatMap((port) => exposuresBy(input, one, rule, port)),
      ),
    ),
  )
}

function exposuresBy(
  { place, groups }: ExposureInput,
  one: NetworkInterface,
  rule: GroupRule,
  port: { readonly number: number; readonly protocol: 'TCP' | 'UDP' },
): Exposure[] {
  const families = new Set(familiesOf(rule))
  const group = groups.get(rule.group)
  const isNamed = !rule.peer.includes('.') && !rule.peer.includes(':')
  return one.privateAddresses.flatMap((address) => {
    const family = address.includes(':') ? 6 : 4
    if (!families.has(family)) return []
    const reachable = family === 6 ? address : one.publicAddresses[0]
    return [
      {
        port: port.number,
        protocol: port.protocol,
        breadth: isEverybody(rule) ? ('everybody' as const) : ('some' as const),
        from: [rule.peer],
        letIn: isNamed ? ('maybe' as const) : ('yes' as const),
        address,
        ...(reachable === undefined ? {} : { publicAddress: reachable }),
        through: [
          {
            rule: rule.id,
            of: `security group ${rule.group}${group === undefined ? '' : ` (${group.name})`}`,
            point: pointOf({ ...place, vpc: one.vpc }),
          },
        ],
        grants: group !== undefined && isOurGroup(group) ? grantsOf(rule) : [],
      },
    ]
  })
}

function grantsOf({ tags }: GroupRule): GrantId[] {
  // Our own tag, as `jit-openings.ts` writes it; what did not fit is only counted there.
  return (tags[GRANT_TAG] ?? '').split(' ').filter((text) => text !== '' && !text.startsWith('+')) as GrantId[]
}
