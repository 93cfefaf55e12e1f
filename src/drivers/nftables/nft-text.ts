/**
 * The only place that writes nft text. Addresses and numbers come from parsed values, names from constants or from
 * {@link identifier}; no free string reaches the kernel.
 *
 * Every text is idempotent and meant for ONE transaction. The table is never deleted to be replaced while it works:
 * chains are flushed and refilled in place, and `managed` and all prefix sets stay hash sets, because interval sets
 * let packets through for a moment while a transaction commits.
 */
import { formatAddress, prefix, widthOf, type Family } from '../../domain/net.ts'
import type { Millis } from '../../domain/time.ts'
import {
  isBehind,
  isKept,
  parseBehindKey,
  parseElementId,
  parseManagedKey,
  parseSetName,
  setName,
  setOf,
  type ElementId,
  type ManagedKey,
  type PrefixSet,
} from './element.ts'
import { BEHIND_SETS, GATEWAY_CHAINS, gatewayRules, gatewaySets } from './gateway/gateway-text.ts'
import type { GatewayForm, Session, Statement, Structure } from './operation.ts'

export const TABLE = 'sallyport'
/** Loaded at boot, before the network; the driver removes it once its own table stands. */
export const BASE_TABLE = 'sallyport_base'
/** Only ever compiled, never applied: what the structure looks like to this kernel and this nft. */
export const CHECK_TABLE = 'sallyport_check'

export type TableName = typeof TABLE | typeof BASE_TABLE | typeof CHECK_TABLE

/**
 * A host firewall that drops by default lets granted packets pass by one rule on this mark. A connection that came in by a
 * hole has the same bit in its own mark, which conntrack keeps.
 */
export const GRANTED_MARK = 0x1000_0000
/** In a connection's own mark: it is over for it, and each of its packets is judged by the holes as if it were the first. */
export const CUT_MARK = 0x2000_0000

/** Bounds memory. A full set fails the batch: the port stays closed. */
export const SET_SIZE = 262_144
const SMALL_SET_SIZE = 65_536

/** Two hours: after one packet each way conntrack owns the connection. */
const SESSION_TIMEOUT: Millis = 7_200_000

const HOST_SETS: readonly PrefixSet[] = [
  { kind: 'grant', family: 4, length: 32 },
  { kind: 'grant', family: 4, length: 24 },
  { kind: 'grant', family: 4, length: 0 },
  { kind: 'grant', family: 6, length: 128 },
  { kind: 'grant', family: 6, length: 64 },
  { kind: 'grant', family: 6, length: 0 },
]

/** Stand from the start, so that the usual first grant needs no new chain rule (a change of rules waits for RCU). */
export function baselineSets(form: GatewayForm): PrefixSet[] {
  return [...HOST_SETS, ...gatewaySets(form)]
}

export interface TextOptions {
  readonly table: TableName
  /** False when the table is held by its owner flag: nft 1.0.6 would clear the flags, and the kernel refuses that. */
  readonly declareTable: boolean
}

/** One transaction. */
export function textOf(statements: readonly Statement[], options: TextOptions): string {
  return runsOf(statements)
    .map((run) => `${textOfRun(run, options)}\n`)
    .join('')
}

type ElementStatement = Extract<Statement, { id: ElementId }>

/** Neighbours that do the same to the same set, as one: nft reads a list several times as fast as a line each. */
function runsOf(statements: readonly Statement[]): Statement[][] {
  const runs: Statement[][] = []
  for (const statement of statements) {
    const last = runs.at(-1)
    if (last !== undefined && isSameRun(last[0], statement)) last.push(statement)
    else runs.push([statement])
  }
  return runs
}

function isSameRun(a: Statement | undefined, b: Statement): boolean {
  return a !== undefined && 'id' in a && 'id' in b && a.kind === b.kind && setOf(a.id) === setOf(b.id)
}

function textOfRun(run: readonly Statement[], options: TextOptions): string {
  const elements = run.filter((statement) => isElementStatement(statement))
  if (elements.length > 0) return textOfElements(elements, options.table)
  return run.map((statement) => (isElementStatement(statement) ? '' : textOfStatement(statement, options))).join('\n')
}

function isElementStatement(statement: Statement): statement is ElementStatement {
  return 'id' in statement
}

