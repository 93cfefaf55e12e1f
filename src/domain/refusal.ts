/**
 * A reason why not, as a value. Everything that judges returns all its refusals, never the first alone:
 * a person mends a request once, not once per mistake.
 */
export interface Refusal {
  /** Stable and machine-readable; the wire's `error.code` or `error.details[].code`. */
  readonly code: string
  /** A sentence: what was expected, what came, what to do. */
  readonly message: string
  /** Where in the input, as a path: `virtualMachines[0].ports[1].number`. */
  readonly target?: string
  /** What the sentence speaks of, for whoever words it in another language by its code. */
  readonly facts?: Facts
}

/** Durations and instants in ISO 8601, names and numbers as they are. */
export type Facts = Readonly<Record<string, string | number>>

export function refusal(code: string, message: string, target?: string): Refusal {
  return target === undefined ? { code, message } : { code, message, target }
}

export function withFacts(reason: Refusal, facts: Facts): Refusal {
  return { ...reason, facts }
}

/** The same reasons, at a place that only the caller knows. */
export function placedAt(target: string, refusals: readonly Refusal[]): Refusal[] {
  return refusals.map((reason) => ({ ...reason, target }))
}

const LONGEST_QUOTE = 200
const HALF_A_PAIR = /[\ud800-\udbff]$/

/** What came, for a sentence. Cut short: a hostile text is not sent back as often as there are refusals. */
export function quoted(text: string): string {
  const whole = text.length <= LONGEST_QUOTE
  return whole ? `'${text}'` : `'${text.slice(0, LONGEST_QUOTE).replace(HALF_A_PAIR, '')}…' (${text.length} characters)`
}

const LONGEST_FACT = 60

/** What came, for a fact: enough to know it by. */
export function briefly(text: string): string {
  return text.length <= LONGEST_FACT ? text : `${text.slice(0, LONGEST_FACT).replace(HALF_A_PAIR, '')}…`
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusals: readonly Refusal[] }

export function ok<T>(value: T): Result<T> {
  return { ok: true, value }
}

export function refused(...refusals: readonly Refusal[]): {
  readonly ok: false
  readonly refusals: readonly Refusal[]
} {
  return { ok: false, refusals }
}
