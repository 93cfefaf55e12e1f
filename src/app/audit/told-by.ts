/** The facts of an event that a call caused, with what ties it to the other events of that call. */
import type { Caller } from '../ports/caller.ts'
import type { AuditFacts } from '../../domain/audit/audit-facts.ts'

/** The event's `data`; what domain/audit/audit-facts.ts does not list would be left out when it is written. */
export function toldBy(caller: Told, facts: AuditFacts): string {
  return JSON.stringify({ ...facts, ...factsOf(caller) })
}

/** Of every event that the call caused. */
export function factsOf({ principals: [actorId], correlation, session, through, claimedOnBehalfOf }: Told): AuditFacts {
  return {
    ...(actorId !== undefined && { actorId }),
    ...(correlation !== undefined && { correlation }),
    ...(session !== undefined && { session }),
    ...(through !== undefined && { through }),
    ...(claimedOnBehalfOf !== undefined && { claimedOnBehalfOf }),
  }
}

type Told = Pick<Caller, 'correlation' | 'principals' | 'session' | 'through' | 'claimedOnBehalfOf'>