/** Re-adding an element with another timeout is silently ignored by Linux 6.1; add, delete, add is an upsert everywhere. */
function textOfElements(run: readonly ElementStatement[], table: TableName): string {
  const [{ kind, id }] = run as [ElementStatement] // a run has at least the statement that began it
  const list = `element inet ${table} ${setOf(id)} { ${run.map((statement) => elementText(statement.id)).join(', ')} }`
  const timed = `element inet ${table} ${setOf(id)} { ${run.map(timedText).join(', ')} }`
  switch (kind) {
    case 'keep':
      return `add ${list}`
    case 'unkeep':
    case 'revoke':
      return [`add ${list}`, `delete ${list}`].join('\n')
    case 'create':
      return `create ${timed}`
    case 'upsert':
      return [`add ${list}`, `delete ${list}`, `add ${timed}`].join('\n')
  }
}

function timedText(statement: ElementStatement): string {
  return elementText(statement.id, 'timeout' in statement ? ` timeout ${timeoutText(statement.timeout)}` : '')
}

/** Parsed and printed anew: what is not an id of ours throws. */
function elementText(id: ElementId, timeout = ''): string {
  const element = parseElementId(id)
  if (element === undefined) throw new Error(`expected the id of one of our elements, got '${id}'`)
  const { set, bits, protocol, port, to, target } = element
  const address = (value: bigint): string => formatAddress(set.family, value)
  const source = set.length === 0 ? '' : `${address(bits)} . `
  const destination = to === undefined ? '' : `${address(to)} . `
  const data = target === undefined ? '' : ` : ${address(target.bits)} . ${target.port}`
  return `${source}${destination}${protocol} . ${port}${timeout}${data}`
}

function textOfStatement(statement: Exclude<Statement, ElementStatement>, options: TextOptions): string {
  const { table } = options
  switch (statement.kind) {
    case 'structure':
      return statement.rebuild ? rebuildText(statement, options) : structureLines(statement, options).join('\n')
    case 'sessions':
      return statement.sessions.map((session) => sessionLine(session, table)).join('\n')
    case 'remove':
      return [...gone(TABLE, options.declareTable), ...gone(BASE_TABLE, true)].join('\n')
  }
}

/** `add` first: deleting what is not there fails the whole batch. */
function gone(table: TableName, declare: boolean): string[] {
  return [...(declare ? [`add table inet ${table}`] : []), `delete table inet ${table}`]
}

/**
 * Last resort, when somebody made a set of ours with another shape: one transaction, and hash sets do not leak in it.
 * It costs the owner flag.
 */
function rebuildText(statement: StructureStatement, options: TextOptions): string {
  const lines = structureLines({ ...statement, strays: { chains: [], sets: [] } }, { ...options, declareTable: true })
  return [...gone(options.table, options.declareTable), ...lines].join('\n')
}

type StructureStatement = Extract<Statement, { kind: 'structure' }>

function structureLines({ structure, strays }: StructureStatement, { table, declareTable }: TextOptions): string[] {
  const { sets, gateway } = structure
  const chains = chainsOf(gateway)
  return [
    ...(declareTable ? [`add table inet ${table}`] : []),
    ...PLAIN_SETS.map((name) => `add set inet ${table} ${name} { ${setSpec(name)} }`),
    ...behindSets(gateway).map((name) => `add set inet ${table} ${name} { ${setSpec(name)} }`),
    ...sets.map((set) => `add ${kindOf(set)} inet ${table} ${setName(set)} { ${setSpec(setName(set), set)} }`),
    ...COUNTERS.map((counter) => `add counter inet ${table} ${counter}`),
    ...chains.map(([chain, hook]) => `add chain inet ${table} ${chain}${hook === undefined ? '' : ` { ${hook} }`}`),
    ...[...chains.map(([name]) => name), ...strays.chains].map(
      (chain) => `flush chain inet ${table} ${identifier(chain)}`,
    ),
    ...ruleLines(sets, gateway).map(([chain, rule]) => `add rule inet ${table} ${chain} ${rule}`),
    ...strays.chains.map((chain) => `delete chain inet ${table} ${identifier(chain)}`),
    ...strays.sets.map((set) => `delete ${strayKind(set)} inet ${table} ${identifier(set)}`),
    `flush set inet ${table} managed`,
    ...managedLines(structure.managed, table),
    ...behindSets(gateway).map((name) => `flush set inet ${table} ${name}`),
    ...behindLines(structure, table),
    // The boot table did its work as soon as this one stands; in the same transaction, so that nothing is open between.
    ...(table === TABLE ? gone(BASE_TABLE, true) : []),
  ]
}

