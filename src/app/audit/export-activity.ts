/**
 * The audit trail as a stream, in parts, for as long as the reader takes: to each caller what it may read, up to the
 * event that was the last when the export began. That it began is on record before the first event leaves.
 */
import { actorOf } from './actor-of.ts'
import type { App } from '../app.ts'
import { notAuthorized, rightsOf } from '../identity/authorize.ts'
import { activityScopeOf } from './list-activity.ts'
import type { Caller } from '../ports/caller.ts'
import type { AuditFilter } from '../ports/trail.ts'
import { toldBy } from './told-by.ts'
import type { StoredAuditEvent } from '../../domain/audit/audit.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { READ_ACTIVITY } from '../../domain/roles/required-actions.ts'

export interface ExportAsked {
  readonly filter: AuditFilter
  /** As the caller wrote it, for the record. */
  readonly asked: { readonly format: string; readonly filter: object }
  readonly caller: Caller
}

/** As much as is ever held at once: an event about a large policy has megabytes. */
const ROWS_AT_ONCE = 100

export async function exportActivity(
  app: Pick<App, 'store' | 'access' | 'clock'>,
  { filter, asked, caller }: ExportAsked,
): Promise<Result<AsyncGenerator<StoredAuditEvent[]>>> {
  const rights = await rightsOf(app, caller)
  if (!rights.mayWithin(READ_ACTIVITY, '/')) return refused(notAuthorized(caller, { anyOf: READ_ACTIVITY, scope: '/' }))
  const { seq: last } = await app.store.reads.auditHead()
  const by = { at: app.clock.now(), actor: actorOf(caller), address: caller.address }
  const event = { ...by, action: 'audit.exported', target: 'audit', data: toldBy(caller, asked) } as const
  await app.store.transaction((tx) => tx.append([event]))
  return ok(readable(app, { filter, caller, last }))
}

async function* readable(
  app: Pick<App, 'store' | 'access'>,
  { filter, caller, last }: { readonly filter: AuditFilter; readonly caller: Caller; readonly last: number },
): AsyncGenerator<StoredAuditEvent[]> {
  for (let after = 0; after < last;) {
    const rows = await app.store.reads.audit(filter, { after, limit: ROWS_AT_ONCE })
    const rights = await rightsOf(app, caller) // again: a right may be taken away while a long export runs
    yield rows.filter((event) => event.seq <= last && rights.may(READ_ACTIVITY, activityScopeOf(event)))
    after = rows.length < ROWS_AT_ONCE ? last : (rows.at(-1)?.seq ?? last)
  }
}
