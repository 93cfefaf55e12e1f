/** Closing early: a whole request, or some of its grants. Closing what is closed already is no mistake. */
import type { App } from '../app.ts'
import { rightsOf, type Rights } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { PointRow, StoredRequest } from '../ports/rows.ts'
import { noSuchRequest, refusalToChange, strangersIn } from './refusal-to-change.ts'
import { lockPointsOf, revokeGrants } from './revoke-grants.ts'
import { isLive, type RequestId } from '../../domain/access/grant.ts'
import type { GrantId } from '../../domain/access/hole.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'

export interface CloseAccessInput {
  readonly request: RequestId
  /** Only these; all of the request's grants when not given. */
  readonly grants?: readonly GrantId[]
  readonly caller: Caller
}

export async function closeAccess(app: App, input: CloseAccessInput): Promise<Result<StoredRequest>> {
  const rights = await rightsOf(app, input.caller)
  const closed = await app.store.transaction((tx) => recordClose(app, tx, { ...input, rights }))
  if (!closed.ok) return closed
  await app.passes.settle(closed.value, app.settings.answerWithin)
  const request = await app.store.reads.request(input.request)
  return request === undefined ? refused(noSuchRequest(input.request)) : ok(request)
}

async function recordClose(
  app: App,
  tx: Parameters<typeof revokeGrants>[0],
  input: CloseAccessInput & { readonly rights: Rights },
): Promise<Result<PointRow[]>> {
  const now = app.clock.now()
  const known = await tx.request(input.request)
  if (known === undefined) return refused(noSuchRequest(input.request))
  const denied = await refusalToChange(tx, known, input)
  const refusals = denied === undefined ? strangersIn(known, input.grants ?? []) : [denied]
  if (refusals.length > 0) return refused(...refusals)
  const live = known.grants.filter((grant) => isLive(grant.state) && (input.grants?.includes(grant.grant) ?? true))
  const rows = await lockPointsOf(app, tx, live, now)
  const chosen = new Set(live.map(({ grant }) => grant))
  const current = (await tx.request(input.request))?.grants.filter(({ grant }) => chosen.has(grant)) ?? []
  await revokeGrants(tx, current, { rows, caller: input.caller, now })
  return ok(rows)
}
