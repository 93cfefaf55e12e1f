/** The audit trail. */
import type { App } from '../../app/app.ts'
import { listActivity } from '../../app/list-activity.ts'
import type { AuditFilter } from '../../app/ports.ts'
import type { WireAuditEvent, WireAuditEventList } from '../../contract/audit-event.ts'
import type { AuditAction, StoredAuditEvent } from '../../domain/audit.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { formatInstant, parseInstant } from '../../domain/time.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { refusedAnswer } from '../errors.ts'
import { ENTRIES_A_PAGE, nextLink } from '../page.ts'

export function activityRoutes(app: App): Pick<Handlers, 'Audit_List'> {
  return {
    Audit_List: async (call) => {
      const filter = filterFrom(call.query)
      return filter.ok ? listAnswer(app, call, filter.value) : refusedAnswer(filter.refusals)
    },
  }
}

async function listAnswer(
  app: App,
  { query, base, url, caller }: Call<'Audit_List'>,
  filter: AuditFilter,
): Promise<Answer> {
  const size = query.top ?? ENTRIES_A_PAGE
  const start = query.after === undefined ? {} : { after: query.after }
  const found = await listActivity(app, { filter, page: { ...start, limit: size }, caller })
  if (!found.ok) return refusedAnswer(found.refusals)
  const { items, next } = found.value
  const list: WireAuditEventList = { value: items.map(eventFrom) }
  if (next !== undefined) list.nextLink = nextLink(base, url, 'after', String(next))
  return answered(list)
}

function filterFrom({ since, request, target, action }: Call<'Audit_List'>['query']): Result<AuditFilter> {
  const from = since === undefined ? undefined : parseInstant(since)
  if (from?.ok === false) return refused(...from.refusals.map((reason) => ({ ...reason, target: 'since' })))
  const actions = action?.split(',').map((name) => name.trim()) as AuditAction[] | undefined // an unknown one matches nothing
  return ok({
    ...(from !== undefined && { since: from.value }),
    ...(request !== undefined && { request }),
    ...(target !== undefined && { target }),
    ...(actions !== undefined && { actions }),
  })
}

function eventFrom({
  seq,
  at,
  action,
  actor,
  address,
  target,
  request,
  grant,
  data,
  hash,
}: StoredAuditEvent): WireAuditEvent {
  return {
    seq,
    at: formatInstant(at),
    action,
    actor,
    address,
    target,
    ...(request !== undefined && { request }),
    ...(grant !== undefined && { grant }),
    data: JSON.parse(data) as Record<string, unknown>, // what is appended is always an object
    hash,
  }
}
