/** Requests in Sallyport's own shape: listed across policies, shown by id, closed early, extended. */
import type { App } from '../../app/app.ts'
import { authorize } from '../../app/identity/authorize.ts'
import { nextTurn } from '../../app/in-turns.ts'
import { closeAccess } from '../../app/requests/close-access.ts'
import { extendAccess, previewExtension } from '../../app/requests/extend-access.ts'
import type { ExtendAccessInput } from '../../app/requests/judge-extension.ts'
import { listRequests, showRequest } from '../../app/requests/list-requests.ts'
import type { RequestFilter, StoredRequest } from '../../app/ports/rows.ts'
import { policyNotFound } from '../../app/policies/show-policies.ts'
import type { WireRequest, WireRequestList } from '../../contract/request.ts'
import type { RequestId } from '../../domain/access/grant.ts'
import type { GrantId } from '../../domain/access/hole.ts'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { READ_POLICY } from '../../domain/roles/required-actions.ts'
import { parseInstant, type Instant } from '../../domain/time.ts'
import { parseResourceId, resourceKey, type ResourceKey } from '../../domain/resource-id.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'
import { ENTRIES_A_PAGE, nextLink } from '../input/page.ts'
import { requestFrom } from '../wire/request-wire.ts'

type RequestRoutes = Pick<Handlers, 'Requests_List' | 'Requests_Get' | 'Requests_Close' | 'Requests_Extend'>

export function requestRoutes(app: App): RequestRoutes {
  return {
    Requests_List: async (call) => {
      const filter = await filterFrom(app, call)
      return filter.ok ? listAnswer(app, call, filter.value) : refusedAnswer(filter.refusals)
    },
    Requests_Get: async ({ params, caller }) => {
      const request = await showRequest(app, params.requestId as RequestId, caller) // any text may be asked for
      if (request !== undefined) return answered(await wireOf(app, request))
      return errorAnswer(refusal('RequestNotFound', `there is no request '${params.requestId}'`))
    },
    Requests_Close: async ({ params, body, caller }) => {
      const request = params.requestId as RequestId // any text may be asked for
      const chosen = body?.grants as GrantId[] | null | undefined // unknown ones are refused by the use case
      const closed = await closeAccess(app, { request, caller, ...(chosen != null && { grants: chosen }) })
      return closed.ok ? answered(await wireOf(app, closed.value)) : refusedAnswer(closed.refusals)
    },
    Requests_Extend: async (call) => {
      const input = extensionFrom(call)
      const extended = await (call.query.dryRun === true ? previewExtension(app, input) : extendAccess(app, input))
      return extended.ok ? answered(await wireOf(app, extended.value)) : refusedAnswer(extended.refusals)
    },
  }
}

function extensionFrom({ params, body, caller }: Call<'Requests_Extend'>): ExtendAccessInput {
  const { grants, until, duration, justification } = body
  return {
    request: params.requestId as RequestId, // any text may be asked for
    ...(grants != null && { grants: grants as GrantId[] }), // unknown ones are refused by the use case
    asked: {
      ...(until != null && { until }),
      ...(duration != null && { duration }),
      ...(justification != null && justification !== '' && { justification }),
    },
    caller,
  }
}

async function listAnswer(app: App, call: Call<'Requests_List'>, filter: RequestFilter): Promise<Answer> {
  const size = call.query.top ?? ENTRIES_A_PAGE
  const start = call.query.after === undefined ? {} : { after: call.query.after as RequestId } // an unknown one begins nowhere
  const { items, next } = await listRequests(app, { filter, page: { ...start, limit: size }, caller: call.caller })
  await nextTurn() // a thousand requests are 800 KB: they are read, put in words and written in turns of their own
  const list: WireRequestList = { value: await wiresOf(app, items) }
  await nextTurn()
  if (next !== undefined) list.nextLink = nextLink(call.base, call.url, 'after', next)
  return answered(list)
}

type ListCall = Pick<Call<'Requests_List'>, 'query' | 'caller'>

async function filterFrom(app: App, { query, caller }: ListCall): Promise<Result<RequestFilter>> {
  const { machine, policy, live, mine, since, until } = query
  const machineKey = keyFrom(machine, 'machine')
  const policyKey = keyFrom(policy, 'policy')
  if (!machineKey.ok) return machineKey
  if (!policyKey.ok) return policyKey
  const from = instantFrom(since, 'since')
  if (!from.ok) return from
  const before = instantFrom(until, 'until')
  if (!before.ok) return before
  const denied = policy === undefined ? [] : await authorize(app, caller, [{ anyOf: READ_POLICY, scope: policy }])
  if (denied.length > 0) return refused(...denied)
  const uid = policyKey.value === undefined ? undefined : (await app.store.reads.policy(policyKey.value))?.uid
  if (policyKey.value !== undefined && uid === undefined) return refused(policyNotFound(policy ?? ''))
  return ok({
    ...(machineKey.value !== undefined && { machine: machineKey.value }),
    ...(uid !== undefined && { policy: uid }),
    ...(live !== undefined && { live }),
    ...(from.value !== undefined && { since: from.value }),
    ...(before.value !== undefined && { until: before.value }),
    // Whoever has no object id has no requests of its own.
    ...(mine === true && { requestorId: caller.principals[0] ?? '' }),
  })
}

function keyFrom(text: string | undefined, target: string): Result<ResourceKey | undefined> {
  if (text === undefined) return ok(undefined)
  const id = parseResourceId(text)
  return id.ok ? ok(resourceKey(id.value)) : refused(...id.refusals.map((reason) => ({ ...reason, target })))
}

function instantFrom(text: string | undefined, target: string): Result<Instant | undefined> {
  if (text === undefined) return ok(undefined)
  const parsed = parseInstant(text)
  return parsed.ok ? parsed : refused(...parsed.refusals.map((reason) => ({ ...reason, target })))
}

async function wireOf(app: App, request: StoredRequest): Promise<WireRequest> {
  const ids = await policyIds(app, [request])
  return requestFrom(request, ids.get(request.policy))
}

async function wiresOf(app: App, requests: readonly StoredRequest[]): Promise<WireRequest[]> {
  const ids = await policyIds(app, requests)
  return requests.map((request) => requestFrom(request, ids.get(request.policy)))
}

/** A request knows its policy's uid; the policies that still name its machines tell their resource ids. */
async function policyIds(app: App, requests: readonly StoredRequest[]): Promise<ReadonlyMap<string, string>> {
  const machines = new Set(requests.flatMap(({ grants }) => grants.map(({ machine }) => resourceKey(machine))))
  return machines.size === 0 ? new Map() : app.store.reads.idsOfPoliciesCovering([...machines])
}
