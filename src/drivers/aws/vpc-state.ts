/**
 * What was read of one VPC: its security groups with their rules, and the network interfaces that carry them. Group ids,
 * rules and references live within a VPC, so a VPC is one enforcement point.
 */
import type { Family } from '../../domain/net.ts'
import type { GroupRule, Tags } from './group-rule.ts'

export interface SecurityGroup {
  readonly id: string
  readonly vpc: string
  readonly name: string
  readonly description: string
  readonly tags: Tags
}

export interface NetworkInterface {
  readonly id: string
  readonly vpc: string
  readonly subnet: string
  /** The instance it is attached to. */
  readonly instance?: string
  readonly description: string
  /** Made and kept by a service, such as a load balancer or a database: only that service can change its groups. */
  readonly isRequesterManaged: boolean
  readonly groups: readonly string[]
  readonly privateAddresses: readonly string[]
  readonly publicAddresses: readonly string[]
}

export interface Quotas {
  /** Inbound rules of one group, for IPv4 and IPv6 each. */
  readonly rulesPerGroup: number
  readonly groupsPerInterface: number
}

/** Its rules count as many as it may hold, whatever it holds now. */
export interface PrefixList {
  readonly id: string
  readonly name: string
  readonly family: Family
  readonly maxEntries: number
}

export interface VpcState {
  readonly groups: ReadonlyMap<string, SecurityGroup>
  /** Inbound rules of the groups that were read. */
  readonly inbound: readonly GroupRule[]
  readonly outbound: readonly GroupRule[]
  readonly interfaces: readonly NetworkInterface[]
  readonly prefixLists: ReadonlyMap<string, PrefixList>
  readonly quotas: Quotas
  /** What people call the instances, where they have a name. */
  readonly names: ReadonlyMap<string, string>
  /** Names of the schedules that close openings; undefined without the belt, or while it fails. */
  readonly schedules?: ReadonlySet<string>
}
