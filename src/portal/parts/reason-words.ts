/** Words a reason by its code and its facts, as the messages say. Pure. */
import type { Facts } from '../../domain/refusal.ts'
import { parseDuration } from '../../domain/time.ts'
import type { Formats } from '../formats.ts'
import type { Wording } from './reasons.messages.ts'

export interface Said {
  readonly code: string
  readonly facts?: Facts | undefined
  /** The server's own sentence, in English. */
  readonly message: string
}

export interface Worded {
  readonly text: string
  /** Whether it tells all that the server's sentence does. */
  readonly isWhole: boolean
}

const FACT = /\{(\w+)(?::(\w+))?\}/g

/** The reader's words, and how the reader writes times. */
export interface Tongue {
  readonly words: Readonly<Record<string, Wording>>
  readonly formats: Pick<Formats, 'moment' | 'span'>
}

/** Undefined where these words have none for the code, or lack a fact. */
export function wordedReason({ code, facts = {} }: Omit<Said, 'message'>, of: Tongue): Worded | undefined {
  const { words } = of
  const wording = Object.hasOwn(words, code) ? words[code] : undefined
  const candidates = typeof wording === 'string' ? [wording] : (wording ?? [])
  for (const candidate of candidates) {
    const text = filledIn(candidate, (name, kind) => factText(facts[name], kind, of))
    if (text !== undefined) return { text, isWhole: candidate.includes('{') }
  }
  return undefined
}

function filledIn(
  text: string,
  fact: (name: string, kind: string | undefined) => string | undefined,
): string | undefined {
  let isWhole = true
  const filled = text.replaceAll(FACT, (_, name: string, kind: string | undefined) => {
    const written = fact(name, kind)
    isWhole &&= written !== undefined
    return written ?? ''
  })
  return isWhole ? filled : undefined
}

function factText(value: string | number | undefined, kind: string | undefined, of: Tongue): string | undefined {
  if (value === undefined) return undefined
  const text = String(value)
  if (kind === 'reason') return wordedReason({ code: text }, of)?.text
  if (kind === 'moment') return of.formats.moment(Date.parse(text))
  if (kind !== 'span') return text
  const parsed = parseDuration(text)
  return parsed.ok ? of.formats.span(parsed.value) : undefined
}
