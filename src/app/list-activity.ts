/** The audit trail, oldest first. */
import type { App } from './app.ts'
import type { AuditFilter, Page } from './ports.ts'
import type { StoredAuditEvent } from '../domain/audit.ts'

export async function listActivity(
  app: Pick<App, 'store'>,
  filter: AuditFilter,
  page: Page<number>,
): Promise<StoredAuditEvent[]> {
  return app.store.reads.audit(filter, page)
}
