/** Closing early: a whole request, or some of its grants. Closing what is closed already is no mistake. */
import type { App } from './app.ts'
import { notAuthorized, rightsOf, type Rights } from './authorize.ts'
import { isOwn } from './list-requests.ts'
import type { Caller, PointRow, StoredRequest, Tx } from './ports.ts'
import { lockPointsOf, revokeGrants } from './revoke-grants.ts'
import { isLive, type RequestId } from '../domain/grant.ts'
import type { GrantId } from '../domain/hole.ts'
import { CLOSE_OTHERS, READ_POLICY } from '../domain/required-actions.ts'
import { ok, refusal, refused, type Result } from '../domain/refusal.ts'

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
  return request === undefined ? notFound(input.request) : ok(request)
}

async function recordClose(
  app: App,
  tx: Parameters<typeof revokeGrants>[0],
  input: CloseAccessInput & { readonly rights: Rights },
): Promise<Result<PointRow[]>> {
  const now = app.clock.now()
  const known = await tx.request(input.request)
  if (known === undefined) return notFound(input.request)
  const denied = await mayNotClose(tx, known, input)
  if (denied !== undefined) return denied
  const strangers = (input.grants ?? []).filter((grant) => !known.grants.some((candidate) => candidate.grant === grant))
  if (strangers.length > 0) {
    return refused(
      ...strangers.map((grant) =>
        refusal('GrantNotFound', `request ${input.request} has no grant '${grant}'`, 'grants'),
      ),
    )
  }
  const live = known.grants.filter((grant) => isLive(grant.state) && (input.grants?.includes(grant.grant) ?? true))
  const rows = await lockPointsOf(app, tx, live, now)
  const chosen = new Set(live.map(({ grant }) => grant))
  const current = (await tx.request(input.request))?.grants.filter(({ grant }) => chosen.has(grant)) ?? []
  await revokeGrants(tx, current, { rows, caller: input.caller, now })
  return ok(rows)
}

/** Whoever requested may close; others who may write the policy or approve. Who may not even read it is told of no request. */
async function mayNotClose(
  tx: Tx,
  request: StoredRequest,
  { caller, rights }: { readonly caller: Caller; readonly rights: Rights },
): Promise<ReturnType<typeof refused> | undefined> {
  if (caller.isBreakGlass || isOwn(request, caller)) return undefined
  const [policy] = await tx.policiesByUid([request.policy])
  if (policy === undefined) return notFound(request.id)
  if (rights.may(CLOSE_OTHERS, policy.id)) return undefined
  if (!rights.may(READ_POLICY, policy.id)) return notFound(request.id)
  return refused(notAuthorized(caller, { anyOf: CLOSE_OTHERS, scope: policy.id }))
}

function notFound(request: RequestId): ReturnType<typeof refused> {
  return refused(refusal('RequestNotFound', `there is no request '${request}'`))
}