/** Of our own maps when they are in the way; what others put into our table under another name is taken for a set. */
function strayKind(name: string): 'set' | 'map' {
  const set = parseSetName(name)
  return set === undefined ? 'set' : kindOf(set)
}

function kindOf({ kind }: PrefixSet): 'set' | 'map' {
  return kind === 'publish' ? 'map' : 'set'
}

export const COUNTERS = ['opened', 'closed'] as const

/** The sets that stand whatever is granted. */
const PLAIN_SETS = ['managed', 'sess4', 'sess6'] as const

function behindSets(form: GatewayForm): readonly string[] {
  return form === 'none' ? [] : BEHIND_SETS
}

export function standingSets(form: GatewayForm): string[] {
  return [...PLAIN_SETS, ...behindSets(form)]
}

/** After conntrack, before destination NAT: a guard on the input hook is bypassed by published container ports. */
const GUARD_HOOK = 'type filter hook prerouting priority mangle - 10; policy accept;'

/** Every chain with its hook; one without is jumped to. */
export function chainsOf(form: GatewayForm): [name: string, hook: string | undefined][] {
  const host: [string, string | undefined][] = [
    ['granted', undefined],
    ['grants', undefined],
    ['guard', GUARD_HOOK],
  ]
  return form === 'none' ? host : [...host, ...Object.entries(GATEWAY_CHAINS)]
}

/** The body of one of our sets, as written and, line by line, as listed. */
export function setSpec(name: string, set = parseSetName(name)): string {
  const address = (family: Family): string => (family === 4 ? 'ipv4_addr' : 'ipv6_addr')
  if (name === 'managed') return `type inet_proto . inet_service; size ${SMALL_SET_SIZE};`
  if (name === 'sess4' || name === 'sess6') {
    const type = address(name === 'sess4' ? 4 : 6)
    return `type ${type} . inet_service . ${type} . inet_service; size ${SMALL_SET_SIZE}; flags timeout;`
  }
  if (name === 'behind4' || name === 'behind6')
    return `type ${address(name === 'behind4' ? 4 : 6)} . inet_proto . inet_service; size ${SMALL_SET_SIZE};`
  if (set === undefined) throw new Error(`expected the name of one of our sets, got '${name}'`)
  const source = set.length === 0 ? '' : `${address(set.family)} . `
  const destination = isBehind(set) ? `${address(set.family)} . ` : ''
  const data = set.kind === 'publish' ? ` : ${address(set.family)} . inet_service` : ''
  const flags = isKept(set) ? '' : ' flags timeout;'
  return `type ${source}${destination}inet_proto . inet_service${data}; size ${SET_SIZE};${flags}`
}

function ruleLines(sets: readonly PrefixSet[], form: GatewayForm): [chain: string, rule: string][] {
  return [
    ['granted', `meta mark set meta mark | 0x${GRANTED_MARK.toString(16)}`],
    ['granted', `ct mark set ct mark | 0x${GRANTED_MARK.toString(16)}`],
    ['granted', 'counter name opened accept'],
    ...sets.filter((set) => !isBehind(set)).map((set): [string, string] => ['grants', lookupRule(set)]),
    // Before any look at a port: other protocols have none there, and a short packet would fall through to the drop.
    ['guard', 'meta l4proto != tcp meta l4proto != udp meta l4proto != sctp accept'],
    ['guard', 'meta l4proto . th dport != @managed accept'],
    ['guard', 'iif lo accept'],
    // Only what is routed on to somebody else passes: local, broadcast and multicast destinations are this host.
    ['guard', 'fib daddr type unicast accept'],
    // Before whatever lets connections live on: to conntrack a client that begins anew from the port of a connection that
    // has not been forgotten is part of it, and so it is to the list of those that were there before.
    ['guard', `${BEGINS} jump grants`],
    ['guard', `${BEGINS} counter name closed drop`],
    // `established`, not `related`: a helper must not open a managed port.
    ['guard', `ct state established ${NOT_CUT} accept`],
    ['guard', `${NOT_CUT} ip saddr . tcp sport . ip daddr . tcp dport @sess4 accept`],
    ['guard', `${NOT_CUT} ip6 saddr . tcp sport . ip6 daddr . tcp dport @sess6 accept`],
    ['guard', 'jump grants'],
    // Whoever hangs up may tell the other end, and whoever goes on is told that it is over.
    ['guard', `ct state established ${IS_CUT} tcp flags & rst == rst accept`],
    ['guard', `meta l4proto tcp ${IS_CUT} counter name closed reject with tcp reset`],
    ['guard', 'counter name closed drop'],
    ...gatewayRules({
      form,
      sets,
      sourceKey,
      grantedMark: GRANTED_MARK,
      begins: BEGINS,
      notCut: NOT_CUT,
      isCut: IS_CUT,
    }),
  ]
}

