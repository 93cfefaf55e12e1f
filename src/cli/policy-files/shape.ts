/** A schema’s issues as mistakes in a file, each at the line where it stands: a key that nobody knows, one that is missing. */
import { z } from 'zod'
import { similarTo } from '../names/similar.ts'
import type { Locate, Mistake, Path } from './place.ts'

type Issue = z.core.$ZodIssue

/** With what each issue was found in, by which something wrong is told from something missing. */
export function inShape<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  return schema.safeParse(value, { reportInput: true })
}

/** `error` comes of `inShape`. With `schema` a key that nobody knows is told with the one that may have been meant. */
export function mistakesOfShape(error: z.ZodError, locate: Locate, schema?: z.ZodType): Mistake[] {
  const isKeyUnknown = error.issues.some(({ code }) => code === 'unrecognized_keys')
  const shape = isKeyUnknown && schema !== undefined ? z.toJSONSchema(schema, { io: 'input' }) : undefined
  return error.issues.flatMap((issue) => mistakesOfIssue(issue, { locate, shape: shape as Shape | undefined })) // by the form of JSON schemas
}

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
}

/** What a mapping at this place may have. */
function namesAt(path: Path, shape: Shape | undefined): string[] {
  const [step, ...rest] = path
  if (step === undefined) return Object.keys(shape?.properties ?? {})
  return namesAt(rest, typeof step === 'number' ? shape?.items : shape?.properties?.[step])
}

interface Telling {
  readonly locate: Locate
  readonly shape: Shape | undefined
}

function mistakesOfIssue(issue: Issue, { locate, shape }: Telling): Mistake[] {
  const path = pathOfIssue(issue)
  if (isMissing(issue)) return [{ message: `'${String(path.at(-1))}' is missing`, place: locate(path) }]
  if (issue.code !== 'unrecognized_keys') return [{ message: `${nameOf(path)}${issue.message}`, place: locate(path) }]
  return issue.keys.map((key) => ({
    message: `'${key}' is not known here${meantText(similarTo(key, namesAt(path, shape)))}`,
    place: locate([...path, key]),
  }))
}

function meantText(names: readonly string[]): string {
  return names.length === 0 ? '' : `; did you mean ${names.join(' or ')}?`
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
