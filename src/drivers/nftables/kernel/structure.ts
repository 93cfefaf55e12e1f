/**
 * Whether the table stands exactly as the serialiser writes it. Pure: compares nft's own bytecode listing of the
 * kernel's rules with its bytecode of ours, so that it holds for any version of nft and sees any tampering.
 *
 * The listing is `nft --terse --stateless --debug=netlink list ruleset`: bytecode of every rule, then the text.
 */
import { isBehind, parseSetName, setName, type PrefixSet } from '../element.ts'
import { baselineSets, chainsOf, COUNTERS, setSpec, standingSets, type TableName } from '../nft-text.ts'
import type { GatewayForm, Strays } from '../operation.ts'
import { tellStep, type ToldStep } from '../../../domain/access/step.ts'

/** Chain name to its rules' bytecode, in order. */
export type Bytecode = ReadonlyMap<string, readonly string[]>

export interface ListedTable {
  readonly rules: Bytecode
  /** Name to body lines. */
  readonly sets: ReadonlyMap<string, readonly string[]>
  readonly chains: ReadonlyMap<string, readonly string[]>
  readonly counters: ReadonlySet<string>
  /** A dormant table stands, and guards nothing. */
  readonly isDormant: boolean
}

export interface StructureState {
  /** `absent`: no table. `exact`: as written. `differs`: mendable in place. `unusable`: a set of ours has another shape. */
  readonly state: 'absent' | 'exact' | 'differs' | 'unusable'
  /** With what it was compared. */
  readonly form: GatewayForm
  /** Every prefix set that must stand: ours in the kernel, and the baseline. */
  readonly sets: readonly PrefixSet[]
  readonly strays: Strays
  /** What differs, for people. */
  readonly differences: readonly ToldStep[]
}

/** The prefix sets of the table as it is, and the baseline's. Sorted, so that the same sets give the same text. */
export function setsIn(listed: ListedTable | undefined, form: GatewayForm): PrefixSet[] {
  const standing = [...(listed?.sets.keys() ?? [])].flatMap((name) => parseSetName(name) ?? [])
  return unionOfSets(
    baselineSets(form),
    standing.filter((set) => form !== 'none' || !isBehind(set)),
  )
}

export function unionOfSets(...groups: readonly (readonly PrefixSet[])[]): PrefixSet[] {
  const byName = new Map(groups.flat().map((set) => [setName(set), set]))
  return [...byName.values()].sort((a, b) => a.kind.localeCompare(b.kind) || a.family - b.family || b.length - a.length)
}

export interface Expected {
  readonly form: GatewayForm
  /** The bytecode of the structure with exactly {@link setsIn} of what is listed. */
  readonly compiled: Bytecode
}

export function structureState(listed: ListedTable | undefined, { form, compiled }: Expected): StructureState {
  const sets = setsIn(listed, form)
  if (listed === undefined) return { state: 'absent', form, sets, strays: { chains: [], sets: [] }, differences: [] }
  const expectedSets = [...standingSets(form), ...sets.map(setName)]
  const chains = chainsOf(form)
  const misshapen = expectedSets.filter(
    (name) => listed.sets.has(name) && !sameBody(listed.sets.get(name), setSpec(name)),
  )
  const moved = chains.filter(([name, hook]) => !sameBody(listed.chains.get(name), hook ?? '')).map(([name]) => name)
  const strays = {
    chains: [...listed.chains.keys()].filter((name) => !chains.some(([known]) => known === name)),
    sets: [...listed.sets.keys()].filter((name) => !expectedSets.includes(name)),
  }
  const differences = [
    ...(listed.isDormant ? [tellStep('TableAsleep', {})] : []),
    ...misshapen.map((set) => tellStep('SetMisshapen', { set })),
    ...expectedSets.filter((name) => !listed.sets.has(name)).map((set) => tellStep('SetMissing', { set })),
    ...strays.sets.map((set) => tellStep('SetForeign', { set })),
    ...chains
      .filter(([name]) => !sameRules(listed.rules.get(name), compiled.get(name)))
      .map(([chain]) => tellStep('ChainChanged', { chain })),
    ...strays.chains.map((chain) => tellStep('ChainForeign', { chain })),
    ...moved.map((chain) => tellStep('ChainUnhooked', { chain })),
    ...COUNTERS.filter((name) => !listed.counters.has(name)).map((counter) => tellStep('CounterMissing', { counter })),
  ]
  const unusable = misshapen.length > 0 || moved.some((name) => listed.chains.has(name))
  const state = unusable ? 'unusable' : differences.length > 0 ? 'differs' : 'exact'
  return { state, form, sets, strays, differences }
}

