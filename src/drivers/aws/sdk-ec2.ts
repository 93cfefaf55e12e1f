/**
 * EC2 through the official SDK: every answer as the driver's own values, every page fetched, every refusal of the service
 * as an {@link Ec2Fault}. It judges nothing.
 *
 * Throttling is the SDK's business: see `region.ts`.
 */
import type {
  EC2Client,
  Filter,
  IpPermission,
  NetworkInterface as SdkInterface,
  SecurityGroupRule,
  Tag,
} from '@aws-sdk/client-ec2'
import {
  Ec2Fault,
  type Ec2,
  type NewGroup,
  type RuleIds,
  type Rules,
  type WhichGroups,
  type WhichInterfaces,
} from './ec2.ts'
import { canonicalPeer, type GroupRule, type NewRule, type Tags } from './group-rule.ts'
import type { Instance } from './instance.ts'
import type { NetworkInterface, PrefixList, Quotas, SecurityGroup } from './vpc-state.ts'

type Sdk = typeof import('@aws-sdk/client-ec2')

export interface SdkEc2Options {
  readonly sdk: Sdk
  readonly client: EC2Client
  /** The account's own id, by which references to groups of other accounts are known. */
  readonly account: string
}

/** What the service takes in one filter. */
const FILTER_VALUES = 200
/** What the service takes in one authorize or revoke. */
const RULES_PER_CALL = 1_000

