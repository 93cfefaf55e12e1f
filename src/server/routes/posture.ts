/** What just-in-time access does or could do for each machine, in our own shape and in Azure's. */
import type { App } from '../../app/app.ts'
import { listPosture, showPosture, type PostureFilter } from '../../app/machines/list-posture.ts'
import type { WireAssessmentList, WirePostureList } from '../../contract/posture.ts'
import { refusal } from '../../domain/refusal.ts'
import { parseResourceId } from '../../domain/resource-id.ts'
import { parseScope } from '../../domain/roles/scope.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'
import { ENTRIES_A_PAGE, keyFromSkipToken, nextLink, POLICIES_A_PAGE, skipTokenFrom } from '../input/page.ts'
import { assessmentFrom, isAssessmentOf, postureFrom } from '../wire/posture-wire.ts'

export function postureRoutes(app: App): Pick<Handlers, 'Posture_List' | 'Assessments_List' | 'Assessments_Get'> {
  return {
    Posture_List: (call) => postureAnswer(app, call),
    Assessments_List: (call) => assessmentsAnswer(app, call),
    Assessments_Get: async ({ params: { scope, assessmentName }, caller }) => {
      const id = parseResourceId(scope)
      const found = id.ok ? await showPosture(app, id.value, caller) : id
      if (!found.ok) return refusedAnswer(found.refusals)
      return isAssessmentOf(found.value.id, assessmentName)
        ? answered(assessmentFrom(found.value))
        : errorAnswer(
            refusal('ResourceNotFound', `there is no assessment '${assessmentName.slice(0, 60)}' of ${scope}`),
          )
    },
  }
}

async function postureAnswer(app: App, { query, caller, base, url }: Call<'Posture_List'>): Promise<Answer> {
  const { top = ENTRIES_A_PAGE, after: token, ...given } = query
  const after = token === undefined ? undefined : keyFromSkipToken(token)
  if (after?.ok === false) return refusedAnswer(after.refusals)
  const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as PostureFilter // the schema's own names
  const page = { limit: top, ...(after !== undefined && { after: after.value }) }
  const { items, counts, next } = await listPosture(app, { filter, page, caller })
  const list: WirePostureList = { value: items.map(postureFrom), counts }
  if (next !== undefined) list.nextLink = nextLink(base, url, 'after', skipTokenFrom(next))
  return answered(list)
}

async function assessmentsAnswer(
  app: App,
  { params, query, caller, base, url }: Call<'Assessments_List'>,
): Promise<Answer> {
  const scope = parseScope(params.scope)
  if (!scope.ok) return refusedAnswer(scope.refusals)
  const after = query.$skiptoken === undefined ? undefined : keyFromSkipToken(query.$skiptoken)
  if (after?.ok === false) return refusedAnswer(after.refusals)
  const filter = scope.value.key.startsWith('/subscriptions/') ? { within: scope.value.key } : {}
  const page = { limit: POLICIES_A_PAGE, ...(after !== undefined && { after: after.value }) }
  const { items, next } = await listPosture(app, { filter, page, caller })
  const list: WireAssessmentList = { value: items.map(assessmentFrom) }
  if (next !== undefined) list.nextLink = nextLink(base, url, '$skiptoken', skipTokenFrom(next))
  return answered(list)
}
