/** Checks a body or query against its schema. Every mistake comes back, each with its place, expectation and what came. */
import type { z } from 'zod'
import { ok, refusal, refused, withFacts, type Refusal, type Result } from '../../domain/refusal.ts'

export function parseInput<S extends z.ZodType>(schema: S, value: unknown): Result<z.output<S>> {
  const parsed = schema.safeParse(value, { reportInput: true })
  return parsed.success ? ok(parsed.data) : refused(...parsed.error.issues.map(refusalFromIssue))
}

/** Query names are compared without case, as Azure Resource Manager does; an unknown one is ignored. */
export function parseQuery<S extends z.ZodObject>(
  schema: S,
  raw: Readonly<Record<string, unknown>>,
): Result<z.output<S>> {
  const wanted = new Map(Object.keys(schema.shape).map((name) => [name.toLowerCase(), name]))
  const named = Object.entries(raw).flatMap(([name, value]) => {
    const known = wanted.get(name.toLowerCase())
    return known === undefined ? [] : [[known, value] as const]
  })
  return parseInput(schema, Object.fromEntries(named))
}

function refusalFromIssue(issue: z.core.$ZodIssue): Refusal {
  const place = placeOf(issue.path)
  const expected = issue.code === 'invalid_type' ? (KIND[issue.expected] ?? issue.expected) : issue.message
  const where = place === undefined ? 'the request' : `'${place}'`
  const got = describe(issue.input)
  const reason = refusal('InvalidRequestContent', `${where} should be ${expected}; got ${got}`, place)
  return place === undefined ? reason : withFacts(reason, { place, got })
}

const KIND: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
}

function placeOf(path: readonly PropertyKey[]): string | undefined {
  if (path.length === 0) return undefined
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
