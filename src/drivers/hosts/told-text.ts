/** What a host says in words, no longer than somebody would read: one that is not its own master any more says anything. Pure. */
import type { HostFinding } from '../../app/ports/hosts.ts'
import type { Because } from '../../domain/posture.ts'
import type { Facts, Refusal } from '../../domain/refusal.ts'
import type { Clause, Sentence } from '../../domain/sentence.ts'

const MOST_TEXTS = 100
const LONGEST = 1_000
const MOST_FACTS = 20
const MOST_CLAUSES = 20

export function readable(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).toWellFormed()}…`
}

/**
 * The sentences, with their codes where the agent gave one for each. Never fewer than one of some: that something is left
 * to do must not be lost with how it was said.
 */
export function saidBy(texts: readonly string[], told: readonly SaidOnWire[] = []): Sentence[] {
  const said = texts.map((text, index): SaidOnWire => {
    const one = told[index]
    return one?.text === text ? one : { text }
  })
  if (said.length <= MOST_TEXTS) return said.map(readableSentence)
  const kept = said.slice(0, MOST_TEXTS - 1).map(readableSentence)
  return [...kept, { text: `and ${said.length - kept.length} more` }]
}

interface ClauseOnWire {
  readonly text: string
  readonly code?: string | undefined
  readonly facts?: Facts | undefined
}

interface SaidOnWire extends ClauseOnWire {
  readonly also?: readonly ClauseOnWire[] | undefined
}

function readableSentence({ also, ...said }: SaidOnWire): Sentence {
  const more = also === undefined ? {} : { also: also.slice(0, MOST_CLAUSES).map(readableClause) }
  return { ...readableClause(said), ...more }
}

function readableClause({ text, code, facts }: ClauseOnWire): Clause {
  return {
    text: readable(text),
    ...(code !== undefined && { code: readable(code) }),
    ...(facts !== undefined && { facts: readableFacts(facts) }),
  }
}

export interface ReasonOnWire {
  readonly code: string
  readonly message: string
  readonly facts?: Facts | undefined
}

export function readableReason({ code, message, facts }: ReasonOnWire): Refusal {
  return {
    code: readable(code),
    message: readable(message),
    ...(facts !== undefined && { facts: readableFacts(facts) }),
  }
}

interface FindingOnWire {
  readonly name: string
  readonly status: HostFinding['status']
  readonly text: string
  readonly because?: BecauseOnWire | undefined
  readonly remedy?: string | undefined
  readonly remedyBecause?: BecauseOnWire | undefined
}

interface BecauseOnWire {
  readonly code: string
  readonly facts?: Facts | undefined
}

export function readableFinding({ name, status, text, because, remedy, remedyBecause }: FindingOnWire): HostFinding {
  return {
    name: readable(name),
    status,
    text: readable(text),
    ...(because !== undefined && { because: readableBecause(because) }),
    ...(remedy !== undefined && { remedy: readable(remedy) }),
    ...(remedyBecause !== undefined && { remedyBecause: readableBecause(remedyBecause) }),
  }
}

function readableBecause({ code, facts }: BecauseOnWire): Because {
  return { code: readable(code), ...(facts !== undefined && { facts: readableFacts(facts) }) }
}

function readableFacts(facts: Facts): Facts {
  const few = Object.entries(facts).slice(0, MOST_FACTS)
  return Object.fromEntries(
    few.map(([name, value]) => [readable(name), typeof value === 'string' ? readable(value) : value]),
  )
}
