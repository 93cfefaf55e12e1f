/** The audit trail: listed, exported as a stream, and checked. */
import { Readable } from 'node:stream'
import type { App } from '../../app/app.ts'
import { exportActivity } from '../../app/audit/export-activity.ts'
import { listActivity } from '../../app/audit/list-activity.ts'
import { showAuditStatus } from '../../app/audit/show-audit-status.ts'
import { createReadWitness, type ReadWitness } from '../../app/audit/witness-reading.ts'
import { verifyActivity } from '../../app/audit/verify-activity.ts'
import type { WireAuditEventList } from '../../contract/audit-event.ts'
import type { StoredAuditEvent } from '../../domain/audit/audit.ts'
import { auditLineFrom } from '../../domain/audit/audit-line.ts'
import { answered, type Answer } from '../answer.ts'
import { csvHeader, csvLine } from '../wire/audit-csv.ts'
import { auditStatusFrom } from '../wire/audit-status-wire.ts'
import { auditFilterFrom } from '../input/audit-filter.ts'
import type { Call, Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'
import { refusedAnswer } from '../errors.ts'
import { ENTRIES_A_PAGE, nextLink } from '../input/page.ts'

type ActivityRoutes = Pick<Handlers, 'Audit_List' | 'Audit_Export' | 'Audit_Verify' | 'Audit_Status'>

export function activityRoutes({
  app,
  verifyTrail,
  auditSinks = [],
}: Pick<ServerDeps, 'app' | 'verifyTrail' | 'auditSinks'>): ActivityRoutes {
  const witness = createReadWitness(app)
  return {
    Audit_List: (call) => listAnswer(app, witness, call),
    Audit_Export: (call) => exportAnswer(app, call),
    Audit_Verify: async ({ caller }) => {
      const verdict = await verifyActivity(app, caller, verifyTrail)
      return verdict.ok ? answered(verdict.value) : refusedAnswer(verdict.refusals)
    },
    Audit_Status: async ({ caller }) => {
      const status = await showAuditStatus(app, caller, auditSinks)
      return status.ok ? answered(auditStatusFrom(status.value)) : refusedAnswer(status.refusals)
    },
  }
}

async function listAnswer(app: App, witness: ReadWitness, call: Call<'Audit_List'>): Promise<Answer> {
  const { query, base, url, caller } = call
  const { top = ENTRIES_A_PAGE, after, newestFirst, ...asked } = query
  const filter = auditFilterFrom(app, asked)
  if (!filter.ok) return refusedAnswer(filter.refusals)
  const start = after === undefined ? {} : { after }
  const found = await listActivity(app, {
    filter: { ...filter.value, ...(newestFirst === true && { newestFirst }) },
    page: { ...start, limit: top },
    caller,
  })
  if (!found.ok) return refusedAnswer(found.refusals)
  const { items, next } = found.value
  await witness.tell(caller, { after, filter: asked })
  const list: WireAuditEventList = { value: items.map(auditLineFrom) }
  if (next !== undefined) {
    list.nextLink = nextLink(base, url, 'after', String(next))
    witness.handedOut(caller, next)
  }
  return answered(list)
}

const FORMATS = {
  csv: { type: 'text/csv; charset=utf-8; header=present', before: csvHeader, line: csvLine },
  jsonl: { type: 'application/x-ndjson', before: '', line: (line: object) => `${JSON.stringify(line)}\n` },
} as const

async function exportAnswer(app: App, { query, caller }: Call<'Audit_Export'>): Promise<Answer> {
  const { format, ...asked } = query
  const filter = auditFilterFrom(app, asked)
  if (!filter.ok) return refusedAnswer(filter.refusals)
  const found = await exportActivity(app, { filter: filter.value, asked: { format, filter: asked }, caller })
  if (!found.ok) return refusedAnswer(found.refusals)
  const { type, before, line } = FORMATS[format]
  const headers = { 'content-type': type, 'content-disposition': `attachment; filename="sallyport-audit.${format}"` }
  return { status: 200, body: Readable.from(textOf(found.value, before, line), { objectMode: false }), headers }
}

async function* textOf(
  parts: AsyncGenerator<StoredAuditEvent[]>,
  before: string,
  line: (line: ReturnType<typeof auditLineFrom>) => string,
): AsyncGenerator<string> {
  if (before !== '') yield before
  for await (const events of parts) {
    const text = events.map((event) => line(auditLineFrom(event))).join('')
    if (text !== '') yield text // an empty part would end the stream
  }
}