function sameRules(listed: readonly string[] = [], compiled: readonly string[] = []): boolean {
  return listed.length === compiled.length && listed.every((rule, index) => rule === compiled[index])
}

/** A listing puts the statements on lines of their own, in an order of its own, and may leave the semicolons out. */
function sameBody(listed: readonly string[] | undefined, spec: string): boolean {
  const statements = (text: string): string =>
    text
      .split(';')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .sort()
      .join(';')
  return statements((listed ?? []).join(';')) === statements(spec)
}

/** The bytecode blocks of one table: a line `inet TABLE CHAIN handles…`, then one indented line per expression. */
export function parseBytecode(output: string, table: TableName): Bytecode {
  const rules = new Map<string, string[]>()
  for (const block of output.split(/\n(?=\S)/)) {
    const [header = '', ...lines] = block.split('\n')
    const match = /^inet (\S+) (\S+)(?: \d+)*\s*$/.exec(header)
    if (match?.[1] !== table || !lines.some((line) => line.startsWith('  ['))) continue
    const chain = match[2] ?? ''
    rules.set(chain, [
      ...(rules.get(chain) ?? []),
      lines
        .map(normalExpression)
        .filter((line) => line !== '')
        .join('\n'),
    ])
  }
  return rules
}

/**
 * Some versions print a lookup's flags only when they come from the kernel. Of a translation the kernel also tells what
 * follows from the rest: the end of a range that is its beginning, and the flags which say that there is an address, a port.
 */
function normalExpression(line: string): string {
  const text = line.trim().replace(/^(\[ lookup .*?) 0x0 \]$/, '$1 ]')
  if (!text.startsWith('[ nat ')) return text
  return text
    .replace(/(addr_min reg (\d+)) addr_max reg \2(?= )/, '$1')
    .replace(/(proto_min reg (\d+)) proto_max reg \2(?= )/, '$1')
    .replace(/ flags 0x[13] \]$/, ' ]')
}

/** Undefined when the table is not in the listing. */
export function parseListing(output: string, table: TableName): ListedTable | undefined {
  const text = new RegExp(`^table inet ${table} \\{.*\\n([^]*?)^\\}`, 'm').exec(output)?.[1]
  if (text === undefined) return undefined
  const blocks = [...text.matchAll(/^\t(set|map|chain|counter|\S+) (\S+) \{\n([^]*?)^\t\}/gm)].map((match) => ({
    kind: match[1] ?? '',
    name: match[2] ?? '',
    lines: (match[3] ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  }))
  const named = (...kinds: readonly string[]): [string, string[]][] =>
    blocks.filter(({ kind }) => kinds.includes(kind)).map(({ name, lines }) => [name, lines])
  const chains = named('chain').map(([name, lines]): [string, string[]] => [
    name,
    lines.filter((line) => line.startsWith('type ')),
  ])
  return {
    rules: parseBytecode(output, table),
    sets: new Map(named('set', 'map')),
    chains: new Map(chains),
    counters: new Set(named('counter').map(([name]) => name)),
    isDormant: /^\tflags [^\n]*dormant/m.test(text),
  }
}
