/**
 * The part of the table that a gateway has and a host has not, as nft text from constants and set names alone.
 *
 * `publish` sends mapped ports on, before any rule of others does; `forward` closes what is protected behind, after every
 * translation, so that a port which somebody else publishes is guarded too; `sender` settles what a machine sees as the
 * client of a granted connection, whatever others masquerade.
 */
import { isBehind, setName, type PrefixSet } from '../element.ts'
import type { GatewayForm } from '../operation.ts'

/** Chains with their hooks; a chain without one is jumped to. */
export const GATEWAY_CHAINS: Readonly<Record<string, string | undefined>> = {
  publish: 'type nat hook prerouting priority dstnat - 10; policy accept;',
  passages: undefined,
  forward: 'type filter hook forward priority filter - 10; policy accept;',
  sender: 'type nat hook postrouting priority srcnat - 10; policy accept;',
}

export const BEHIND_SETS = ['behind4', 'behind6'] as const

/** As many as a host has: the usual prefixes stand from the start. */
export function gatewaySets(form: GatewayForm): PrefixSet[] {
  if (form === 'none') return []
  return (['through', 'publish'] as const).flatMap((kind) => [
    ...[32, 24, 0].map((length): PrefixSet => ({ kind, family: 4, length })),
    ...[128, 64, 0].map((length): PrefixSet => ({ kind, family: 6, length })),
  ])
}

export interface GatewayRules {
  readonly form: GatewayForm
  readonly sets: readonly PrefixSet[]
  /** The source's part of a lookup, ending in ` . `; empty for anywhere. */
  readonly sourceKey: (set: PrefixSet) => string
  readonly grantedMark: number
  /** The first packet of a TCP connection. */
  readonly begins: string
  /** Conditions on whether a connection is over for it. */
  readonly notCut: string
  readonly isCut: string
}

export function gatewayRules(options: GatewayRules): [chain: string, rule: string][] {
  const { form, sets, sourceKey, grantedMark, begins, notCut, isCut } = options
  if (form === 'none') return []
  const behind = sets.filter(isBehind)
  return [
    ...behind
      .filter(({ kind }) => kind === 'publish')
      .map((set): [string, string] => [
        'publish',
        `dnat ${ipOf(set.family)} to ${sourceKey(set)}${toKey(set.family)} map @${setName(set)}`,
      ]),
    ...behind
      .filter(({ kind }) => kind !== 'publish')
      .map((set): [string, string] => [
        'passages',
        `${sourceKey(set)}${toKey(set.family)} @${setName(set)} ${set.kind === 'through' ? 'goto granted' : 'accept'}`,
      ]),
    // Before any look at a port: other protocols have none there.
    ['forward', 'meta l4proto != tcp meta l4proto != udp meta l4proto != sctp accept'],
    ['forward', `${toKey(4)} != @behind4 accept`],
    ['forward', `${toKey(6)} != @behind6 accept`],
    // Whoever begins anew is no part of a connection that conntrack has not forgotten yet.
    ['forward', `${begins} jump passages`],
    ['forward', `${begins} counter name closed drop`],
    // `established`, not `related`: a helper must not open a protected port.
    ['forward', `ct state established ${notCut} accept`],
    ['forward', 'jump passages'],
    // Whoever hangs up may tell the other end, and whoever goes on is told that it is over.
    ['forward', `ct state established ${isCut} tcp flags & rst == rst accept`],
    ['forward', `meta l4proto tcp ${isCut} counter name closed reject with tcp reset`],
    ['forward', 'counter name closed drop'],
    ...([4, 6] as const).map((family): [string, string] => [
      'sender',
      `meta mark & 0x${grantedMark.toString(16)} != 0 ${toKey(family)} @behind${family} ${senderOf(form, family)}`,
    ]),
  ]
}

/** A translation to itself keeps the client's address: after it, no other chain translates the connection. */
function senderOf(form: GatewayForm, family: 4 | 6): string {
  return form === 'snat' ? 'masquerade' : `snat ${ipOf(family)} to ${ipOf(family)} saddr`
}

function toKey(family: 4 | 6): string {
  return `${ipOf(family)} daddr . meta l4proto . th dport`
}

function ipOf(family: 4 | 6): 'ip' | 'ip6' {
  return family === 4 ? 'ip' : 'ip6'
}