export function sdkEc2({ sdk, client, account }: SdkEc2Options): Ec2 {
  const eachPart = async <T, R>(items: readonly T[], size: number, act: (part: T[]) => Promise<R>): Promise<R[]> => {
    const results: R[] = []
    for (let index = 0; index < items.length; index += size) results.push(await act(items.slice(index, index + size)))
    return results
  }
  const call = async <T>(act: () => Promise<T>): Promise<T> => act().catch(asFault)
  const options = (signal: AbortSignal): { abortSignal: AbortSignal } => ({ abortSignal: signal })

  const interfacesBy = async (filters: Filter[], signal: AbortSignal): Promise<NetworkInterface[]> => {
    const found: NetworkInterface[] = []
    const pages = sdk.paginateDescribeNetworkInterfaces(
      { client, pageSize: 1_000 },
      { Filters: filters },
      options(signal),
    )
    for await (const page of pages) found.push(...(page.NetworkInterfaces ?? []).map(interfaceFrom))
    return found
  }
  const groupsBy = async (filters: Filter[], signal: AbortSignal): Promise<SecurityGroup[]> => {
    const found: SecurityGroup[] = []
    const pages = sdk.paginateDescribeSecurityGroups({ client, pageSize: 1_000 }, { Filters: filters }, options(signal))
    for await (const page of pages)
      for (const group of page.SecurityGroups ?? [])
        found.push({
          id: group.GroupId ?? '',
          vpc: group.VpcId ?? '',
          name: group.GroupName ?? '',
          description: group.Description ?? '',
          tags: tagsFrom(group.Tags),
        })
    return found
  }
  const rulesBy = async (filters: Filter[], signal: AbortSignal): Promise<Rules> => {
    const inbound: GroupRule[] = []
    const outbound: GroupRule[] = []
    const pages = sdk.paginateDescribeSecurityGroupRules(
      { client, pageSize: 1_000 },
      { Filters: filters },
      options(signal),
    )
    for await (const page of pages)
      for (const rule of page.SecurityGroupRules ?? [])
        (rule.IsEgress === true ? outbound : inbound).push(ruleFrom(rule, account))
    return { inbound, outbound }
  }

  return {
    interfaces: (which: WhichInterfaces, signal) =>
      call(async () => {
        if (which === 'all') return interfacesBy([], signal)
        if ('vpc' in which) return interfacesBy([filter('vpc-id', [which.vpc])], signal)
        const [name, values] =
          'ids' in which ? ['network-interface-id', which.ids] : ['attachment.instance-id', which.instances]
        return (await eachPart(values, FILTER_VALUES, (part) => interfacesBy([filter(name, part)], signal))).flat()
      }),
    groups: (which: WhichGroups, signal) =>
      call(async () => {
        if (which === 'all') return groupsBy([], signal)
        if ('ids' in which)
          return (
            await eachPart(which.ids, FILTER_VALUES, (part) => groupsBy([filter('group-id', part)], signal))
          ).flat()
        const within = filter('vpc-id', [which.vpc])
        if (which.names === undefined) return groupsBy([within], signal)
        return (
          await eachPart(which.names, FILTER_VALUES, (part) => groupsBy([within, filter('group-name', part)], signal))
        ).flat()
      }),
    rules: (groups, signal) =>
      call(async () => {
        if (groups === 'all') return rulesBy([], signal)
        const parts = await eachPart(groups, FILTER_VALUES, (part) => rulesBy([filter('group-id', part)], signal))
        return {
          inbound: parts.flatMap(({ inbound }) => inbound),
          outbound: parts.flatMap(({ outbound }) => outbound),
        }
      }),
    instances: (signal) =>
      call(async () => {
        const found: Instance[] = []
        const pages = sdk.paginateDescribeInstances({ client, pageSize: 1_000 }, {}, options(signal))
        for await (const page of pages)
          for (const { Instances = [] } of page.Reservations ?? []) found.push(...Instances.map(instanceFrom))
        return found
      }),
    isGone: async (instance, signal) => {
      try {
        const command = new sdk.DescribeInstancesCommand({ InstanceIds: [instance] })
        const { Reservations = [] } = await call(() => client.send(command, options(signal)))
        const states = Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name))
        return states.every((state) => state === 'terminated')
      } catch (cause) {
        if (cause instanceof Ec2Fault && cause.code === 'InvalidInstanceID.NotFound') return true
        throw cause
      }
    },
    prefixLists: (signal) =>
      call(async () => {
        const found: PrefixList[] = []
        const pages = sdk.paginateDescribeManagedPrefixLists({ client, pageSize: 100 }, {}, options(signal))
        for await (const page of pages)
          for (const list of page.PrefixLists ?? [])
            found.push({
              id: list.PrefixListId ?? '',
              name: list.PrefixListName ?? '',
              family: list.AddressFamily === 'IPv6' ? 6 : 4,
              // Lists of AWS itself have a weight instead, which is not told; each counts for at least one.
              maxEntries: list.MaxEntries ?? 1,
            })
        return found
      }),
    quotas: (signal) =>
      call(async () => {
        const name = 'vpc-max-security-groups-per-interface'
        // The SDK's list of names lacks this one; the service knows it.
        const command = new sdk.DescribeAccountAttributesCommand({})
        const { AccountAttributes = [] } = await client.send(command, options(signal))
        const attribute = AccountAttributes.find(({ AttributeName }) => (AttributeName as string) === name)
        const value = Number(attribute?.AttributeValues?.[0]?.AttributeValue)
        const quotas: Partial<Quotas> = value > 0 ? { groupsPerInterface: value } : {}
        return quotas
      }),
    createGroup: ({ vpc, name, description, tags }: NewGroup, signal) =>
      call(async () => {
        const command = new sdk.CreateSecurityGroupCommand({
          VpcId: vpc,
          GroupName: name,
          Description: description,
          ...tagged('security-group', tags),
        })
        const { GroupId } = await client.send(command, options(signal))
        if (GroupId === undefined) throw new Error(`EC2 made security group ${name} and did not say its id`)
        return GroupId
      }),
    deleteGroup: (group, signal) =>
      call(async () => {
        await client.send(new sdk.DeleteSecurityGroupCommand({ GroupId: group }), options(signal))
      }),
    authorize: (group, rules, signal) =>
      call(async () => {
        const tags = tagged('security-group-rule', rules[0]?.tags ?? {})
        await eachPart(rules, RULES_PER_CALL, (part) =>
          client.send(
            new sdk.AuthorizeSecurityGroupIngressCommand({
              GroupId: group,
              IpPermissions: part.map(permissionFrom),
              ...tags,
            }),
            options(signal),
          ),
        )
      }),
    revoke: (group, { direction, ids }: RuleIds, signal) =>
      call(async () => {
        await eachPart(ids, RULES_PER_CALL, (part) => {
          const input = { GroupId: group, SecurityGroupRuleIds: part }
          return direction === 'inbound'
            ? client.send(new sdk.RevokeSecurityGroupIngressCommand(input), options(signal))
            : client.send(new sdk.RevokeSecurityGroupEgressCommand(input), options(signal))
        })
      }),
    revokeDefaultOutbound: async (group, signal) => {
      for (const permission of EVERYWHERE) {
        const command = new sdk.RevokeSecurityGroupEgressCommand({ GroupId: group, IpPermissions: [permission] })
        await call(() => client.send(command, options(signal))).catch((cause: unknown) => {
          if (!(cause instanceof Ec2Fault) || cause.code !== 'InvalidPermission.NotFound') throw cause
        })
      }
    },
    tag: (resource, tags, signal) =>
      call(async () => {
        await client.send(new sdk.CreateTagsCommand({ Resources: [resource], Tags: sdkTags(tags) }), options(signal))
      }),
    setGroups: (networkInterface, groups, signal) =>
      call(async () => {
        const command = new sdk.ModifyNetworkInterfaceAttributeCommand({
          NetworkInterfaceId: networkInterface,
          Groups: [...groups],
        })
        await client.send(command, options(signal))
      }),
  }
}

