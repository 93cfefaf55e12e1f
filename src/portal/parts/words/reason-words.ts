/** Words a reason or a sentence by its code and its facts, as the messages say. Pure. */
import type { Facts } from '../../../domain/refusal.ts'
import { withMore } from '../../../domain/sentence.ts'
import { parseDuration } from '../../../domain/time.ts'
import type { Formats } from '../../formats.ts'
import type { Wording } from './reasons.messages.ts'

export interface Said {
  readonly code?: string | undefined
  readonly facts?: Facts | undefined
  /** What else is said of it; the message has it already. */
  readonly also?: readonly Omit<Said, 'also' | 'message'>[] | undefined
  /** The server's own sentence, in English. */
  readonly message: string
}

export interface Worded {
  readonly text: string
  /** Whether it tells all that the server's sentence does. */
  readonly isWhole: boolean
  /** What is in it of others' words, as they wrote it. */
  readonly quotes: readonly string[]
}

/** The reader's words, and how the reader writes times. */
export interface Tongue {
  readonly words: Readonly<Record<string, Wording>>
  readonly factWords?: Readonly<Record<string, string>>
  readonly formats: Pick<Formats, 'moment' | 'span'>
}

/** Between a Chinese word that stands for a fact and those around it. */
const GAP = /(?<=\p{Script=Han}) (?=\p{Script=Han})/gu

const FACT = /\{(\w+)(?::(\w+))?\}/g

/** Undefined where these words have none for the code, or lack a fact. */
export function wordedReason({ also = [], ...reason }: Omit<Said, 'message'>, of: Tongue): Worded | undefined {
  const head = wordedClause(reason, of)
  const more = also.map((clause) => wordedClause(clause, of))
  if (head === undefined || more.some((one) => one === undefined)) return undefined
  const clauses = more.filter((one) => one !== undefined)
  return {
    text: withMore(
      head,
      clauses.map(({ text }) => text),
    ),
    isWhole: head.isWhole,
    quotes: [head, ...clauses].flatMap(({ quotes }) => quotes),
  }
}

interface WordedClause extends Worded {
  readonly wording: string
}

function wordedClause({ code = '', facts = {} }: Omit<Said, 'also' | 'message'>, of: Tongue): WordedClause | undefined {
  const { words } = of
  const wording = Object.hasOwn(words, code) ? words[code] : undefined
  const candidates = typeof wording === 'string' ? [wording] : (wording ?? [])
  for (const candidate of candidates) {
    const text = filledIn(candidate, (name, kind) => factText(facts[name], kind, of))
    if (text === undefined) continue
    return { text, wording: candidate, isWhole: candidate.includes('{'), quotes: quotesIn(candidate, facts) }
  }
  return undefined
}

function quotesIn(wording: string, facts: Facts): string[] {
  const quoted = [...wording.matchAll(FACT)].filter(([, , kind]) => kind === 'quote')
  return quoted.map(([, name = '']) => String(facts[name]))
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
  return isWhole ? filled.replaceAll(GAP, '') : undefined
}

function factText(value: string | number | undefined, kind: string | undefined, of: Tongue): string | undefined {
  if (value === undefined) return undefined
  const text = String(value)
  if (kind === 'reason') return wordedReason({ code: text }, of)?.text
  if (kind === 'word') return factWord(text, of.factWords)
  if (kind === 'moment') return of.formats.moment(Date.parse(text))
  if (kind !== 'span') return text
  const parsed = parseDuration(text)
  return parsed.ok ? of.formats.span(parsed.value) : undefined
}

/** A name, unless it is a word of ours. */
function factWord(text: string, words: Readonly<Record<string, string>> = {}): string {
  return Object.hasOwn(words, text) ? (words[text] ?? text) : text
}
