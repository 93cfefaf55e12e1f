/**
 * What the editor of label selectors holds, and what it means: judged by the domain's own parser, with the domain's own choice
 * of machines. What the policy names stays exactly as it is. Pure.
 */
import type { JitPolicyMachine, WirePolicySelector } from '../../../contract/jit-policy.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import type { WirePolicy } from '../../../contract/policy.ts'
import { withChosen, type Labelled } from '../../../domain/policy/choose-machines.ts'
import { formatSelector, parseSelector } from '../../../domain/policy/label-selector.ts'
import { sourceTexts } from '../../../domain/policy/written-sources.ts'
import { parseResourceId, resourceKey } from '../../../domain/resource-id.ts'
import { asNamed, draftFrom, portsFrom, recommendedRules, type DraftRule, type PolicyWrite } from '../policy/draft.ts'

export interface DraftSelector {
  /** For the page alone. */
  readonly key: number
  /** As typed: `env=prod,tier=web`. */
  readonly labels: string
  readonly rules: readonly DraftRule[]
}

export function draftsFrom({ selectors = [] }: Pick<WirePolicy, 'selectors'>): DraftSelector[] {
  return selectors.map(({ labels, ports }, key) => ({
    key,
    labels: formatSelector(labels),
    rules: draftFrom(ports.map((rule) => ({ ...rule, allowedSources: textsOf(sourceTexts(rule)) }))),
  }))
}

function textsOf(texts: ReturnType<typeof sourceTexts>): readonly string[] {
  return typeof texts === 'object' ? texts : ['*']
}

/** Labels are of hosts, and hosts run Linux. */
export function newSelector(beside: readonly DraftSelector[]): DraftSelector {
  return { key: Math.max(-1, ...beside.map(({ key }) => key)) + 1, labels: '', rules: recommendedRules('Linux') }
}

/**
 * What was edited, on the policy as it is now: what the reader did not touch is as others left it, and what they added is
 * there too. `base` is what the drafts were made of.
 */
export function mergedDrafts(
  drafts: readonly DraftSelector[],
  { base, now }: { readonly base: Pick<WirePolicy, 'selectors'>; readonly now: Pick<WirePolicy, 'selectors'> },
): DraftSelector[] {
  const [before, theirs] = [draftsFrom(base), draftsFrom(now)]
  const among = (all: readonly DraftSelector[], { labels }: DraftSelector): DraftSelector | undefined =>
    all.find((one) => selectorText(one.labels) === selectorText(labels))
  const kept = drafts.flatMap((draft) => {
    const own = before.find(({ key }) => key === draft.key)
    if (own === undefined || JSON.stringify(own) !== JSON.stringify(draft)) return [draft]
    const their = among(theirs, draft)
    return their === undefined ? [] : [their]
  })
  const added = theirs.filter((their) => among(before, their) === undefined && among(kept, their) === undefined)
  return [...kept, ...added].map((draft, key) => ({ ...draft, key }))
}

/** Those whose labels can be read; the others choose nothing yet. */
function selectorsFrom(drafts: readonly DraftSelector[]): WirePolicySelector[] {
  return drafts.flatMap(({ labels, rules }) => {
    const parsed = parseSelector(labels)
    return parsed.ok ? [{ labels: { ...parsed.value }, ports: portsFrom(rules) }] : []
  })
}

/** As it is written in a policy, whatever the order that was typed; undefined for what is no selector. */
export function selectorText(labels: string): string | undefined {
  const parsed = parseSelector(labels)
  return parsed.ok ? formatSelector(parsed.value) : undefined
}

/** The machines that were chosen by labels that are in no draft any more. */
export function fallenFrom(
  { virtualMachines }: Pick<WirePolicy, 'virtualMachines'>,
  drafts: readonly DraftSelector[],
): JitPolicyMachine[] {
  const texts = new Set(drafts.map(({ labels }) => selectorText(labels)))
  return virtualMachines.filter(({ chosenBy }) => typeof chosenBy === 'string' && !texts.has(chosenBy))
}

export interface Place {
  /** Resource id. */
  readonly id: string
  readonly before: WirePolicy | undefined
}

/** `fallen`: whether those that no labels choose any more stay, each named, or are protected no longer. */
export function selectorWrite(
  { id, before }: Place,
  { drafts, fallen }: { readonly drafts: readonly DraftSelector[]; readonly fallen: 'stay' | 'end' },
): PolicyWrite {
  const standing = before?.virtualMachines ?? []
  const falling = new Set(before === undefined ? [] : fallenFrom(before, drafts))
  const virtualMachines = standing.flatMap((machine) =>
    !falling.has(machine) ? [machine] : fallen === 'stay' ? [asNamed(machine)] : [],
  )
  return { id: before?.id ?? id, before, virtualMachines, selectors: selectorsFrom(drafts) }
}

export interface Foreseen {
  readonly chosen: readonly string[]
  /** What becomes of the others that have the labels, by their names. */
  readonly named: readonly string[]
  readonly earlier: readonly string[]
  readonly unsupported: readonly string[]
}

/** Of machines that have the labels of `own`: which of them this selector would choose, among all of `drafts`. */
export function foreseenOf(
  machines: readonly WireMachine[],
  {
    own,
    drafts,
    before,
  }: { readonly own: string; readonly drafts: readonly DraftSelector[]; readonly before?: WirePolicy | undefined },
): Foreseen {
  const kept = (before?.virtualMachines ?? []).filter(({ chosenBy }) => chosenBy == null)
  const outcome = withChosen(kept, selectorsFrom(drafts), machines.flatMap(labelled))
  const by = new Map(outcome.map(({ id, chosenBy }) => [id.toLowerCase(), chosenBy ?? '']))
  const names = (isMeant: (chosenBy: string | undefined) => boolean): string[] =>
    machines.filter(({ id }) => isMeant(by.get(id.toLowerCase()))).map(({ name }) => name)
  return {
    chosen: names((chosenBy) => chosenBy === own),
    named: names((chosenBy) => chosenBy === ''),
    earlier: names((chosenBy) => chosenBy !== undefined && chosenBy !== '' && chosenBy !== own),
    unsupported: names((chosenBy) => chosenBy === undefined),
  }
}

function labelled({ id, labels = {}, unsupported, points }: WireMachine): Labelled[] {
  const parsed = parseResourceId(id)
  if (!parsed.ok || unsupported !== undefined || points.length === 0) return []
  return [{ id: parsed.value, key: resourceKey(parsed.value), labels }]
}