/** The first packet of a TCP connection. */
const BEGINS = 'tcp flags & (syn | ack) == syn'
const IS_CUT = `ct mark & 0x${CUT_MARK.toString(16)} != 0x0`
const NOT_CUT = `ct mark & 0x${CUT_MARK.toString(16)} == 0x0`

function lookupRule(set: PrefixSet): string {
  const verdict = set.kind === 'grant' ? 'goto granted' : 'accept'
  const family = set.length === 0 ? `meta nfproto ipv${set.family} ` : ''
  return `${family}${sourceKey(set)}meta l4proto . th dport @${setName(set)} ${verdict}`
}

/** The source's part of a key; anywhere has none. */
function sourceKey({ family, length }: PrefixSet): string {
  if (length === 0) return ''
  const field = family === 4 ? 'ip saddr' : 'ip6 saddr'
  if (length === widthOf(family)) return `${field} . `
  const allOnes = (1n << BigInt(widthOf(family))) - 1n
  return `${field} & ${formatAddress(family, prefix(family, allOnes, length).bits)} . `
}

function managedLines(managed: readonly ManagedKey[], table: TableName): string[] {
  if (managed.length === 0) return []
  const elements = managed.map((key) => {
    const parsed = parseManagedKey(key)
    if (parsed === undefined) throw new Error(`expected the key of a managed port, got '${key}'`)
    return `${parsed.protocol} . ${parsed.port}`
  })
  return [`add element inet ${table} managed { ${elements.join(', ')} }`]
}

function behindLines({ behind, gateway }: Structure, table: TableName): string[] {
  const elements = behind.map((key) => {
    const parsed = parseBehindKey(key)
    if (parsed === undefined) throw new Error(`expected the key of a protected port behind, got '${key}'`)
    const { address, protocol, port } = parsed
    return { family: address.family, text: `${formatAddress(address.family, address.bits)} . ${protocol} . ${port}` }
  })
  return behindSets(gateway).flatMap((name) => {
    const own = elements.filter(({ family }) => name === `behind${family}`).map(({ text }) => text)
    return own.length === 0 ? [] : [`add element inet ${table} ${name} { ${own.join(', ')} }`]
  })
}

function sessionLine({ peer, peerPort, local, localPort }: Session, table: TableName): string {
  const key = `${formatAddress(peer.family, peer.bits)} . ${peerPort} . ${formatAddress(local.family, local.bits)} . ${localPort}`
  const element = `element inet ${table} sess${peer.family} { ${key}`
  return [`add ${element} }`, `delete ${element} }`, `add ${element} timeout ${timeoutText(SESSION_TIMEOUT)} }`].join(
    '\n',
  )
}

/** Whole milliseconds above zero; nft reads a zero as "for ever". */
function timeoutText(timeout: Millis): string {
  if (!Number.isSafeInteger(timeout) || timeout <= 0) {
    throw new Error(`expected a timeout of at least 1 ms, got ${timeout}; an element without one would never close`)
  }
  const seconds = Math.floor(timeout / 1000)
  return `${seconds > 0 ? `${seconds}s` : ''}${timeout % 1000 > 0 ? `${timeout % 1000}ms` : ''}`
}

/** A name that somebody else gave to something in our table, and that must be named to be removed. */
function identifier(name: string): string {
  if (/^[A-Za-z_][\w.\-/\\]{0,127}$/.test(name)) return name
  throw new Error(`'${name}' in table ${TABLE} cannot be named safely; remove it by hand: nft list table inet ${TABLE}`)
}
