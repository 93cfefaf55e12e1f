/** Sentences and reasons as the server is told them: with their codes, and what they speak of. Pure. */
import type { HostState } from '../../contract/agent.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Clause, Sentence } from '../../domain/sentence.ts'

export type SaidOnWire = NonNullable<HostState['leftSteps']>[number]

export function saidOnWire({ also, ...said }: Sentence): SaidOnWire {
  return { ...clauseOnWire(said), ...(also !== undefined && { also: also.map(clauseOnWire) }) }
}

function clauseOnWire({ text, code, facts }: Clause): Omit<SaidOnWire, 'also'> {
  return { text, ...(code !== undefined && { code }), ...(facts !== undefined && { facts: { ...facts } }) }
}

interface ReasonOnWire {
  readonly code: string
  readonly message: string
  readonly facts?: Record<string, string | number>
}

export function reasonOnWire({ code, message, facts }: Refusal): ReasonOnWire {
  return { code, message, ...(facts !== undefined && { facts: { ...facts } }) }
}
