/** Names as people type them become what is meant; more than one match is never guessed at. */
import { namesLike, whereText, type Named } from '../../domain/names-like.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { similarTo } from './similar.ts'

interface Candidate extends Named {
  /** For what has no name of its own: what tells it from others. */
  readonly about?: string
}

export interface Lookup<T extends Candidate> {
  /** "machine", "policy", "request": for the messages. */
  readonly what: string
  readonly typed: string
  readonly among: readonly T[]
  /** The command that shows what there is. */
  readonly list: string
}

export function resolveName<T extends Candidate>({ what, typed, among, list }: Lookup<T>): T {
  const found = namesLike(typed, among)
  const [only] = found
  if (only === undefined || typed === '') {
    throw new Failure(EXIT.notFound, `there is no ${what} '${typed}'${meantText(typed, among)}`, { remedy: list })
  }
  if (found.length === 1) return only
  throw new Failure(EXIT.usage, `'${typed}' could be any of ${found.length}; write more of the name, or the id`, {
    details: found.slice(0, 20).map((one) => ({ code: 'Ambiguous', message: candidateText(one, found) })),
  })
}

/** What to type first. */
function candidateText(one: Candidate, found: readonly Candidate[]): string {
  const told = whereText(one, found)
  return [told, one.about ?? (told === one.id ? one.name : one.id)]
    .filter((text, index) => index === 0 || text !== told)
    .join('  ')
}

/** Ids are not guessed at: nobody types one from memory. */
function meantText(typed: string, among: readonly Named[]): string {
  const names = among.map(({ name }) => name).filter((name) => !/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(name))
  const meant = similarTo(typed, names)
  return meant.length === 0 ? '' : `; did you mean ${meant.join(', ')}?`
}
