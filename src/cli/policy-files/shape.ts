/** A schema’s issues as mistakes in a file, each at the line where it stands: a key that nobody knows, one that is missing. */
import type { z } from 'zod'
import type { Locate, Mistake, Path } from './place.ts'

type Issue = z.core.$ZodIssue

/** With what each issue was found in, by which something wrong is told from something missing. */
export function inShape<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  return schema.safeParse(value, { reportInput: true })
}

/** `error` comes of `inShape`. */
export function mistakesOfShape(error: z.ZodError, locate: Locate): Mistake[] {
  return error.issues.flatMap((issue) => mistakesOfIssue(issue, locate))
}

function mistakesOfIssue(issue: Issue, locate: Locate): Mistake[] {
  const path = pathOfIssue(issue)
  if (isMissing(issue)) return [{ message: `'${String(path.at(-1))}' is missing`, place: locate(path) }]
  if (issue.code !== 'unrecognized_keys') return [{ message: `${nameOf(path)}${issue.message}`, place: locate(path) }]
  return issue.keys.map((key) => ({ message: `'${key}' is not known here`, place: locate([...path, key]) }))
}

export function pathOfIssue({ path }: Issue): Path {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step))
}

export function isMissing(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.input === undefined
}

function nameOf(path: Path): string {
  const last = path.at(-1)
  return typeof last === 'string' ? `${last}: ` : ''
}
