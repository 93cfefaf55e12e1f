/** Walks the audit chain and names the first event that is not what was written. */
import { FIRST_HASH } from '../domain/audit.ts'
import type { Reads } from '../app/ports.ts'
import { chainedHash } from './audit.ts'

export type AuditVerdict =
  | { readonly intact: true; readonly events: number }
  | { readonly intact: false; readonly seq: number; readonly problem: string }

const PAGE = 1_000

export async function verifyAudit(reads: Pick<Reads, 'audit' | 'auditHead'>): Promise<AuditVerdict> {
  const head = await reads.auditHead()
  let hash = FIRST_HASH
  let last = 0
  for (;;) {
    const events = await reads.audit({}, { after: last, limit: PAGE })
    for (const event of events) {
      if (event.seq !== last + 1) return broken(last + 1, `is missing; the next one there is ${event.seq}`)
      hash = chainedHash(hash, event.seq, event)
      if (event.hash !== hash) return broken(event.seq, 'is not what was written, or the one before it is not')
      last = event.seq
      if (last === head.seq && hash !== head.hash) return broken(last, 'is not the last one that was written')
    }
    if (events.length < PAGE) break
  }
  return last < head.seq ? broken(last + 1, `is missing; ${head.seq} were written`) : { intact: true, events: last }
}

function broken(seq: number, problem: string): AuditVerdict {
  return { intact: false, seq, problem: `audit event ${seq} ${problem}` }
}
