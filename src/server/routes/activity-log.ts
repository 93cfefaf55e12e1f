/** The activity log at Azure Monitor's path, made of the audit trail. */
import { listActivityLog } from '../../app/audit/list-activity-log.ts'
import { createReadWitness, type ReadWitness } from '../../app/audit/witness-reading.ts'
import type { ActivityEvent, ActivityEventList } from '../../contract/activity-log.ts'
import type { StoredAuditEvent } from '../../domain/audit/audit.ts'
import { refusal } from '../../domain/refusal.ts'
import { parseActivityFilter, type ActivityFilter } from '../input/activity-filter.ts'
import { activityEventFrom, correlationOf, providerOf, resourceGroupOf, TOLD_ACTIONS } from '../wire/activity-wire.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'
import { nextLink } from '../input/page.ts'

const EVENTS_A_PAGE = 200

type Deps = Pick<ServerDeps, 'app' | 'tenant'>
type ListCall = Call<'ActivityLogs_List'>

export function activityLogRoutes(deps: Deps): Pick<Handlers, 'ActivityLogs_List'> {
  const witness = createReadWitness(deps.app)
  return {
    ActivityLogs_List: async (call) => {
      const filter = parseActivityFilter(call.query.$filter)
      return filter.ok ? listAnswer({ ...deps, witness }, call, filter.value) : refusedAnswer(filter.refusals)
    },
  }
}

async function listAnswer(
  { app, tenant, witness }: Deps & { readonly witness: ReadWitness },
  call: ListCall,
  filter: ActivityFilter,
): Promise<Answer> {
  const { params, query, base, url, caller } = call
  const token = query.$skipToken
  if (token !== undefined && !/^\d{1,15}$/.test(token)) return badToken()
  const { items, next } = await listActivityLog(app, {
    subscriptionId: params.subscriptionId,
    actions: TOLD_ACTIONS,
    ...(filter.since !== undefined && { since: filter.since }),
    ...(filter.until !== undefined && { until: filter.until }),
    matches: (event) => isWanted(event, filter),
    page: { limit: EVENTS_A_PAGE, ...(token !== undefined && { after: Number(token) }) },
    caller,
  })
  const after = token === undefined ? undefined : Number(token)
  await witness.tell(caller, { after, filter: { filter: query.$filter ?? '' } })
  const select = selection(query.$select)
  const list: ActivityEventList = { value: items.map((event) => select(activityEventFrom(event, tenant))) }
  if (next !== undefined) {
    list.nextLink = nextLink(base, url, '$skipToken', String(next))
    witness.handedOut(caller, next)
  }
  return answered(list)
}

function isWanted(event: StoredAuditEvent, filter: ActivityFilter): boolean {
  const { resourceGroup, resource, provider, correlation, caller } = filter
  return (
    (correlation === undefined || sameText(correlationOf(event), correlation)) &&
    (resourceGroup === undefined || sameText(resourceGroupOf(event), resourceGroup)) &&
    (resource === undefined || sameText(event.target, resource)) &&
    (provider === undefined || sameText(providerOf(event), provider)) &&
    (caller === undefined || sameText(event.actor, caller))
  )
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.replace(/\/$/, '').toLowerCase()
}

function selection(names: string | undefined): (event: ActivityEvent) => ActivityEvent {
  if (names === undefined) return (event) => event
  const wanted = new Set(names.split(',').map((name) => name.trim().toLowerCase()))
  return (event) => Object.fromEntries(Object.entries(event).filter(([name]) => wanted.has(name.toLowerCase())))
}

function badToken(): Answer {
  const message = 'the $skipToken is not one of ours; follow nextLink as it was given'
  return errorAnswer(refusal('InvalidSkipToken', message, '$skipToken'))
}