const EVERYWHERE: readonly IpPermission[] = [
  { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
  { IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
]

function filter(name: string, values: readonly string[]): Filter {
  return { Name: name, Values: [...values] }
}

function sdkTags(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

/** The service refuses an empty list. */
function tagged(
  type: 'security-group' | 'security-group-rule',
  tags: Tags,
): { TagSpecifications?: { ResourceType: typeof type; Tags: Tag[] }[] } {
  const list = sdkTags(tags)
  return list.length === 0 ? {} : { TagSpecifications: [{ ResourceType: type, Tags: list }] }
}

function tagsFrom(tags: readonly Tag[] = []): Tags {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}

function interfaceFrom(one: SdkInterface): NetworkInterface {
  const instance = one.Attachment?.InstanceId
  const addresses = one.PrivateIpAddresses ?? []
  return {
    id: one.NetworkInterfaceId ?? '',
    vpc: one.VpcId ?? '',
    subnet: one.SubnetId ?? '',
    ...(instance === undefined ? {} : { instance }),
    description: one.Description ?? '',
    isRequesterManaged: one.RequesterManaged === true || one.Operator?.Managed === true,
    groups: (one.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    privateAddresses: [
      ...addresses.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []),
      ...(one.Ipv6Addresses ?? []).flatMap(({ Ipv6Address }) => Ipv6Address ?? []),
    ],
    publicAddresses: addresses.flatMap(({ Association }) => Association?.PublicIp ?? []),
  }
}

function ruleFrom(rule: SecurityGroupRule, account: string): GroupRule {
  const { UserId: owner, GroupId: referenced } = rule.ReferencedGroupInfo ?? {}
  const group =
    referenced === undefined || owner === undefined || owner === account ? referenced : `${owner}/${referenced}`
  const peer = rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? group ?? ''
  const description = rule.Description
  return {
    id: rule.SecurityGroupRuleId ?? '',
    group: rule.GroupId ?? '',
    protocol: rule.IpProtocol ?? '-1',
    from: rule.FromPort ?? -1,
    to: rule.ToPort ?? -1,
    peer: canonicalPeer(peer),
    ...(description === undefined || description === '' ? {} : { description }),
    tags: tagsFrom(rule.Tags),
  }
}

function permissionFrom({ protocol, from, to, peer, description }: NewRule): IpPermission {
  const text = description === undefined ? {} : { Description: description }
  const ports = protocol === '-1' ? {} : { FromPort: from, ToPort: to }
  return { IpProtocol: protocol, ...ports, ...peerOf(peer, text) }
}

function peerOf(peer: string, text: { Description?: string }): Partial<IpPermission> {
  if (peer.startsWith('pl-')) return { PrefixListIds: [{ PrefixListId: peer, ...text }] }
  if (/^(?:\d{12}\/)?sg-/.test(peer)) {
    const [group, owner] = peer.split('/').toReversed()
    const pair = { GroupId: group, ...(owner === undefined ? {} : { UserId: owner }), ...text }
    return { UserIdGroupPairs: [pair] }
  }
  return peer.includes(':') ? { Ipv6Ranges: [{ CidrIpv6: peer, ...text }] } : { IpRanges: [{ CidrIp: peer, ...text }] }
}

function instanceFrom(one: {
  readonly InstanceId?: string | undefined
  readonly VpcId?: string | undefined
  readonly State?: { readonly Name?: string | undefined } | undefined
  readonly PlatformDetails?: string | undefined
  readonly Platform?: string | undefined
  readonly Tags?: Tag[] | undefined
  readonly LaunchTime?: Date | undefined
}): Instance {
  const isWindows = /windows/i.test(one.PlatformDetails ?? one.Platform ?? '')
  return {
    id: one.InstanceId ?? '',
    vpc: one.VpcId === '' ? undefined : one.VpcId,
    state: one.State?.Name ?? 'unknown',
    os: isWindows ? 'Windows' : 'Linux',
    tags: tagsFrom(one.Tags),
    ...(one.LaunchTime === undefined ? {} : { launched: one.LaunchTime.toISOString() }),
  }
}

/** A refusal that came from the service has a code and a status below 500; whatever else may have been done. */
function asFault(thrown: unknown): never {
  if (thrown instanceof Error && isServiceError(thrown) && (thrown.$metadata.httpStatusCode ?? 500) < 500)
    throw new Ec2Fault(thrown.name, `EC2 refused it: ${thrown.message} (${thrown.name})`, thrown)
  throw thrown
}

function isServiceError(error: Error): error is Error & { $metadata: { httpStatusCode?: number } } {
  return '$metadata' in error && '$fault' in error
}
