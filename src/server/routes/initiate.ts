/** Requesting access as the original does, its dry run, and where its 202 points (behaviour reference §2.4, §2.5, §4). */
import type { App } from '../../app/app.ts'
import { authorize } from '../../app/identity/authorize.ts'
import type { RequestAccessInput } from '../../app/requests/judge-request.ts'
import { showRequest } from '../../app/requests/list-requests.ts'
import type { StoredRequest } from '../../app/ports/rows.ts'
import { previewAccess } from '../../app/requests/preview-access.ts'
import { requestAccess } from '../../app/requests/request-access.ts'
import type { RequestId } from '../../domain/access/grant.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { READ_POLICY } from '../../domain/roles/required-actions.ts'
import { decide, summaryOf } from '../../domain/access/request.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'
import { policyPlace, type PolicyPlace } from '../input/policy-address.ts'
import { jitDecisionFrom, jitRequestFrom } from '../wire/request-wire.ts'

type InitiateRoutes = Pick<Handlers, 'JitNetworkAccessPolicies_Initiate' | 'JitNetworkAccessPolicies_OperationResult'>

export function initiateRoutes(app: App): InitiateRoutes {
  return {
    JitNetworkAccessPolicies_Initiate: async (call) => {
      const place = policyPlace(call.params)
      if (!place.ok) return refusedAnswer(place.refusals)
      const { key: policy, id } = place.value
      const input: RequestAccessInput = { policy, policyId: id, body: call.body, caller: call.caller }
      return call.query.dryRun === true
        ? previewAnswer(app, input)
        : requestAnswer(app, input, { call, place: place.value })
    },
    JitNetworkAccessPolicies_OperationResult: async (call) => {
      const place = policyPlace(call.params)
      return place.ok ? resultAnswer(app, call, place.value) : refusedAnswer(place.refusals)
    },
  }
}

async function previewAnswer(app: App, input: RequestAccessInput): Promise<Answer> {
  const judged = await previewAccess(app, input)
  return judged.ok ? answered(jitDecisionFrom(judged.value)) : refusedInitiate(app, input, judged.refusals)
}

type Where = {
  readonly call: Pick<Call<'JitNetworkAccessPolicies_Initiate'>, 'base' | 'apiVersion'>
  readonly place: PolicyPlace
}

async function requestAnswer(app: App, input: RequestAccessInput, where: Where): Promise<Answer> {
  const granted = await requestAccess(app, input)
  return granted.ok ? acceptedAnswer(granted.value, where) : refusedInitiate(app, input, granted.refusals)
}

/** Azure's command line follows Location until it is not answered 202, and waits half a minute unless told otherwise. */
function acceptedAnswer(request: StoredRequest, { call, place }: Where): Answer {
  const location = `${call.base}${encodeURI(place.id)}/operationResults/${request.id}?api-version=${call.apiVersion}`
  return { status: 202, body: jitRequestFrom(request), headers: { location, 'retry-after': '1' } }
}

async function resultAnswer(
  app: App,
  call: Call<'JitNetworkAccessPolicies_OperationResult'>,
  place: PolicyPlace,
): Promise<Answer> {
  const request = await showRequest(app, call.params.requestId as RequestId, call.caller) // any text may be asked for; unknown is answered 404
  const denied = await authorize(app, call.caller, [{ anyOf: READ_POLICY, scope: place.id }])
  if (request === undefined && denied.length > 0) return refusedAnswer(denied)
  const policy = await app.store.reads.policy(place.key)
  if (request === undefined || request.policy !== policy?.uid) {
    return errorAnswer(refusal('RequestNotFound', `policy '${place.id}' has no request '${call.params.requestId}'`))
  }
  const opening = request.grants.some(({ state }) => state === 'awaiting' || state === 'opening')
  return opening ? acceptedAnswer(request, { call, place }) : answered(jitRequestFrom(request))
}

/** The documented sentence speaks; every reason is in the details. */
function refusedInitiate(app: App, input: RequestAccessInput, refusals: readonly Refusal[]): Answer {
  const reasons = malformedFirst(app, input, refusals)
  return errorAnswer(summaryOf(reasons, input.policyId), reasons)
}

/** The original judges the body before it looks for the policy (behaviour reference §2.4, order of checks). */
function malformedFirst(
  app: App,
  { body, caller }: RequestAccessInput,
  refusals: readonly Refusal[],
): readonly Refusal[] {
  if (!refusals.some(({ code }) => code === 'PolicyNotFound')) return refusals
  const { clock, settings } = app
  const circumstances = { now: clock.now(), callerAddress: caller.address, ipv6: settings.ipv6 }
  const judged = decide({ name: '', machines: [] }, body, circumstances)
  const malformed = judged.ok ? [] : judged.refusals.filter(({ code }) => !MISSING_IN_ANY.has(code))
  return malformed.length > 0 ? malformed : refusals
}

/** What an empty policy refuses in a well-formed body. */
const MISSING_IN_ANY: ReadonlySet<string> = new Set(['MachineNotInPolicy', 'PortNotInPolicy'])
