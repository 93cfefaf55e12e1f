/** What a caller wants to see of the audit trail, from the query to the store's filter. */
import type { App } from '../../app/app.ts'
import type { AuditFilter } from '../../app/ports/trail.ts'
import type { AuditQuery } from '../../contract/audit-event.ts'
import { actionsEnding } from '../../domain/audit/audit-catalogue.ts'
import type { AuditAction } from '../../domain/audit/audit.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { parseResourceId, resourceKey } from '../../domain/resource-id.ts'
import { parseInstant, type Instant } from '../../domain/time.ts'

export function auditFilterFrom(app: Pick<App, 'inventory'>, query: AuditQuery): Result<AuditFilter> {
  const since = instantIn('since', query.since)
  const until = instantIn('until', query.until)
  const machine = machineIn(app, query.machine)
  const refusals = [since, until, machine].flatMap((part) => (part.ok ? [] : part.refusals))
  if (!since.ok || !until.ok || !machine.ok) return refused(...refusals)
  const { request, target, actor, correlation } = query
  const actions = actionsIn(query)
  return ok({
    ...(actions !== undefined && { actions }),
    ...(request !== undefined && { request }),
    ...(target !== undefined && { target }),
    ...(actor !== undefined && { actor }),
    ...(correlation !== undefined && { correlation }),
    ...(since.value !== undefined && { since: since.value }),
    ...(until.value !== undefined && { until: until.value }),
    ...(machine.value !== undefined && { machine: machine.value }),
  })
}

function instantIn(target: string, text: string | undefined): Result<Instant | undefined> {
  const parsed = text === undefined ? ok(undefined) : parseInstant(text)
  return parsed.ok ? parsed : refused(...parsed.refusals.map((reason) => ({ ...reason, target })))
}

function machineIn({ inventory }: Pick<App, 'inventory'>, text: string | undefined): Result<AuditFilter['machine']> {
  if (text === undefined) return ok(undefined)
  const id = parseResourceId(text)
  if (!id.ok) return refused(...id.refusals.map((reason) => ({ ...reason, target: 'machine' })))
  const key = resourceKey(id.value)
  return ok({ key, points: inventory.find(key)?.points ?? [] })
}

/** An action that does not exist matches nothing. */
function actionsIn({ action, outcome }: AuditQuery): AuditAction[] | undefined {
  const named = action?.split(',').map((name) => name.trim() as AuditAction) // as above
  if (outcome === undefined) return named
  const ending = actionsEnding(outcome)
  return named === undefined ? ending : named.filter((name) => ending.includes(name))
}
