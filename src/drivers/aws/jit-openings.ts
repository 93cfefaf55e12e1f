/**
 * Openings as rules of one group per machine, which all its interfaces carry for as long as it is protected: opening is
 * one call and uses up no further group. Overlapping grants share a rule; its tags name them and the latest end.
 */
import type { PointId } from '../../app/ports/inventory.ts'
import { slotOf, type Hole, type HoleKey, type Slot } from '../../domain/access/hole.ts'
import { formatIpPrefix, parseIpPrefix, type Source } from '../../domain/net.ts'
import { failure, type Failure } from '../../domain/access/failure.ts'
import { resourceName, type ResourceKey } from '../../domain/resource-id.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import {
  canonicalPeer,
  familiesOf,
  trafficKey,
  type GroupRule,
  type NewRule,
  type Tags,
  type Traffic,
} from './group-rule.ts'
import { GRANT_TAG, pointTags, UNTIL_TAG } from './marks.ts'
import { fits, quotaUse } from './quota-use.ts'

export interface WantedOpening {
  readonly rule: NewRule
  readonly hole: Hole
  readonly until: Instant
}

/** `*` is both families, and TCP and UDP: a rule for every protocol would be one for every port. */
function trafficOf({ port, protocol, source }: Hole): Traffic[] {
  const protocols = protocol === '*' ? ['tcp', 'udp'] : [protocol.toLowerCase()]
  const peers = source === '*' ? ['0.0.0.0/0', '::/0'] : [canonicalPeer(formatIpPrefix(source))]
  return protocols.flatMap((ipProtocol) => peers.map((peer) => ({ protocol: ipProtocol, from: port, to: port, peer })))
}

/** The rules of one machine's group, by traffic key. */
export function wantedOpenings(point: PointId, holes: readonly Hole[]): Map<string, WantedOpening> {
  const sharers = new Map<string, { traffic: Traffic; holes: [Hole, ...Hole[]] }>()
  for (const hole of holes) {
    for (const traffic of trafficOf(hole)) {
      const known = sharers.get(trafficKey(traffic))
      if (known === undefined) sharers.set(trafficKey(traffic), { traffic, holes: [hole] })
      else known.holes.push(hole)
    }
  }
  return new Map([...sharers].map(([key, shared]) => [key, openingOf(point, shared.traffic, shared.holes)]))
}

function openingOf(point: PointId, traffic: Traffic, holes: readonly [Hole, ...Hole[]]): WantedOpening {
  const [hole] = holes
  const until = Math.max(...holes.map((one) => one.until))
  const grants = [...new Set(holes.flatMap((one) => one.grants))].sort()
  const description = `JIT access to ${hole.port} of ${resourceName(hole.machine)} [sallyport]`
  const tags = { ...pointTags(point), [GRANT_TAG]: grantText(grants), [UNTIL_TAG]: formatInstant(until) }
  return { rule: { ...traffic, description, tags }, hole, until }
}

/** EC2's limit for a tag's value. */
const LONGEST_TAG = 256

/** As many as fit, and how many more: the console shows it, and a person finds the others by the first. */
function grantText(grants: readonly string[]): string {
  const whole = grants.join(' ')
  if (whole.length <= LONGEST_TAG) return whole
  const shown = Math.floor((LONGEST_TAG - 8) / ((grants[0]?.length ?? 1) + 1))
  return `${grants.slice(0, shown).join(' ')} +${grants.length - shown}`
}

export function hasTags(rule: Pick<GroupRule, 'tags'>, wanted: Tags): boolean {
  return Object.entries(wanted).every(([name, value]) => rule.tags[name] === value)
}

/** The slot that a rule of such a group opens; undefined for one that somebody else wrote into it. */
export function slotOfOpening(machine: ResourceKey, rule: Traffic): Slot | undefined {
  if ((rule.protocol !== 'tcp' && rule.protocol !== 'udp') || rule.from !== rule.to) return undefined
  const source = sourceOf(rule)
  return source === undefined ? undefined : slotOf(machine, rule.from, source)
}

function sourceOf({ peer }: Traffic): Source | undefined {
  const parsed = parseIpPrefix(peer)
  return parsed.ok ? parsed.value : undefined
}

export interface Room {
  /** Rules of the group that are looked at. */
  readonly standing: readonly Traffic[]
  /** Rules of the group that stay as they are. */
  readonly others: readonly Traffic[]
  readonly limit: number
}

/** Holes for which the group has no room beside the others; those that stand come first. */
export function tooManyOpenings(holes: readonly Hole[], { standing, others, limit }: Room): Map<HoleKey, Failure> {
  const keys = new Set(standing.map(trafficKey))
  const stands = (hole: Hole): boolean => trafficOf(hole).every((traffic) => keys.has(trafficKey(traffic)))
  const inOrder = [...holes.filter(stands), ...holes.filter((hole) => !stands(hole))]
  const used = new Map(others.map((rule) => [trafficKey(rule), rule]))
  const refusals = new Map<HoleKey, Failure>()
  for (const hole of inOrder) {
    const more = trafficOf(hole).filter((traffic) => !used.has(trafficKey(traffic)))
    if (fits(quotaUse([...used.values(), ...more], new Map()), limit))
      for (const traffic of more) used.set(trafficKey(traffic), traffic)
    else refusals.set(hole.key, tooMany(hole, limit))
  }
  return refusals
}

function tooMany(hole: Hole, limit: number): Failure {
  const families = [...new Set(trafficOf(hole).flatMap(familiesOf))].map((family) => `IPv${family}`).join(' / ')
  return failure('TooManyOpenings', { port: hole.port, machine: resourceName(hole.machine), limit, families })
}
