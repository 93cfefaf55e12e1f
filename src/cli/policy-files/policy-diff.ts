/**
 * What would change of a policy, port by port. Compares what is meant, not how it is written: `tcp` is `TCP`, PT60M is PT1H,
 * and the order of machines, ports and sources means nothing. Pure.
 */
import type { OnExpiry } from '../../domain/access/flow.ts'
import { formatSource, parseSource } from '../../domain/net.ts'
import type { PolicyMachineInput, PortRuleInput } from '../../domain/policy/policy.ts'
import { formatDuration, parseDuration } from '../../domain/time.ts'
import { sourceTexts } from '../../domain/policy/written-sources.ts'

export type Action = 'create' | 'update' | 'remove' | 'none'

/** A rule in one spelling. */
export interface RuleView {
  readonly protocol: string
  readonly from: readonly string[]
  readonly max: string
  /** Left out where who is connected stays so. */
  readonly onExpiry?: Exclude<OnExpiry, 'keep'>
}

export interface PortDiff {
  readonly action: Action
  readonly port: number
  readonly before?: RuleView
  readonly after?: RuleView
}

export interface MachineDiff {
  readonly action: Action
  readonly id: string
  readonly ports: readonly PortDiff[]
  readonly publicIpAddress?: { readonly before: string | null; readonly after: string | null }
}

/** Undefined stands for a policy that is not there. */
export interface Sides {
  readonly before: readonly PolicyMachineInput[] | undefined
  readonly after: readonly PolicyMachineInput[] | undefined
}

export function diffMachines({ before = [], after = [] }: Sides): MachineDiff[] {
  const old = new Map(before.map((machine) => [machine.id.toLowerCase(), machine]))
  const wanted = new Set(after.map(({ id }) => id.toLowerCase()))
  return [
    ...after.map((machine) => diffMachine(old.get(machine.id.toLowerCase()), machine)),
    ...before.filter(({ id }) => !wanted.has(id.toLowerCase())).map((machine) => diffMachine(machine, undefined)),
  ]
}

/** Of a whole from its parts. */
export function actionOf(
  { before, after }: { readonly before: unknown; readonly after: unknown },
  changed: boolean,
): Action {
  if (before === undefined) return 'create'
  if (after === undefined) return 'remove'
  return changed ? 'update' : 'none'
}

function diffMachine(before: PolicyMachineInput | undefined, after: PolicyMachineInput | undefined): MachineDiff {
  const ports = diffPorts(before?.ports ?? [], after?.ports ?? [])
  const address = { before: before?.publicIpAddress ?? null, after: after?.publicIpAddress ?? null }
  const moved = address.before !== address.after
  const changed = moved || ports.some(({ action }) => action !== 'none')
  const id = before?.id ?? after?.id ?? ''
  return { action: actionOf({ before, after }, changed), id, ports, ...(moved ? { publicIpAddress: address } : {}) }
}

function diffPorts(before: readonly PortRuleInput[], after: readonly PortRuleInput[]): PortDiff[] {
  const old = new Map(before.map((rule) => [rule.number, ruleView(rule)]))
  const wanted = new Map(after.map((rule) => [rule.number, ruleView(rule)]))
  const numbers = [...new Set([...old.keys(), ...wanted.keys()])].toSorted((a, b) => a - b)
  return numbers.map((port) => diffPort(port, old.get(port), wanted.get(port)))
}

function diffPort(port: number, before: RuleView | undefined, after: RuleView | undefined): PortDiff {
  const action = actionOf({ before, after }, JSON.stringify(before) !== JSON.stringify(after))
  return { action, port, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

export function ruleView(rule: PortRuleInput): RuleView {
  const texts = sourceTexts(rule)
  const from = texts === undefined || texts === 'both' ? [] : texts.map(oneSource)
  const max = parseDuration(rule.maxRequestAccessDuration)
  const onExpiry = (['warn', 'cut'] as const).find((each) => each === rule.onExpiry?.toLowerCase())
  return {
    protocol: rule.protocol.toUpperCase(),
    from: [...new Set(from)].toSorted(),
    max: max.ok ? formatDuration(max.value) : rule.maxRequestAccessDuration,
    ...(onExpiry !== undefined && { onExpiry }),
  }
}

function oneSource(text: string): string {
  const source = parseSource(text.trim())
  return source.ok ? formatSource(source.value) : text
}
