/**
 * What Sallyport says in English, made from a code and what it speaks of, so that a page can say the same in another
 * language. A catalogue has the sentence of each code: `{name}` is a fact, and what stands behind a colon (`{until:moment}`)
 * says how a page writes it. Pure; whoever makes a sentence gives every fact of it, or the compiler refuses.
 */
import type { Facts } from './refusal.ts'

export interface Clause {
  readonly text: string
  /** Without one, nobody can say it otherwise: kept before there were codes, or told by an agent of another version. */
  readonly code?: string
  readonly facts?: Facts
}

export interface Sentence extends Clause {
  /** What else is to be said of it; the text has it already. */
  readonly also?: readonly Clause[]
}

/** A sentence of a catalogue. */
export interface Told<Code extends string = string> extends Sentence {
  readonly code: Code
  readonly facts: Facts
}

export type Catalogue = Readonly<Record<string, string>>

type FactIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${infer Bare}:${string}` ? Bare : Name) | FactIn<Rest>
  : never

export type FactsOf<Text extends string> = Readonly<Record<FactIn<Text>, string | number>>

export type Teller<C extends Catalogue> = <Code extends keyof C & string>(
  code: Code,
  facts: FactsOf<C[Code]>,
  also?: readonly Clause[],
) => Told<Code>

export function tellerOf<const C extends Catalogue>(sentences: C): Teller<C> {
  const pieces = new Map(Object.entries(sentences).map(([code, sentence]) => [code, piecesOf(sentence)]))
  return (code, facts, also) => {
    const text = written(pieces.get(code) ?? [], facts)
    if (also === undefined || also.length === 0) return { text: withoutColon(text), code, facts }
    const more = also.map((clause) => clause.text)
    return { text: withMore({ text, wording: sentences[code] ?? '' }, more), code, facts, also }
  }
}

interface Piece {
  /** What stands before the fact. */
  readonly text: string
  readonly fact: string | undefined
}

/** Read once: a plan of a hundred thousand holes has as many sentences. */
function piecesOf(sentence: string): Piece[] {
  const parts = sentence.split(/\{(\w+)(?::\w+)?\}/)
  return parts.flatMap((text, index) => (index % 2 === 1 ? [] : [{ text, fact: parts[index + 1] }]))
}

function written(pieces: readonly Piece[], facts: Facts): string {
  let written = ''
  for (const { text, fact } of pieces) written += fact === undefined ? text : `${text}${facts[fact] ?? ''}`
  return written
}

/**
 * A sentence that ends in a colon waits for what follows. Which language it is in is told by its wording: in the sentence
 * itself stand names of others, in any script.
 */
export function withMore(
  { text, wording }: { readonly text: string; readonly wording: string },
  more: readonly string[],
): string {
  if (more.length === 0) return withoutColon(text)
  const [gap, between] = /[\u3000-\u9fff]/.test(wording) ? ['', '；'] : [' ', '; ']
  return `${text}${/[:：]$/.test(text) ? gap : between}${more.join(between)}`
}

function withoutColon(text: string): string {
  return text.endsWith(':') || text.endsWith('：') ? text.slice(0, -1) : text
}

/** Words of ours that stand where a name could: a page has its own for them (`{source:word}`). */
export const FACT_WORDS = [
  '*',
  'everything',
  'anywhere',
  'any IPv4 address',
  'any IPv6 address',
  'a machine that is gone',
  'somebody else',
] as const

export type FactWord = (typeof FACT_WORDS)[number]
