/**
 * Who a security group lets in to one port of one address, rule by rule: every allow rule that some packet reaches. The
 * rules that every group ends with are left out: they let in the virtual network, which is not exposure.
 */
import { destinationMatches, type Groups } from './effective.ts'
import { isPublic, sourceContains, sourcesOverlap, type IpPrefix } from '../net.ts'
import { includesPort } from './port-range.ts'
import { isTag, type RuleAddress, type SecurityRule } from './security-rule.ts'

export interface Door {
  readonly address: IpPrefix
  /** Application security groups of the address; undefined when nobody knows them. */
  readonly groups?: Groups
  readonly port: number
  readonly protocol: 'TCP' | 'UDP'
}

export interface Admission {
  readonly rule: SecurityRule
  readonly from: RuleAddress
  /** `maybe`: what only the cloud can resolve decides. */
  readonly letIn: 'yes' | 'maybe'
}

/** In the order of the rules. */
export function admissions(rules: readonly SecurityRule[], door: Door): Admission[] {
  const inOrder = rules.filter((rule) => rule.direction === 'Inbound').sort((a, b) => a.priority - b.priority)
  const denied: Facing[] = []
  const found: Admission[] = []
  for (const rule of inOrder) {
    const facing = facingOf(rule, door)
    if (facing === undefined) continue
    if (rule.access === 'Deny') denied.push(facing)
    else for (const from of rule.sources) found.push(...admission(facing, from, { door, denied }))
  }
  return found
}

/** A rule that is about the door, for sure or perhaps. */
interface Facing {
  readonly rule: SecurityRule
  readonly isSure: boolean
}

function facingOf(rule: SecurityRule, { address, groups, port, protocol }: Door): Facing | undefined {
  if (rule.protocol !== '*' && rule.protocol !== protocol) return undefined
  if (!includesPort(rule.destinationPorts, port)) return undefined
  const matches = rule.destinations.map((to) => destinationMatches(to, address, groups))
  if (matches.every((match) => match === 'no')) return undefined
  return { rule, isSure: matches.includes('yes') }
}

function admission(
  { rule, isSure }: Facing,
  from: RuleAddress,
  { door, denied }: { door: Door; denied: readonly Facing[] },
): Admission[] {
  if (!isTag(from) && from !== '*' && from.family !== door.address.family) return []
  const covering = denied.filter(
    (deny) => coversEverySourcePort(deny.rule) && deny.rule.sources.some((by) => covers(by, from)),
  )
  if (covering.some((deny) => deny.isSure)) return []
  const doubtful = covering.length > 0 || denied.some((deny) => deny.rule.sources.some((by) => isUnclear(by, from)))
  return [{ rule, from, letIn: isSure && !doubtful ? 'yes' : 'maybe' }]
}

function coversEverySourcePort({ sourcePorts }: SecurityRule): boolean {
  return sourcePorts.some(({ from, to }) => from === 0 && to === 65_535)
}

/** True if everybody in `inner` is in `outer` too, as far as that can be told. */
export function covers(outer: RuleAddress, inner: RuleAddress): boolean {
  if (outer === '*') return true
  if (isTag(outer)) {
    const tag = outer.tag.toLowerCase()
    if (inner === '*') return false
    return isTag(inner) ? tag === inner.tag.toLowerCase() : tag === 'internet' && isPublic(inner)
  }
  return isTag(inner) ? outer.length === 0 : sourceContains(outer, inner)
}

/** A name that only the cloud can resolve, against an address: nobody here can tell whether they meet. */
function isUnclear(a: RuleAddress, b: RuleAddress): boolean {
  return isTag(a) && !KNOWN.has(a.tag.toLowerCase()) && !covers(b, a)
}

const KNOWN: ReadonlySet<string> = new Set(['internet', 'virtualnetwork', 'azureloadbalancer'])

/** Who comes through both; undefined when nobody does. `maybe`: nobody here can tell. */
export function meeting(
  a: RuleAddress,
  b: RuleAddress,
): { readonly from: RuleAddress; readonly letIn: 'yes' | 'maybe' } | undefined {
  if (covers(a, b)) return { from: b, letIn: 'yes' }
  if (covers(b, a)) return { from: a, letIn: 'yes' }
  if (!isTag(a) && !isTag(b) && !sourcesOverlap(a, b)) return undefined
  return { from: isTag(a) ? b : a, letIn: 'maybe' }
}
