/** A sentence as it goes over the wire: with its code and what it speaks of. Pure. */
import type { WireSentence } from '../../contract/facts.ts'
import type { Clause, Sentence } from '../../domain/sentence.ts'

export function wireSentence({ also, ...said }: Sentence): WireSentence {
  return { ...wireClause(said), ...(also !== undefined && { also: also.map(wireClause) }) }
}

function wireClause({ text, code, facts }: Clause): Omit<WireSentence, 'also'> {
  return { text, ...(code !== undefined && { code }), ...(facts !== undefined && { facts: { ...facts } }) }
}
