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
  const top = Math.min(typeof options['$top'] === 'number' ? options['$top'] : MOST_ROWS, MOST_ROWS)
  const [id, from, rows] = pageAsked(call, textAt(options, '$skipToken')) ?? [
    state.random.uuid(),
    0,
    runQuery(query, (table) =>
      tableOf(call, table, { query, subscriptions: listAt(asked, 'subscriptions').map(String) }),
    ),
  ]
  const data = rows.slice(from, from + top)
  const next = from + data.length
  const isLast = next >= rows.length
  if (!isLast) keepFound(state.found, id, rows)
  return json(
    200,
    {
      totalRecords: rows.length,
      count: data.length,
      data,
      facets: [],
      resultTruncated: isLast ? 'false' : 'true',
      ...(!isLast && { $skipToken: Buffer.from(`${id} ${next}`).toString('base64') }),
    },
    headers,
  )
}

/** Pages are of one answer, whatever changes meanwhile. */
function pageAsked({ state }: Call, token: string | undefined): [string, number, readonly Row[]] | undefined {
  if (token === undefined) return undefined
  const [id = '', from = ''] = Buffer.from(token, 'base64').toString().split(' ')
  const rows = state.found.get(id)
  if (rows === undefined)
    throw new ArmError(400, { code: 'BadRequest', message: 'The skip token is invalid or too old.' })
  return [id, Number(from), rows]
}

const MOST_KEPT = 16

function keepFound(found: Map<string, readonly Row[]>, id: string, rows: readonly Row[]): void {
  const [oldest] = found.keys()
  if (oldest !== undefined && found.size >= MOST_KEPT && !found.has(id)) found.delete(oldest)
  found.set(id, rows)
}

interface Asked {
  readonly query: string
  readonly subscriptions: readonly string[]
}

function tableOf({ state, caller, now }: Call, table: string, { query, subscriptions }: Asked): Row[] {
  if (table.toLowerCase() !== 'resources')
    throw new ArmError(400, { code: 'BadRequest', message: `Table '${table}' is invalid, unsupported or disallowed.` })
  const within = subscriptions.length === 0 ? state.subscriptions.map(({ id }) => id) : subscriptions
  return typesIn(query, state.resources.types())
    .flatMap((type) => within.flatMap((id) => state.resources.list(type, `/subscriptions/${id}`, { as: 'graph', now })))
    .filter(({ id }) => mayDo(caller, `${typeOfId(id)}/read`, id))
    .map((stored) => rowOf(stored, rendered(stored, state.resources), caller.tenant))
}

/** Only rows that a query names by type are made: most ask for one type among many. */
function typesIn(query: string, types: readonly string[]): string[] {
  const listed = types.filter((type) => !type.includes('/rulecollectiongroups'))
  const [, named = ''] = /\|\s*where type (?:=~|==|in~?) ([^|]+)/i.exec(query) ?? []
  return named === '' || / or /i.test(named)
    ? listed
    : listed.filter((type) => named.toLowerCase().includes(`'${type}'`))
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
