/** The audit trail, oldest first: to each caller what happened where it may read the activity log. */
import type { App } from '../app.ts'
import { notAuthorized, rightsOf } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { Page } from '../ports/rows.ts'
import type { AuditFilter } from '../ports/trail.ts'
import { readablePage, type ReadablePage } from '../readable-page.ts'
import type { StoredAuditEvent } from '../../domain/audit/audit.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { READ_ACTIVITY } from '../../domain/roles/required-actions.ts'

/** Rows that one answer looks at; a caller who may read little is handed the rest page by page. */
const MOST_LOOKED_AT = 5_000

export async function listActivity(
  app: Pick<App, 'store' | 'access'>,
  { filter, page, caller }: { filter: AuditFilter; page: Page<number>; caller: Caller },
): Promise<Result<ReadablePage<StoredAuditEvent, number>>> {
  const rights = await rightsOf(app, caller)
  if (!rights.mayWithin(READ_ACTIVITY, '/')) return refused(notAuthorized(caller, { anyOf: READ_ACTIVITY, scope: '/' }))
  const readable = await readablePage({
    read: (next) => app.store.reads.audit(filter, next),
    keyOf: ({ seq }) => seq,
    may: (event) => rights.may(READ_ACTIVITY, activityScopeOf(event)),
    page,
    most: MOST_LOOKED_AT,
  })
  return ok(readable)
}

/** A resource, or the machine behind an enforcement point; what belongs to the whole installation is read at `/`. */
export function activityScopeOf({ target }: Pick<StoredAuditEvent, 'target'>): string {
  if (target.startsWith('/')) return target
  const path = target.indexOf(':/subscriptions/')
  return path >= 0 ? target.slice(path + 1) : '/'
}
