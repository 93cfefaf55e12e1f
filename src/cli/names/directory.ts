/** What the server knows by name: machines, policies, requests. Reads only. */
import { asMachine, asPage, asPolicy, asRequest, asWhoami, having } from '../calls/answers.ts'
import type { Whoami } from '../../contract/installation.ts'
import type { JitPolicy } from '../../contract/jit-policy.ts'
import type { WireMachine, WireMachineList } from '../../contract/machine.ts'
import type { WireRequest } from '../../contract/request.ts'
import { subscriptionOf } from '../../contract/policy-place.ts'
import { ARM_VERSION, type Client } from '../calls/client.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { ownPolicies } from '../policy/managed-policies.ts'
import { resolveName } from './resolve-name.ts'

/** More than any list a person reads; a longer one is searched by its newest part. */
const MANY = 100_000
const SEARCHED_REQUESTS = 2_000

/** Asked once for a command: nobody becomes another while it runs. */
export function whoAmI(client: Client): Promise<Whoami> {
  const asked = ASKED.get(client) ?? client.call({ path: '/api/v1/whoami' }).then(({ body }) => asWhoami(body))
  ASKED.set(client, asked)
  return asked
}

const ASKED = new WeakMap<Client, Promise<Whoami>>()

/** Names that are asked for one by one; more of them are found in the whole list. */
export const ONE_BY_ONE = 20

/**
 * As many machines as it takes to know what these names mean, whether few or 100,000 are there: what each of them may
 * mean, and where one means nothing, some that may have been meant.
 */
export async function machinesFor(client: Client, typed: readonly string[]): Promise<WireMachine[]> {
  const names = [...new Set(typed)].filter((name) => name !== '')
  if (names.length > ONE_BY_ONE) return (await firstMachines(client, undefined, MANY)).items
  const found = await Promise.all(names.map((named) => machinesWith(client, { named })))
  const isMissed = names.some((name, index) => found[index]?.length === 0 && !name.startsWith('/'))
  const others = isMissed ? await machinesWith(client, { top: '1000' }) : []
  return [...new Map([...found.flat(), ...others].map((machine) => [machine.id, machine])).values()]
}

/** The first that begin so: for somebody who is still typing. */
export function machinesBeginning(client: Client, typed: string, most: number): Promise<WireMachine[]> {
  return machinesWith(client, { named: typed, top: String(most) })
}

/** The server gives at most so many at once. */
const A_PAGE = 1_000

/** The first in the order of their names, and how many there are. `search` is a part of the name or id. */
export async function firstMachines(
  client: Client,
  search: string | undefined,
  most: number,
): Promise<{ items: WireMachine[]; total: number }> {
  const items = new Map<string, WireMachine>()
  for (let skip = 0; ; skip += A_PAGE) {
    const query = { search, top: String(Math.min(most - skip, A_PAGE)), skip: skip === 0 ? undefined : String(skip) }
    const { body } = await client.call({ path: '/api/v1/machines', query })
    const { total = 0 } = having(body, 'value', 'total') as WireMachineList // by contract
    for (const machine of asPage(body).value.map(asMachine)) items.set(machine.id, machine)
    if (skip + A_PAGE >= Math.min(most, total)) return { items: [...items.values()], total }
  }
}

/** So many ids that they fit into an address. */
const IDS_A_CALL = 40

export async function machinesById(client: Client, ids: readonly string[]): Promise<WireMachine[]> {
  const parts = Array.from({ length: Math.ceil(ids.length / IDS_A_CALL) }, (_, part) =>
    ids.slice(part * IDS_A_CALL, (part + 1) * IDS_A_CALL),
  )
  const found = parts.map((part) => machinesWith(client, { ids: part.join(','), top: String(IDS_A_CALL) }))
  return (await Promise.all(found)).flat()
}

async function machinesWith(client: Client, query: Record<string, string>): Promise<WireMachine[]> {
  return (await client.list({ path: '/api/v1/machines', query }, MANY, asMachine)).items
}

export async function findMachine(client: Client, typed: string): Promise<WireMachine> {
  return pickMachine(typed, await machinesFor(client, [typed]))
}

export function pickMachine(typed: string, among: readonly WireMachine[]): WireMachine {
  return resolveName({ what: 'machine', typed, among, list: 'sallyport machine list' })
}

/** In every subscription that a policy lives in. */
export async function allPolicies(client: Client): Promise<JitPolicy[]> {
  const policies = await ownPolicies(client)
  const subscriptions = new Set(policies.map(({ id }) => subscriptionOf(id).toLowerCase()))
  const lists = [...subscriptions].map(async (id) => {
    const path = `/subscriptions/${id}/providers/Microsoft.Security/jitNetworkAccessPolicies`
    return (await client.list({ path, query: { 'api-version': ARM_VERSION } }, MANY, asPolicy)).items
  })
  return (await Promise.all(lists)).flat()
}

export async function findPolicy(client: Client, typed: string): Promise<JitPolicy> {
  const among = await ownPolicies(client)
  const { id } = resolveName({ what: 'policy', typed, among, list: 'sallyport policy list' })
  return asPolicy((await client.call({ path: id, query: { 'api-version': ARM_VERSION } })).body)
}

/** By its whole id, or by the beginning of it among the newest requests. */
export async function findRequest(client: Client, typed: string): Promise<WireRequest> {
  const exact = await requestById(client, typed)
  if (exact !== undefined) return exact
  const { items } = await newestRequests(client, {}, SEARCHED_REQUESTS)
  const among = items.map((request) => ({ id: request.id, name: request.id, about: aboutText(request), request }))
  return resolveName({ what: 'request', typed, among, list: 'sallyport request list' }).request
}

function aboutText({ grants }: WireRequest): string {
  const [first] = grants
  if (first === undefined) return ''
  const more = grants.length === 1 ? '' : ` and ${grants.length - 1} more`
  return `${shortName(first.machine)} port ${first.port}, ${first.state}${more}`
}

async function requestById(client: Client, typed: string): Promise<WireRequest | undefined> {
  if (!/^[\w-]{20,}$/.test(typed)) return undefined
  try {
    return await readRequest(client, typed)
  } catch (error) {
    if (error instanceof Failure && error.exit === EXIT.notFound) return undefined
    throw error
  }
}

export async function readRequest(client: Client, id: string, signal?: AbortSignal): Promise<WireRequest> {
  const path = `/api/v1/requests/${id}`
  return asRequest((await client.call({ path, ...(signal === undefined ? {} : { signal }) })).body)
}

export interface RequestQuery {
  /** Whole ids. */
  readonly machine?: string
  readonly policy?: string
  readonly live?: boolean
}

/** The server gives at most a thousand at once. */
export async function newestRequests(
  client: Client,
  { machine, policy, live }: RequestQuery,
  most: number,
): Promise<{ items: WireRequest[]; more: boolean }> {
  const top = String(Math.min(most, 1_000))
  const query = { machine, policy, top, live: live === true ? 'true' : undefined }
  return client.list({ path: '/api/v1/requests', query }, most, asRequest)
}

/** The last segment of a resource id, which is how people call the thing. */
export function shortName(id: string): string {
  return id.split('/').at(-1) ?? id
}
