/** Which policy is meant by a name, and where one that does not exist yet shall live. */
import type { JitPolicy } from './jit-policy.ts'
import type { Whoami } from './installation.ts'
import type { WireMachine } from './machine.ts'

export interface PolicyAddress {
  /** Its whole name or its whole id: the beginning of one would change a policy when another was meant to be made. */
  readonly name: string
  readonly subscription?: string | undefined
  readonly resourceGroup?: string | undefined
  readonly location?: string | undefined
}

export function isCalled(
  { id, name, location }: Pick<JitPolicy, 'id' | 'name' | 'location'>,
  asked: PolicyAddress,
): boolean {
  if (!same(name, asked.name) && !same(id, asked.name)) return false
  const inGroup = asked.resourceGroup === undefined || same(resourceGroupOf(id), asked.resourceGroup)
  const inSubscription = asked.subscription === undefined || same(subscriptionOf(id), asked.subscription)
  return inGroup && inSubscription && (asked.location === undefined || same(location, asked.location))
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

export function resourceGroupOf(id: string): string {
  return /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? ''
}

export function subscriptionOf(id: string): string {
  return /^\/subscriptions\/([^/]+)/i.exec(id)?.[1] ?? ''
}

interface Around {
  /** The id of the policy's first machine. */
  readonly first: string
  readonly known: readonly WireMachine[]
  readonly own: Whoami
}

/** With its first machine, as the original places policies; an installation's own place where that is not known. */
export function newPolicyId(asked: PolicyAddress, { first, known, own }: Around): string {
  const machine = known.find(({ id }) => id.toLowerCase() === first.toLowerCase())
  const subscription = asked.subscription ?? (subscriptionOf(first) || own.subscriptionId)
  const group = asked.resourceGroup ?? (resourceGroupOf(first) || own.resourceGroup)
  const location = asked.location ?? machine?.location ?? own.location
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/${asked.name}`
}
