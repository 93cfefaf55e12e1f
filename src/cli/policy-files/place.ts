/** Where something is written: what an editor jumps to. And mistakes with their places, all told at once. */
import type { Refusal } from '../../domain/refusal.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

export interface Place {
  readonly file: string
  /** From 1; both are left out for what stands in no file. */
  readonly line?: number
  readonly column?: number
}

/** Members and list positions from the top of a document. */
export type Path = readonly (string | number)[]

/** Finds the place of a path, or of as much of it as is written. */
export type Locate = (path: Path) => Place

export interface Mistake {
  readonly message: string
  readonly place: Place
}

export function placeText({ file, line, column }: Place): string {
  return line === undefined || column === undefined ? file : `${file}:${line}:${column}`
}

/** As they stand in each file; the files in the order in which they were read. */
export function inOrder(mistakes: readonly Mistake[]): Mistake[] {
  const files = [...new Set(mistakes.map(({ place }) => place.file))]
  const order = ({ file, line = 0, column = 0 }: Place): number[] => [files.indexOf(file), line, column]
  return mistakes.toSorted((a, b) => {
    const [one, other] = [order(a.place), order(b.place)]
    const differs = one.findIndex((value, index) => value !== other[index])
    return (one[differs] ?? 0) - (other[differs] ?? 0)
  })
}

export function mistaken(
  summary: string,
  mistakes: readonly Mistake[],
  { exit = EXIT.usage, remedy }: { readonly exit?: ExitCode; readonly remedy?: string | undefined } = {},
): Failure {
  const details = mistakes.map(({ message, place }) => ({
    code: 'InvalidPolicyFile',
    message: `${placeText(place)}: ${message}`,
  }))
  return new Failure(exit, summary, { details, remedy })
}

/** The domain's and the server's places, `properties.virtualMachines[0].ports[1].number`, as a path. */
function pathOf(target: string | undefined): Path {
  const parts = (target ?? '').match(/[^.[\]]+/g) ?? []
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

export function mistakesOf(refusals: readonly Refusal[], locate: Locate): Mistake[] {
  return refusals.map(({ message, target }) => ({ message, place: locate(pathOf(target)) }))
}
