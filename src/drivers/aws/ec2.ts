/**
 * The few calls of EC2 that a driver makes, in one region of one account. The SDK implements them, and so does a model
 * for tests; the same suite runs over both.
 *
 * A call that changes something rejects with an {@link Ec2Fault} that names the reason, and is known not to be done then;
 * any other rejection leaves open whether it is. Lists are whole: no pages here.
 */
import type { GroupRule, NewRule, Tags } from './group-rule.ts'
import type { Instance } from './instance.ts'
import type { NetworkInterface, PrefixList, Quotas, SecurityGroup } from './vpc-state.ts'

type Within = { readonly vpc: string }

/** Interfaces and groups that do not exist (any more) are left out. */
export type WhichInterfaces =
  Within | { readonly instances: readonly string[] } | { readonly ids: readonly string[] } | 'all'

export type WhichGroups =
  (Within & { readonly names?: readonly string[] }) | { readonly ids: readonly string[] } | 'all'

export interface Ec2 {
  interfaces(which: WhichInterfaces, signal: AbortSignal): Promise<NetworkInterface[]>
  groups(which: WhichGroups, signal: AbortSignal): Promise<SecurityGroup[]>
  /** Of these groups, or of every group in the region. */
  rules(groups: readonly string[] | 'all', signal: AbortSignal): Promise<Rules>
  instances(signal: AbortSignal): Promise<Instance[]>
  /** True if the service knows no such instance, or knows that it was terminated. */
  isGone(instance: string, signal: AbortSignal): Promise<boolean>
  prefixLists(signal: AbortSignal): Promise<PrefixList[]>
  /** What the account allows; what it does not tell is left out. */
  quotas(signal: AbortSignal): Promise<Partial<Quotas>>
  createGroup(group: NewGroup, signal: AbortSignal): Promise<string>
  deleteGroup(group: string, signal: AbortSignal): Promise<void>
  /** All of them get the tags of the first. */
  authorize(group: string, rules: readonly NewRule[], signal: AbortSignal): Promise<void>
  revoke(group: string, rules: RuleIds, signal: AbortSignal): Promise<void>
  /** The rules that let a new group out to everywhere, in either family; done where there are none. */
  revokeDefaultOutbound(group: string, signal: AbortSignal): Promise<void>
  tag(resource: string, tags: Tags, signal: AbortSignal): Promise<void>
  setGroups(networkInterface: string, groups: readonly string[], signal: AbortSignal): Promise<void>
}

export interface Rules {
  readonly inbound: readonly GroupRule[]
  readonly outbound: readonly GroupRule[]
}

export interface RuleIds {
  readonly direction: 'inbound' | 'outbound'
  readonly ids: readonly string[]
}

export interface NewGroup extends Within {
  readonly name: string
  readonly description: string
  readonly tags: Tags
}

/** The service said no. */
export class Ec2Fault extends Error {
  /** As the service names it: `InvalidPermission.Duplicate`. */
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** True if the service said no for one of these reasons. */
export function isFault(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Ec2Fault && codes.includes(thrown.code)
}
