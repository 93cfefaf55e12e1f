/**
 * Moving the end of live access to a later time. Judged and recorded in one transaction (ends, audit rows, points due)
 * before anything outside happens; the hole stays open throughout, for its rule or timer is changed, never made anew.
 */
import { actorOf } from '../audit/actor-of.ts'
import { allOrRefused } from '../all-or-refused.ts'
import type { App } from '../app.ts'
import { rightsOf } from '../identity/authorize.ts'
import { grantEvent } from './grant-event.ts'
import { authorizeExtension, grantsToExtend, judgeExtension, type ExtendAccessInput } from './judge-extension.ts'
import type { PointId } from '../ports/inventory.ts'
import type { PointRow, StoredRequest } from '../ports/rows.ts'
import type { Tx } from '../ports/store.ts'
import { recordRefusal, someOf } from '../audit/refusal-on-record.ts'
import { noSuchRequest, strangersIn } from './refusal-to-change.ts'
import { lockPointsOf } from './revoke-grants.ts'
import { factsOf } from '../audit/told-by.ts'
import type { AuditEvent } from '../../domain/audit/audit.ts'
import type { Extension } from '../../domain/access/extension.ts'
import { ok, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'

export async function extendAccess(app: App, input: ExtendAccessInput): Promise<Result<StoredRequest>> {
  const found = await requestToExtend(app, input)
  if (!found.ok) return found
  const denied = await mayExtend(app, found.value, input)
  const recorded = denied.length > 0 ? refused(...denied) : await recordExtension(app, input)
  if (!recorded.ok) {
    if (!isUnknown(recorded.refusals)) await auditRefusal(app, found.value, { input, refusals: recorded.refusals })
    return recorded
  }
  await app.passes.settle(recorded.value, app.settings.answerWithin)
  return requestToExtend(app, input)
}

/** What extending would be answered now, without a trace of having asked. */
export async function previewExtension(app: App, input: ExtendAccessInput): Promise<Result<StoredRequest>> {
  const found = await requestToExtend(app, input)
  if (!found.ok) return found
  const denied = await mayExtend(app, found.value, input)
  if (denied.length > 0) return refused(...denied)
  const now = app.clock.now()
  const grants = grantsToExtend(found.value, input, now)
  const judged = await judgeExtension(app, app.store.reads, { request: found.value, grants, input, now })
  return judged.ok ? ok(asExtended(found.value, judged.value)) : judged
}

async function requestToExtend(app: Pick<App, 'store'>, input: ExtendAccessInput): Promise<Result<StoredRequest>> {
  const request = await app.store.reads.request(input.request)
  return request === undefined ? refused(noSuchRequest(input.request)) : ok(request)
}

async function mayExtend(app: App, request: StoredRequest, input: ExtendAccessInput): Promise<readonly Refusal[]> {
  const { caller } = input
  const denied = await authorizeExtension(app, request, { caller, rights: await rightsOf(app, caller) })
  return denied.length > 0 ? denied : strangersIn(request, input.grants ?? [])
}

function recordExtension(app: App, input: ExtendAccessInput): Promise<Result<PointRow[]>> {
  return allOrRefused(app, async (tx) => {
    const request = await tx.request(input.request)
    if (request === undefined) return refused(noSuchRequest(input.request))
    const asked = grantsToExtend(request, input, app.clock.now())
    const rows = await lockPointsOf(app, tx, asked, app.clock.now())
    // Read again under the locks, and at the time at which we got them: a pass may have closed it meanwhile.
    const now = app.clock.now()
    const chosen = new Set(asked.map(({ grant }) => grant))
    const grants = (await tx.request(input.request))?.grants.filter(({ grant }) => chosen.has(grant)) ?? []
    const judged = await judgeExtension(app, tx, { request, grants, input, now })
    if (!judged.ok) return judged
    await write(tx, judged.value, { rows, input, now })
    return ok(rows)
  })
}

async function write(
  tx: Tx,
  extensions: readonly Extension[],
  { rows, input, now }: { rows: readonly PointRow[]; input: ExtendAccessInput; now: Instant },
): Promise<void> {
  if (extensions.length === 0) return
  const revisions = new Map<PointId, number>(rows.map((row) => [row.id, row.wanted]))
  await tx.extendGrants(
    extensions.map(({ grant, until, endTimeUtc }) => ({ grant: grant.grant, until, endTimeUtc })),
    revisions,
  )
  await tx.append(extensions.map((extension) => extendedEvent(extension, input, now)))
}

function extendedEvent({ grant, until, endTimeUtc }: Extension, input: ExtendAccessInput, now: Instant): AuditEvent {
  const { caller, asked } = input
  const by = { at: now, action: 'access.extended', actor: actorOf(caller), address: caller.address } as const
  return grantEvent({ ...grant, until, endTimeUtc }, by, {
    before: formatInstant(grant.until),
    after: formatInstant(until),
    ...(asked.justification !== undefined && { justification: asked.justification }),
    ...factsOf(caller),
  })
}

function asExtended(request: StoredRequest, extensions: readonly Extension[]): StoredRequest {
  const ends = new Map(extensions.map(({ grant, until, endTimeUtc }) => [grant.grant, { until, endTimeUtc }]))
  return { ...request, grants: request.grants.map((grant) => ({ ...grant, ...ends.get(grant.grant) })) }
}

/** Nothing was refused of what the caller cannot know; anybody could fill the trail with made-up ids. */
function isUnknown(refusals: readonly Refusal[]): boolean {
  return refusals.some(({ code }) => code === 'RequestNotFound')
}

async function auditRefusal(
  app: App,
  request: StoredRequest,
  { input, refusals }: { readonly input: ExtendAccessInput; readonly refusals: readonly Refusal[] },
): Promise<void> {
  const { caller, asked, grants: named } = input
  const grants = request.grants.filter(({ grant }) => named?.includes(grant) ?? true)
  const [policy] = await app.store.reads.policiesByUid([request.policy])
  const facts = {
    what: 'extend',
    machines: someOf(grants.map(({ machine }) => machine)),
    ports: someOf(grants.map(({ port }) => port)),
    ...(asked.justification !== undefined && { justification: asked.justification.slice(0, 1_000) }),
  }
  const about = { target: policy?.id ?? '', request: request.id, caller, facts }
  await recordRefusal(app, { action: 'access.refused', ...about }, refusals)
}
