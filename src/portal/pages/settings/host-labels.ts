/** The labels of a host as they are typed: name=value, with spaces, commas or lines between. Pure. */
import { issuesOfLabels, pairsOf, type Labels } from '../../../domain/policy/label-selector.ts'
import { refusal, type Refusal } from '../../../domain/refusal.ts'

export function labelsText(labels: Labels): string {
  return pairsOf(labels).join('\n')
}

export interface TypedLabels {
  readonly labels: Labels
  readonly issues: readonly Refusal[]
}

export function labelsFrom(text: string): TypedLabels {
  const pairs = text.split(/[\s,]+/).filter((pair) => pair !== '')
  const named = pairs.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)] as const)
  const labels = Object.fromEntries(named)
  const [wrong] = pairs.filter((pair) => !pair.includes('='))
  const lost = named.find(([name], order) => named.findIndex(([other]) => other === name) < order)
  return {
    labels,
    issues: [
      ...(wrong === undefined ? [] : [refusal('InvalidLabels', `a label is name=value; got '${wrong}'`, 'labels')]),
      ...(lost === undefined ? [] : [refusal('InvalidLabels', `the label '${lost[0]}' is there twice`, 'labels')]),
      ...issuesOfLabels(labels, 'labels'),
    ],
  }
}
