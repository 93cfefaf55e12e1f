/**
 * What the policy editor holds, and what it means: the rules of one machine or many, judged by the domain's own parser, and
 * the policies to write, with the machines that are not edited left exactly as they are. Pure.
 */
import type { Whoami } from '../../../contract/installation.ts'
import type { JitPolicy, JitPolicyMachine, WirePolicySelector } from '../../../contract/jit-policy.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import type { WirePolicy } from '../../../contract/policy.ts'
import { newPolicyId } from '../../../contract/policy-place.ts'
import { ON_EXPIRY, type OnExpiry } from '../../../domain/access/flow.ts'
import { selectorsText } from '../../../domain/policy/choose-machines.ts'
import { DEFAULT_PORTS, parsePolicy, parsePortRule, type PortRuleInput } from '../../../domain/policy/policy.ts'
import { isSamePolicy } from '../../../domain/policy/same-policy.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import { formatDuration, parseDuration } from '../../../domain/time.ts'

export const PROTOCOLS = ['TCP', 'UDP', '*'] as const

export interface DraftRule {
  /** For the page alone: rules have no names. */
  readonly key: number
  /** As typed. */
  readonly port: string
  readonly protocol: string
  /** `request`: whatever is asked for with the request. */
  readonly sources: 'request' | 'list'
  readonly ranges: string
  readonly hours: string
  readonly onExpiry: OnExpiry
}

export function recommendedRules(os: 'Linux' | 'Windows' | undefined): DraftRule[] {
  const ports = os === 'Linux' ? [22] : os === 'Windows' ? [3_389, 5_985, 5_986] : DEFAULT_PORTS
  return ports.map((port, key) => ({
    key,
    port: String(port),
    protocol: 'TCP',
    sources: 'request',
    ranges: '',
    hours: '3',
    onExpiry: 'keep',
  }))
}

export function newRule(beside: readonly DraftRule[]): DraftRule {
  const key = Math.max(-1, ...beside.map((rule) => rule.key)) + 1
  return { key, port: '', protocol: 'TCP', sources: 'request', ranges: '', hours: '3', onExpiry: 'keep' }
}

const HOUR = 3_600_000

interface WrittenRule {
  readonly number: number
  readonly protocol: string
  readonly allowedSources: readonly string[]
  readonly maxRequestAccessDuration: string
  readonly onExpiry?: string | null | undefined
}

export function draftFrom(ports: readonly WrittenRule[]): DraftRule[] {
  return ports.map(({ number, protocol, allowedSources, maxRequestAccessDuration, onExpiry }, key) => {
    const isAny = allowedSources.length === 1 && allowedSources[0] === '*'
    const longest = parseDuration(maxRequestAccessDuration)
    return {
      key,
      port: String(number),
      protocol: protocol.toUpperCase(),
      sources: isAny ? 'request' : 'list',
      ranges: isAny ? '' : allowedSources.join(', '),
      hours: String(longest.ok ? longest.value / HOUR : 3),
      onExpiry: ON_EXPIRY.find((each) => each === onExpiry) ?? 'keep',
    }
  })
}

function inputFrom({ port, protocol, sources, ranges, hours, onExpiry }: DraftRule): PortRuleInput {
  const prefixes = ranges.split(/[\s,;]+/).filter((part) => part !== '')
  const millis = Math.round(Number(hours.replace(',', '.')) * HOUR)
  return {
    number: port.trim() === '' ? Number.NaN : Number(port),
    protocol,
    ...(sources === 'request'
      ? { allowedSourceAddressPrefix: '*' }
      : prefixes.length === 1
        ? { allowedSourceAddressPrefix: prefixes[0] ?? '' }
        : { allowedSourceAddressPrefixes: prefixes }),
    maxRequestAccessDuration: Number.isFinite(millis) && millis > 0 ? formatDuration(millis) : hours,
    ...(onExpiry !== 'keep' && { onExpiry }),
  }
}

export type RuleField = 'port' | 'protocol' | 'ranges' | 'hours'

/** Sentences by rule and field; empty when the draft is a policy. */
export type DraftIssues = ReadonlyMap<number, Readonly<Partial<Record<RuleField, string>>>>

const FIELDS: readonly (readonly [string, RuleField])[] = [
  ['number', 'port'],
  ['protocol', 'protocol'],
  ['allowedSource', 'ranges'],
  ['maxRequestAccessDuration', 'hours'],
]

/** `say`: the words for a refusal; `repeated`: those for a port that is there twice. */
export function issuesOf(
  rules: readonly DraftRule[],
  { repeated, say }: { readonly repeated: string; readonly say: (refusal: Refusal) => string },
): DraftIssues {
  const issues = new Map<number, Partial<Record<RuleField, string>>>()
  for (const rule of rules) {
    const parsed = parsePortRule(inputFrom(rule), 'rule')
    const found: Partial<Record<RuleField, string>> = {}
    for (const refusal of parsed.ok ? [] : parsed.refusals) {
      const field = FIELDS.find(([part]) => refusal.target?.includes(part))?.[1] ?? 'port'
      found[field] ??= say(refusal)
    }
    if (rules.some((other) => other.key < rule.key && other.port.trim() === rule.port.trim())) found.port ??= repeated
    if (Object.keys(found).length > 0) issues.set(rule.key, found)
  }
  return issues
}

export interface PolicyWrite {
  /** Resource id. */
  readonly id: string
  /** Undefined for a policy that is made by this. */
  readonly before: WirePolicy | undefined
  /** The whole of it, the neighbours too. */
  readonly virtualMachines: readonly JitPolicyMachine[]
  /** Without them they stay as they are. */
  readonly selectors?: readonly WirePolicySelector[]
}

