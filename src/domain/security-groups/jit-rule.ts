/**
 * The two rules this program writes into a network security group: one that denies a machine's protected ports, and one
 * for each hole. Names and texts follow the original (behaviour reference §5.2), so that people and tools recognise
 * them. Names are a function of what the rule is for: a retry collides with the first try instead of duplicating it.
 *
 * A rule is ours when its name carries our check digits or its description our mark; rules of the original have
 * neither, and are foreign.
 */
import type { ProtectedPort } from '../access/desired.ts'
import type { Groups } from './effective.ts'
import { keysIn, type Hole, type HoleKey, type Slot } from '../access/hole.ts'
import { formatIpPrefix, formatSource, type Family, type IpPrefix, type Protocol, type Source } from '../net.ts'
import { resourceKey, resourceName, type ResourceId } from '../resource-id.ts'
import type { ArmSecurityRule, SecurityRule } from './security-rule.ts'
import { sha256 } from '../sha256.ts'
import { parseInstant, type Instant } from '../time.ts'

/**
 * One NIC of a machine behind a security group, with what is protected on it. All its addresses are of one family, as
 * Azure refuses to mix them in one rule.
 */
export interface Guard {
  readonly machine: ResourceId
  readonly nic: string
  /** True if the machine has only this one here, so that nobody needs to tell it apart. */
  readonly isOnly: boolean
  /** Policies that protect it, sorted. */
  readonly policies: readonly string[]
  readonly ports: readonly ProtectedPort[]
  /** Its private addresses that this security group filters; never empty. */
  readonly addresses: readonly IpPrefix[]
  readonly groups?: Groups
}

/** What one allow rule does: a hole, or its part for one address family. */
export interface HolePart {
  readonly hole: Hole
  readonly family: Family
  /** Of the one family; never empty. */
  readonly addresses: readonly IpPrefix[]
  readonly sources: readonly Source[]
}

const PREFIX = 'MicrosoftDefenderForCloud-JITRule'
/** Both generations of the original's prefix (behaviour reference, D5). */
const NAME = /^(?:MicrosoftDefenderForCloud|SecurityCenter)-JITRule([_-])-?\d{1,10}\1([0-9A-F]{32})$/i
const MARK = /\[sallyport [^\]]*\]$/
/** Azure's limit for a rule's description. */
const LONGEST_DESCRIPTION = 140

export function isOwned(rule: Pick<SecurityRule, 'name' | 'description'>): boolean {
  const digits = NAME.exec(rule.name)?.[2]?.toUpperCase()
  return hasMark(rule.description) || (digits !== undefined && areOwnDigits(digits))
}

export function hasMark(description: string): boolean {
  return MARK.test(description)
}

/** The names of the rules of one security group. */
export interface RuleNames {
  deny(guard: Pick<Guard, 'machine' | 'nic' | 'addresses'>): string
  allow(part: Pick<HolePart, 'hole' | 'family'>): string
  /** Of every allow rule that a hole of this slot may have. */
  allowsOf(machine: ResourceId, slot: Slot): readonly string[]
}

/** Remembers what it has computed: a plan asks for each name several times. */
export function ruleNames(nsg: string): RuleNames {
  const numbers = new Map<ResourceId, number>()
  const names = new Map<string, string>()
  const numberFor = (machine: ResourceId): number => remembered(numbers, machine, () => numberOf(nsg, machine))
  const allow = (machine: ResourceId, key: HoleKey, family: Family): string => {
    const purpose = `allow|${key}${family === 6 ? '|6' : ''}`
    return remembered(names, purpose, () => `${PREFIX}-${numberFor(machine)}-${ownDigits(purpose)}`)
  }
  return {
    deny: ({ machine, nic, addresses }) => {
      const purpose = `deny|${resourceKey(machine)}|${nic.toLowerCase()}|${addresses[0]?.family ?? 4}`
      return remembered(names, purpose, () => `${PREFIX}_${numberFor(machine)}_${ownDigits(purpose)}`)
    },
    allow: ({ hole, family }) => allow(hole.machine, hole.key, family),
    allowsOf: (machine, slot) =>
      keysIn(slot).flatMap((key) => FAMILIES.map((family) => allow(machine, key, family).toLowerCase())),
  }
}

const FAMILIES: readonly Family[] = [4, 6]

function remembered<K, V>(known: Map<K, V>, key: K, compute: () => V): V {
  const value = known.get(key) ?? compute()
  known.set(key, value)
  return value
}

