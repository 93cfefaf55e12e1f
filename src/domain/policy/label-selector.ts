/**
 * Labels of hosts, and selectors that choose machines by them: every pair of the selector must be among the labels. A
 * selector never is empty: what it chooses would be everything, which nobody means.
 */
import { briefly, ok, quoted, refusal, refused, withFacts, type Refusal, type Result } from '../refusal.ts'

export type Labels = Readonly<Record<string, string>>

const NAME = /^[A-Za-z0-9](?:[-\w./]{0,61}[A-Za-z0-9])?$/
const VALUE = /^(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?$/
const MOST_LABELS = 50

export function issuesOfLabels(labels: Labels, place: string): Refusal[] {
  const pairs = Object.entries(labels)
  const many = `at most ${MOST_LABELS} labels; got ${pairs.length}`
  return [
    ...(pairs.length > MOST_LABELS ? [withFacts(refusal('InvalidLabels', many, place), { most: MOST_LABELS })] : []),
    ...pairs.flatMap(([name, value]) => issuesOfPair({ name, value, place })),
  ]
}

interface Pair {
  readonly name: string
  readonly value: string
  readonly place: string
}

function issuesOfPair({ name, value, place }: Pair): Refusal[] {
  const rule = 'use up to 63 letters, digits, and in between - _ . (in names / too)'
  const wrong = (what: 'name' | 'value', text: string): Refusal =>
    withFacts(refusal('InvalidLabels', `${quoted(text)} is not the ${what} of a label: ${rule}`, place), {
      [what]: briefly(text),
    })
  return [
    ...(NAME.test(name) && name !== '__proto__' ? [] : [wrong('name', name)]),
    ...(VALUE.test(value) ? [] : [wrong('value', value)]),
  ]
}

/** `env=prod,tier=web`. */
export function parseSelector(text: string): Result<Labels> {
  const pairs = text.split(',').map((pair) => pair.trim().split('='))
  const wrong = pairs.find((pair) => pair.length !== 2)
  if (wrong !== undefined) {
    const message = `a selector is name=value, several with commas between, such as env=prod,tier=web; got ${quoted(text)}`
    return refused(withFacts(refusal('InvalidSelector', message, 'selector'), { got: briefly(text) }))
  }
  const labels = Object.fromEntries(pairs.map(([name = '', value = '']) => [name.trim(), value.trim()]))
  const issues = issuesOfSelector(labels, 'selector')
  return issues.length > 0 ? refused(...issues) : ok(labels)
}

export function issuesOfSelector(selector: Labels, place: string): Refusal[] {
  if (Object.keys(selector).length === 0)
    return [
      refusal('InvalidSelector', 'a selector names at least one label: an empty one would mean every machine', place),
    ]
  return issuesOfLabels(selector, place).map((issue) => ({ ...issue, code: 'InvalidSelector' }))
}

export function formatSelector(selector: Labels): string {
  return pairsOf(selector).join(',')
}

/** `env=prod`, in order. */
export function pairsOf(labels: Labels): string[] {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
}

export function isChosen(labels: Labels | undefined, selector: Labels): boolean {
  const pairs = Object.entries(selector)
  return (
    pairs.length > 0 &&
    pairs.every(([name, value]) => labels !== undefined && Object.hasOwn(labels, name) && labels[name] === value)
  )
}
