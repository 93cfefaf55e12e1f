/**
 * What this program writes into an Azure Firewall for a hole, free of the two forms in which Azure keeps it (classic
 * rules on the firewall, rule collection groups of a policy): a translation from a public address and a port there to
 * the machine's own, and a network rule for who comes by a private road. A rule is ours by its name's check digits or
 * its description's mark, as in a network security group; the original's prefix makes people recognise it (behaviour
 * reference, D5).
 */
import type { Slot } from '../../domain/access/hole.ts'
import { areOwnDigits, hasMark, ownDigits } from '../../domain/security-groups/jit-rule.ts'

export interface FirewallRule {
  readonly kind: 'nat' | 'network'
  readonly name: string
  readonly description: string
  /** Upper case, sorted. */
  readonly protocols: readonly string[]
  readonly sources: readonly string[]
  readonly destinations: readonly string[]
  readonly ports: readonly string[]
  /** Of a translation. */
  readonly to?: { readonly address: string; readonly port: string }
}

export interface RuleCollection {
  readonly kind: 'nat' | 'network'
  readonly name: string
  readonly priority: number
  /** Whether it does what ours do: translate, or allow. */
  readonly isOpening: boolean
  readonly rules: readonly FirewallRule[]
}

const PREFIX = 'MDC-JIT'
const NAME = /^(?:MDC|ASC)-JIT-([0-9A-F]{32})$/i

export function isOwnName(name: string): boolean {
  const digits = NAME.exec(name)?.[1]?.toUpperCase()
  return digits !== undefined && areOwnDigits(digits)
}

export function isOwnRule({ name, description }: Pick<FirewallRule, 'name' | 'description'>): boolean {
  return isOwnName(name) || hasMark(description)
}

export function ruleName(firewall: string, kind: FirewallRule['kind'], slot: Slot): string {
  return `${PREFIX}-${ownDigits(`firewall|${firewall}|${kind}|${slot}`)}`
}

export function collectionName(firewall: string, kind: FirewallRule['kind']): string {
  return `${PREFIX}-${ownDigits(`firewall|${firewall}|${kind} collection`)}`
}

/** A rule collection group of our own in the policy that rules this firewall. */
export function groupName(firewall: string): string {
  return `${PREFIX}-${ownDigits(`firewall|${firewall}|group`)}`
}

/** Equal texts are the same rule, but for what people read. */
export function printOf({ kind, protocols, sources, destinations, ports, to }: FirewallRule): string {
  return JSON.stringify([kind, protocols, sources, destinations, ports, to?.address, to?.port])
}
