/** What was read of one region of one account, as machines: what each is, where its rules live, or why nothing can protect it. Pure. */
import type { Machine, PointId } from '../../app/ports/inventory.ts'
import { parseResourceId, resourceKey, type ResourceId } from '../../domain/resource-id.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { sha256 } from '../../domain/sha256.ts'
import { opensAny } from './cut-rule.ts'
import { isEverybody } from './group-rule.ts'
import type { Rules } from './ec2.ts'
import type { Instance } from './instance.ts'
import { isOurGroup } from './marks.ts'
import { pointOf, type Place } from './place.ts'
import { portSet } from './port-set.ts'
import type { NetworkInterface, PrefixList, Quotas, SecurityGroup } from './vpc-state.ts'

export interface RegionState {
  readonly place: Place
  readonly instances: readonly Instance[]
  readonly interfaces: readonly NetworkInterface[]
  readonly groups: readonly SecurityGroup[]
  readonly rules: Rules
  readonly prefixLists: readonly PrefixList[]
  readonly quotas: Quotas
}

/** An instance that is going or gone is no machine any more. */
const GONE: ReadonlySet<string> = new Set(['terminated', 'shutting-down'])

export function machinesOf(connection: ResourceId, state: RegionState): Machine[] {
  const byInstance = Map.groupBy(state.interfaces, ({ instance }) => instance)
  return state.instances
    .filter((instance) => !GONE.has(instance.state))
    .flatMap((instance) => machineOf(connection, state, { instance, interfaces: byInstance.get(instance.id) ?? [] }))
}

interface Found {
  readonly instance: Instance
  readonly interfaces: readonly NetworkInterface[]
}

function machineOf(connection: ResourceId, { place, quotas, groups }: RegionState, found: Found): Machine[] {
  const { instance, interfaces } = found
  const parsed = parseResourceId(`${connection}/ec2Instances/${instance.id}`)
  if (!parsed.ok) return []
  const vpcs = [...new Set(interfaces.map(({ vpc }) => vpc))].sort()
  const points: PointId[] = vpcs.map((vpc) => pointOf({ ...place, vpc }))
  const ours = new Set(groups.filter(isOurGroup).map(({ id }) => id))
  const unsupported = whyNot(found, { quotas, ours })
  const name = instance.tags['Name']
  return [
    {
      id: parsed.value,
      key: resourceKey(parsed.value),
      name: name === undefined || name === '' ? instance.id : name,
      location: place.region,
      os: instance.os,
      privateAddresses: interfaces.flatMap(({ privateAddresses }) => privateAddresses),
      publicAddresses: interfaces.flatMap(({ publicAddresses }) => publicAddresses),
      points,
      ...(unsupported === undefined ? {} : { unsupported }),
      power: instance.state === 'stopped' || instance.state === 'stopping' ? 'stopped' : 'running',
      vmId: instance.id,
      shape: shapeOf(found, ours),
    },
  ]
}

function whyNot(
  { instance, interfaces }: Found,
  { quotas, ours }: { readonly quotas: Quotas; readonly ours: ReadonlySet<string> },
): Refusal | undefined {
  if (instance.vpc === undefined && interfaces.length === 0)
    return refusal(
      'NoVirtualNetwork',
      `${instance.id} is in no VPC: its security groups cannot be changed while it lives`,
    )
  if (interfaces.length === 0)
    return refusal('NoNetworkInterface', `${instance.id} has no network interface, so nothing reaches it`)
  const service = interfaces.find(({ isRequesterManaged }) => isRequesterManaged)
  if (service !== undefined)
    return refusal(
      'InterfaceOfAService',
      `interface ${service.id} of ${instance.id} is managed by a service (${service.description || 'unnamed'}), and only that service can give it other security groups`,
    )
  const full = interfaces.find(
    ({ groups }) => groups.filter((group) => !ours.has(group)).length >= quotas.groupsPerInterface,
  )
  if (full === undefined) return undefined
  return refusal(
    'TooManySecurityGroups',
    `interface ${full.id} of ${instance.id} carries ${full.groups.length} security groups, as many as it may, and openings need one more; take one off, or ask AWS to raise the quota 'Security groups per network interface'`,
  )
}

/** Groups of ours come and go with our own passes: they are no news. */
function shapeOf({ interfaces }: Found, ours: ReadonlySet<string>): string {
  const carried = interfaces.map(
    ({ id, vpc, groups }) =>
      `${id} ${vpc} ${groups
        .filter((one) => !ours.has(one))
        .sort()
        .join(' ')}`,
  )
  return sha256(carried.sort().join('\n')).slice(0, 16)
}

/** The ports that posture asks about; elsewhere nobody minds. */
const MANAGEMENT = portSet([22, 3389, 5985, 5986].map((number) => ({ number, protocol: 'TCP' })))

/** A flow from anybody with answers to anywhere is not tracked, so it ends with the rule that let it in. */
export function warningsOf({ groups, rules, place }: RegionState): Refusal[] {
  const wide = new Set(
    rules.outbound.filter((rule) => rule.protocol === '-1' && isEverybody(rule)).map(({ group }) => group),
  )
  const open = new Set(
    rules.inbound
      .filter((rule) => isEverybody(rule) && opensAny(rule, MANAGEMENT) && wide.has(rule.group))
      .map(({ group }) => group),
  )
  const named = groups.filter(({ id }) => open.has(id)).map(({ id, name }) => `${id} (${name})`)
  if (named.length === 0) return []
  const shown = named.slice(0, 5).join(', ')
  const more = named.length > 5 ? ` and ${named.length - 5} more` : ''
  return [
    refusal(
      'UntrackedConnections',
      `in ${place.account}/${place.region}, security groups ${shown}${more} let everybody in and everything out: AWS does not track such connections, so protecting a port or closing an opening to everybody ends sessions through it; narrow the source to keep sessions alive`,
    ),
  ]
}
