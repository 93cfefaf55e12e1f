/**
 * `POST /providers/Microsoft.ResourceGraph/resources`: a query over what the caller may read, as it was some time ago,
 * a page of at most 1,000 rows at a time (https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data).
 */
import { groupOfId, lastName, mustParse, typeOfId } from './address.ts'
import { mayDo } from './directory.ts'
import { runQuery, type Row } from './kql.ts'
import { rendered } from './render.ts'
import type { Call } from './state.ts'
import type { Stored } from './stored-resources.ts'
import { ArmError, isJson, json, listAt, objectAt, textAt, type DoubleResponse, type Json } from './wire.ts'

const MOST_ROWS = 1_000

export function queryResources(call: Call): DoubleResponse {
  const { state, caller, now } = call
  const headers = { ...call.headers, ...state.throttles.useQuery(caller.objectId, now) }
  const asked = parsed(call.request.body)
  const query = textAt(asked, 'query') ?? ''
  const options = objectAt(asked, 'options')
  const rows = runQuery(query, (table) => tableOf(call, table, listAt(asked, 'subscriptions').map(String)))
  const top = Math.min(typeof options['$top'] === 'number' ? options['$top'] : MOST_ROWS, MOST_ROWS)
  const token = textAt(options, '$skipToken')
  const from = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString())
  const data = rows.slice(from, from + top)
  const next = from + data.length
  const isLast = next >= rows.length
  return json(
    200,
    {
      totalRecords: rows.length,
      count: data.length,
      data,
      facets: [],
      resultTruncated: isLast ? 'false' : 'true',
      ...(!isLast && { $skipToken: Buffer.from(String(next)).toString('base64') }),
    },
    headers,
  )
}

function tableOf({ state, caller, now }: Call, table: string, subscriptions: readonly string[]): Row[] {
  if (table.toLowerCase() !== 'resources')
    throw new ArmError(400, { code: 'BadRequest', message: `Table '${table}' is invalid, unsupported or disallowed.` })
  const within = subscriptions.length === 0 ? state.subscriptions.map(({ id }) => id) : subscriptions
  return state.resources
    .types()
    .filter((type) => !type.includes('/rulecollectiongroups'))
    .flatMap((type) => within.flatMap((id) => state.resources.list(type, `/subscriptions/${id}`, { as: 'graph', now })))
    .filter(({ id }) => mayDo(caller, `${typeOfId(id)}/read`, id))
    .map((stored) => rowOf(stored, rendered(stored, state.resources), caller.tenant))
}

function rowOf(stored: Stored, body: Json, tenantId: string): Row {
  const type = typeOfId(stored.id).toLowerCase()
  const { subscription } = mustParse(stored.id)
  const power = stored.power ?? 'running'
  const state = { code: `PowerState/${power}`, displayStatus: `VM ${power}`, level: 'Info' }
  const isMachine = type === 'microsoft.compute/virtualmachines'
  const extended = isMachine ? { extended: { instanceView: { powerState: state } } } : {}
  return {
    ...body,
    id: stored.id,
    name: lastName(stored.id),
    type,
    tenantId,
    kind: '',
    location: stored.location,
    resourceGroup: groupOfId(stored.id).toLowerCase(),
    subscriptionId: subscription,
    properties: { ...objectAt(body, 'properties'), ...extended },
  }
}

function parsed(text: string | undefined): Json {
  try {
    const body: unknown = JSON.parse(text ?? '')
    if (isJson(body)) return body
  } catch {
    // Refused below.
  }
  throw new ArmError(400, { code: 'BadRequest', message: 'Expected an object of JSON with a query.' })
}
