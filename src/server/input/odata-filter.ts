/** The few forms of `$filter` that Azure's clients send to this interface. What is not known is refused, never ignored. */
import { ok, quoted, refusal, refused, type Result } from '../../domain/refusal.ts'

/** By lower-case name: `atscope()` is true, `principalid eq 'x'` and `assignedto('x')` are x. */
export type Terms = ReadonlyMap<string, string | true>

const TERM = /^(?:(\w+)\s+eq\s+'((?:[^']|'')*)'|(\w+)\(\s*(?:'((?:[^']|'')*)')?\s*\))$/i

export function parseFilter(text: string | undefined, known: readonly string[]): Result<Terms> {
  if (text === undefined || text.trim() === '') return ok(new Map())
  const terms = new Map<string, string | true>()
  for (const part of text.trim().split(/\s+and\s+/i)) {
    const [, field, value, call, argument] = TERM.exec(part) ?? []
    const name = (field ?? call ?? '').toLowerCase()
    if (!known.some((each) => each.toLowerCase() === name)) return refused(unknownFilter(text, known))
    terms.set(name, (value ?? argument)?.replaceAll("''", "'") ?? true)
  }
  return ok(terms)
}

function unknownFilter(text: string, known: readonly string[]): ReturnType<typeof refusal> {
  const message = `the filter ${quoted(text)} is not supported here; filter by ${known.join(', ')}, joined with 'and'`
  return refusal('UnsupportedFilter', message, '$filter')
}

export function textOf(terms: Terms, name: string): string | undefined {
  const value = terms.get(name.toLowerCase())
  return typeof value === 'string' ? value : undefined
}
