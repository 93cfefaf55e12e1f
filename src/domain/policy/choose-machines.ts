/**
 * The machines that a policy protects: those that it names, and those that its selectors choose by their labels. What is
 * named counts before what is chosen, and the first selector that fits before the others. Pure.
 */
import { formatSelector, isChosen, type Labels } from './label-selector.ts'
import type { PolicyMachineInput, PolicySelectorInput, PortRuleInput } from './policy.ts'
import { parseResourceId, resourceKey, type ResourceId, type ResourceKey } from '../resource-id.ts'
import { sourceTexts } from './written-sources.ts'

/** A machine that can be protected, or is already. */
export interface Labelled {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly labels: Labels
}

/**
 * `machines` are as somebody wrote them, perhaps with what was chosen before: a client that knows nothing of selectors
 * sends back all that it was shown, and what is written as the selector would have it is chosen still.
 */
export function withChosen(
  machines: readonly PolicyMachineInput[],
  selectors: readonly PolicySelectorInput[],
  labelled: Iterable<Labelled>,
): PolicyMachineInput[] {
  const chosen = chosenBy(selectors, labelled)
  const named = machines.filter((machine) => isNamed(machine, selectors, chosen)).map(asNamed)
  const namedKeys = new Set(named.map(({ id }) => id.toLowerCase()))
  return [...named, ...[...chosen].filter(([key]) => !namedKeys.has(key)).map(([, machine]) => machine)]
}

function chosenBy(
  selectors: readonly PolicySelectorInput[],
  labelled: Iterable<Labelled>,
): Map<string, PolicyMachineInput> {
  const chosen = new Map<string, PolicyMachineInput>()
  for (const { id, key, labels } of labelled) {
    const selector = selectors.find((each) => isChosen(labels, each.labels))
    if (selector === undefined) continue
    chosen.set(key, { id, ports: selector.ports, chosenBy: formatSelector(selector.labels) })
  }
  return chosen
}

function isNamed(
  { id, ports, chosenBy: by }: PolicyMachineInput,
  selectors: readonly PolicySelectorInput[],
  chosen: ReadonlyMap<string, PolicyMachineInput>,
): boolean {
  if (selectors.length === 0) return true
  if (typeof by === 'string') return false
  const asChosen = chosen.get(id.toLowerCase())
  return asChosen === undefined || portsText(asChosen.ports) !== portsText(ports)
}

function asNamed({ chosenBy: _chosenBy, ...machine }: PolicyMachineInput): PolicyMachineInput {
  return machine
}

function portsText(ports: readonly PortRuleInput[]): string {
  const texts = ports.map((rule) =>
    JSON.stringify([
      rule.number,
      rule.protocol,
      sourceTexts(rule),
      rule.maxRequestAccessDuration,
      rule.onExpiry ?? null,
    ]),
  )
  return texts.toSorted().join()
}

/** The keys of those that were chosen, not named. */
export function chosenKeys(machines: readonly PolicyMachineInput[]): Set<ResourceKey> {
  const chosen = machines.filter(({ chosenBy: by }) => typeof by === 'string')
  return new Set(
    chosen.flatMap(({ id }) => {
      const parsed = parseResourceId(id)
      return parsed.ok ? [resourceKey(parsed.value)] : []
    }),
  )
}

/** Equal for selectors that mean the same, whatever their order. */
export function selectorsText(selectors: readonly PolicySelectorInput[]): string {
  return selectors.map(({ labels, ports }) => `${formatSelector(labels)} ${portsText(ports)}`).join('\n')
}
