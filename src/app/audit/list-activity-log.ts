/**
 * The activity log of one subscription, newest first: what happened to policies, access and roles there, to each caller
 * where it may read it. Reads on while what it finds does not match, but not for ever in one answer.
 */
import type { App } from '../app.ts'
import { rightsOf } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { Page } from '../ports/rows.ts'
import type { AuditFilter } from '../ports/trail.ts'
import { readablePage, type ReadablePage } from '../readable-page.ts'
import type { AuditAction, StoredAuditEvent } from '../../domain/audit/audit.ts'
import { READ_ACTIVITY } from '../../domain/roles/required-actions.ts'
import type { Instant } from '../../domain/time.ts'

const MOST_LOOKED_AT = 20_000

export interface ActivityAsked {
  readonly subscriptionId: string
  readonly actions: readonly AuditAction[]
  readonly since?: Instant
  readonly until?: Instant
  /** Of what the time leaves. */
  readonly matches: (event: StoredAuditEvent) => boolean
  readonly page: Page<number>
  readonly caller: Caller
}

export async function listActivityLog(
  app: Pick<App, 'store' | 'access'>,
  { subscriptionId, actions, since, until, matches, page, caller }: ActivityAsked,
): Promise<ReadablePage<StoredAuditEvent, number>> {
  const rights = await rightsOf(app, caller)
  const filter: AuditFilter = {
    actions,
    newestFirst: true,
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  }
  const prefix = `/subscriptions/${subscriptionId.toLowerCase()}`
  const isHere = ({ target }: StoredAuditEvent): boolean => `${target.toLowerCase()}/`.startsWith(`${prefix}/`)
  return readablePage({
    read: (next) => app.store.reads.audit(filter, next),
    keyOf: ({ seq }) => seq,
    may: (event) => isHere(event) && matches(event) && rights.may(READ_ACTIVITY, event.target),
    page,
    most: MOST_LOOKED_AT,
  })
}