export function denyRule(name: string, guard: Guard): ArmSecurityRule {
  const { machine, policies, ports, addresses } = guard
  const mark = `[sallyport m=${sha256(resourceKey(machine)).slice(0, 8)}]`
  const numbers = [...new Set(ports.map(({ number }) => number))].sort((a, b) => a - b)
  return armRule(name, {
    description: describe('', policies.join(', '), resourceName(machine), mark),
    access: 'Deny',
    protocol: '*',
    sources: ['*'],
    destinations: addresses.map(formatIpPrefix),
    ports: numbers.map(String),
  })
}

export function allowRule(name: string, { hole, addresses, sources }: HolePart, policy: string): ArmSecurityRule {
  return armRule(name, {
    description: allowDescription(hole, policy),
    access: 'Allow',
    protocol: ARM_PROTOCOL[hole.protocol],
    sources: sources.map(formatSource),
    destinations: addresses.map(formatIpPrefix),
    ports: [String(hole.port)],
  })
}

/** Names the grant and its end. */
export function allowDescription(hole: Pick<Hole, 'grants' | 'until' | 'machine'>, policy: string): string {
  const mark = `[sallyport g=${sha256(hole.grants[0] ?? '').slice(0, 8)} until=${isoSeconds(hole.until)}]`
  return describe('created by an initiation request ', policy, resourceName(hole.machine), mark)
}

/** What an allow rule says of the first grant that it serves: enough to know it by, not the grant's id itself. */
export function markedGrant(description: string): string | undefined {
  return /\[sallyport g=([0-9a-f]{8}) until=\S+\]$/.exec(description)?.[1]
}

/** The end that an allow rule names, so that anybody can tell an overdue one. */
export function markedEnd(description: string): Instant | undefined {
  const text = / until=(\S+)\]$/.exec(description)?.[1]
  const end = text === undefined ? undefined : parseInstant(text)
  return end?.ok === true ? end.value : undefined
}

const ARM_PROTOCOL: Readonly<Record<Protocol, string>> = { TCP: 'Tcp', UDP: 'Udp', '*': '*' }

/** A signed 32-bit number, the same for all rules of one machine in one security group. */
function numberOf(nsg: string, machine: ResourceId): number {
  return Number.parseInt(sha256(`${nsg.toLowerCase()}|${resourceKey(machine)}`).slice(0, 8), 16) | 0
}

/** 24 digits that say what the rule is for and 8 that prove that we chose them. */
export function ownDigits(purpose: string): string {
  const digits = sha256(purpose).slice(0, 24).toUpperCase()
  return digits + checkDigits(digits)
}

/** Of 32 upper-case hexadecimal digits. */
export function areOwnDigits(digits: string): boolean {
  return digits.endsWith(checkDigits(digits.slice(0, 24)))
}

function checkDigits(digits: string): string {
  return sha256(`sallyport|${digits}`).slice(0, 8).toUpperCase()
}

/** The original's sentence, with both names cut evenly until sentence and mark fit. */
function describe(how: string, policy: string, machine: string, mark: string): string {
  const sentence = (p: string, m: string): string =>
    `MDC JIT Network Access rule ${how}for policy '${p}' of VM '${m}'. ${mark}`
  const room = LONGEST_DESCRIPTION - sentence('', '').length
  const forMachine = Math.max(Math.ceil(room / 2), room - policy.length)
  const cutMachine = machine.slice(0, forMachine)
  return sentence(policy.slice(0, room - cutMachine.length), cutMachine)
}

/** Rounded up: a mark never names an end before the true one. */
function isoSeconds(instant: Instant): string {
  return `${new Date(Math.ceil(instant / 1_000) * 1_000).toISOString().slice(0, 19)}Z`
}

interface Facts {
  readonly description: string
  readonly access: 'Allow' | 'Deny'
  readonly protocol: string
  readonly sources: readonly string[]
  readonly destinations: readonly string[]
  readonly ports: readonly string[]
}

/** The priority is given when the rule finds its place; one value stands in the singular field, several in the plural. */
function armRule(name: string, facts: Facts): ArmSecurityRule {
  const { description, access, protocol, sources, destinations, ports } = facts
  const properties = {
    description,
    protocol,
    sourcePortRange: '*',
    ...oneOrMany('destinationPortRange', 'destinationPortRanges', ports),
    ...oneOrMany('sourceAddressPrefix', 'sourceAddressPrefixes', sources),
    ...oneOrMany('destinationAddressPrefix', 'destinationAddressPrefixes', destinations),
    access,
    direction: 'Inbound',
    sourcePortRanges: [],
  }
  return { name, properties }
}

function oneOrMany(one: string, many: string, values: readonly string[]): Record<string, unknown> {
  return values.length === 1 ? { [one]: values[0], [many]: [] } : { [many]: values }
}
