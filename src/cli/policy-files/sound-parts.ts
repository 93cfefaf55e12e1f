/**
 * What of a document has the shape that was expected, so that one mistake of shape hides no other mistake: what is wrong is
 * taken away with whatever means nothing without it. Only for finding more mistakes, never for writing a policy.
 */
import type { z } from 'zod'
import { inShape, isMissing, pathOfIssue } from './shape.ts'
import type { Path } from './place.ts'

export interface SoundParts<T> {
  readonly data: T
  /** Where something stood before anything was taken away. */
  readonly origin: (path: Path) => Path
}

/** Undefined where nothing is left. */
export function soundParts<T>(schema: z.ZodType<T>, value: unknown): SoundParts<T> | undefined {
  const gone = new Set<string>()
  for (;;) {
    const { data, origin, emptied } = without(value, gone)
    const parsed = inShape(schema, data)
    if (parsed.success && emptied.length === 0) return { data: parsed.data, origin }
    const wrong = parsed.success ? [] : parsed.error.issues.flatMap(wrongIn).map(origin)
    const before = gone.size
    for (const path of [...wrong, ...emptied]) gone.add(key(path))
    if (gone.has(key([])) || gone.size === before) return undefined
  }
}

/** Something that is missing takes along what it is missing in. */
function wrongIn(issue: z.core.$ZodIssue): Path[] {
  const path = pathOfIssue(issue)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => [...path, name])
  return [isMissing(issue) ? path.slice(0, -1) : path]
}

function key(path: Path): string {
  return JSON.stringify(path)
}

interface Left extends SoundParts<unknown> {
  /** What has a list of which nothing is left. */
  readonly emptied: readonly Path[]
}

function without(value: unknown, gone: ReadonlySet<string>): Left {
  const kept = new Map<string, readonly number[]>()
  const emptied: Path[] = []
  const list = (items: readonly unknown[], from: Path, to: Path): unknown[] => {
    const left = [...items.keys()].filter((index) => !gone.has(key([...from, index])))
    if (left.length === 0 && items.length > 0) emptied.push(from.slice(0, -1))
    kept.set(key(to), left)
    return left.map((index, place) => copy(items[index], [...from, index], [...to, place]))
  }
  const copy = (part: unknown, from: Path, to: Path): unknown => {
    if (Array.isArray(part)) return list(part, from, to)
    if (typeof part !== 'object' || part === null) return part
    const left = Object.entries(part).filter(([name]) => !gone.has(key([...from, name])))
    return Object.fromEntries(left.map(([name, member]) => [name, copy(member, [...from, name], [...to, name])]))
  }
  const origin = (path: Path): Path =>
    path.map((step, index) => (typeof step === 'number' ? (kept.get(key(path.slice(0, index)))?.[step] ?? step) : step))
  return { data: copy(value, [], []), origin, emptied }
}