export interface Around {
  readonly policies: readonly WirePolicy[]
  readonly own: Whoami
}

/** Where a machine is in no policy yet, it joins its group's and location's `default`, as in the original. */
export function writesFor(
  machines: readonly WireMachine[],
  rules: readonly DraftRule[],
  around: Around,
): PolicyWrite[] {
  const ports = portsFrom(rules)
  return [...Map.groupBy(machines, (machine) => policyOf(machine, around).toLowerCase())].map(([, chosen]) => {
    const [first] = chosen
    const id = first === undefined ? '' : policyOf(first, around)
    const before = around.policies.find((policy) => same(policy.id, id))
    const known = new Map(before?.virtualMachines.map((machine) => [machine.id.toLowerCase(), machine]))
    const isMeant = oneOf(chosen)
    const kept = (before?.virtualMachines ?? []).filter((machine) => !isMeant(machine))
    const edited = chosen.map((machine) => ({
      ...asNamed(known.get(machine.id.toLowerCase()) ?? {}),
      id: machine.id,
      ports,
    }))
    return { id: before?.id ?? id, before, virtualMachines: [...kept, ...edited] }
  })
}

export function portsFrom(rules: readonly DraftRule[]): JitPolicyMachine['ports'] {
  return rules.map(inputFrom).map((port) => ({ ...port, allowedSourceAddressPrefixes: listOf(port) }))
}

function listOf({ allowedSourceAddressPrefixes: list }: PortRuleInput): string[] | undefined {
  return list === undefined || list === null ? undefined : [...list]
}

/** What a label selector chose is named from now on: as a chosen one, its rules would stay those of the selector. */
export function asNamed<T extends Partial<JitPolicyMachine>>({
  chosenBy: _chosenBy,
  ...named
}: T): Omit<T, 'chosenBy'> {
  return named
}

export interface Chosen {
  readonly selector: string
  /** Resource id. */
  readonly policy: string
  readonly machines: readonly WireMachine[]
}

/** The machines that are protected for their labels alone, by the selector that chose them. */
export function chosenIn(machines: readonly WireMachine[], { policies }: Pick<Around, 'policies'>): Chosen[] {
  const isMeant = oneOf(machines)
  const named = policies.flatMap(({ id: policy, virtualMachines }) =>
    virtualMachines.filter(isMeant).map(({ id, chosenBy }) => ({ id: id.toLowerCase(), policy, chosenBy })),
  )
  const byMachine = Map.groupBy(named, ({ id }) => id)
  const found = machines.flatMap((machine) => {
    const own = byMachine.get(machine.id.toLowerCase()) ?? []
    const [first] = own
    const isChosen = typeof first?.chosenBy === 'string' && own.every(({ chosenBy }) => chosenBy != null)
    return isChosen ? [{ machine, selector: first.chosenBy ?? '', policy: first.policy }] : []
  })
  return [...Map.groupBy(found, ({ selector, policy }) => `${selector} ${policy}`).values()].flatMap((group) =>
    group
      .slice(0, 1)
      .map(({ selector, policy }) => ({ selector, policy, machines: group.map(({ machine }) => machine) })),
  )
}

/** Nothing is left in it, and nothing can come: it is removed. */
export function isLeftEmpty(write: PolicyWrite): boolean {
  return write.virtualMachines.length === 0 && selectorsIn(write).length === 0
}

function selectorsIn({ before, selectors = before?.selectors ?? [] }: PolicyWrite): readonly WirePolicySelector[] {
  return selectors
}

/** Whether what is stored is what `write` wants, whoever wrote it; what its selectors have chosen since is no difference. */
export function isStoredAs(write: PolicyWrite, stored: JitPolicy['properties'] | undefined): boolean {
  const selectors = selectorsIn(write)
  if (stored === undefined || isLeftEmpty(write)) return stored === undefined && isLeftEmpty(write)
  if (selectorsText(selectors) !== selectorsText(stored.selectors ?? [])) return false
  const isNamed = ({ chosenBy }: JitPolicyMachine): boolean => chosenBy == null || selectors.length === 0
  const named = write.virtualMachines.filter(isNamed)
  const isStillNamed = oneOf(named)
  const standing = stored.virtualMachines.filter((machine) => isNamed(machine) || isStillNamed(machine))
  return named.length === 0 || standing.length === 0 ? named.length === standing.length : isSameOf(named, standing)
}

function isSameOf(...sides: readonly [readonly JitPolicyMachine[], readonly JitPolicyMachine[]]): boolean {
  const [a, b] = sides.map((machines) => parsePolicy('compared', machines))
  return a?.ok === true && b?.ok === true && isSamePolicy(a.value, b.value)
}

/** The same policies without these machines. What a label selector chose stays, for it would be chosen again. */
export function writesWithout(machines: readonly WireMachine[], { policies }: Pick<Around, 'policies'>): PolicyWrite[] {
  const isOne = oneOf(machines)
  const isMeant = (machine: JitPolicyMachine): boolean => machine.chosenBy == null && isOne(machine)
  return policies
    .filter((policy) => policy.virtualMachines.some(isMeant))
    .map((before) => ({
      id: before.id,
      before,
      virtualMachines: before.virtualMachines.filter((machine) => !isMeant(machine)),
    }))
}

function policyOf(machine: WireMachine, { own }: Around): string {
  return machine.policies[0] ?? newPolicyId({ name: 'default' }, { first: machine.id, known: [machine], own })
}

/** Whether a machine is one of these; made once, for either may be thousands. */
function oneOf(machines: readonly { readonly id: string }[]): (machine: { readonly id: string }) => boolean {
  const keys = new Set(machines.map(({ id }) => id.toLowerCase()))
  return ({ id }) => keys.has(id.toLowerCase())
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
