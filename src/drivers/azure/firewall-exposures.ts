/**
 * Who a firewall lets in to a machine behind it, from the internet: through each translation to it, and then through its
 * security groups, which see the firewall and not the client. Pure.
 */
import { meeting } from '../../domain/security-groups/admissions.ts'
import { markedGrant } from '../../domain/security-groups/jit-rule.ts'
import { formatIpPrefix, isPublic, parseSource, type IpPrefix } from '../../domain/net.ts'
import type { GrantId } from '../../domain/access/hole.ts'
import { isTag, type RuleAddress } from '../../domain/security-groups/security-rule.ts'
import { pointOf } from './azure-points.ts'
import type { Place, Way } from './exposures.ts'
import { keyOfFirewall } from './firewall-serving.ts'
import { isOwnRule, type FirewallRule } from './firewall-rule.ts'
import { readCollection } from './firewall-wire.ts'
import type { FirewallRow } from './graph-rows.ts'

export interface TranslatedWay extends Way {
  readonly publicAddress: string
}

export function waysThroughFirewall(firewall: FirewallRow, { address, port, protocol }: Place): TranslatedWay[] {
  const to = formatIpPrefix(address.address)
  return (firewall.natRules ?? [])
    .map((collection) => readCollection('nat', collection))
    .filter(({ isOpening }) => isOpening)
    .flatMap(({ priority, rules }) =>
      rules
        .filter((rule) => rule.to?.address === to && rule.to.port === String(port.number))
        .filter(({ protocols }) => protocols.includes(protocol) || protocols.includes('ANY'))
        .flatMap((rule) => waysOf(rule, firewall, priority)),
    )
}

function waysOf(rule: FirewallRule, firewall: FirewallRow, priority: number): TranslatedWay[] {
  const grant = isOwnRule(rule) ? markedGrant(rule.description) : undefined
  const key = keyOfFirewall(firewall)
  const through = [
    { rule: rule.name, priority, of: `firewall ${key.slice(key.lastIndexOf('/') + 1)}`, point: pointOf(key) },
  ]
  return rule.sources.flatMap((text) => {
    const source = parseSource(text)
    const from: RuleAddress = source.ok ? source.value : { tag: text }
    return rule.destinations.map((publicAddress) => ({
      from,
      letIn: 'yes' as const,
      through,
      grants: grant === undefined ? [] : [grant as GrantId], // the beginning of a digest, as in a security group
      isHole: grant !== undefined,
      publicAddress,
    }))
  })
}

/** The way through the firewall and then through the security groups; undefined when those do not let the firewall in. */
export function behindFirewall(
  outer: TranslatedWay,
  inner: readonly Way[],
  seenFrom: readonly IpPrefix[],
): TranslatedWay | undefined {
  const seen = asSeen(outer.from, seenFrom)
  const met = inner.flatMap((way) => seen.flatMap((from) => meetingAt(from, way)))
  const [first] = [...met.filter(({ letIn }) => letIn === 'yes'), ...met]
  if (first === undefined) return undefined
  const { way, letIn } = first
  const isHole = outer.isHole || way.isHole
  return {
    ...outer,
    letIn,
    through: [...outer.through, ...way.through],
    grants: isHole ? [...new Set([...outer.grants, ...way.grants])] : [],
    isHole,
  }
}

/** A firewall does not translate a private client's address. */
function asSeen(from: RuleAddress, seenFrom: readonly IpPrefix[]): readonly RuleAddress[] {
  return !isTag(from) && from !== '*' && !isPublic(from) ? [from] : seenFrom
}

function meetingAt(from: RuleAddress, way: Way): { readonly way: Way; readonly letIn: 'yes' | 'maybe' }[] {
  const met = meeting(from, way.from)
  if (met === undefined) return []
  return [{ way, letIn: met.letIn === 'yes' && way.letIn === 'yes' ? 'yes' : 'maybe' }]
}
