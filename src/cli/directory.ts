/** What the server knows by name: machines, policies, requests. Reads only. */
import { asMachine, asPolicy, asRequest, asWhoami } from './answers.ts'
import type { Whoami } from '../contract/installation.ts'
import type { JitPolicy } from '../contract/jit-policy.ts'
import type { WireMachine } from '../contract/machine.ts'
import type { WireRequest } from '../contract/request.ts'
import { parseResourceId, partsOf } from '../domain/resource-id.ts'
import { ARM_VERSION, type Client } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'
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

export async function allMachines(client: Client): Promise<WireMachine[]> {
  return (await client.list({ path: '/api/v1/machines' }, MANY, asMachine)).items
}

export function pickMachine(typed: string, among: readonly WireMachine[]): WireMachine {
  return resolveName({ what: 'machine', typed, among, list: 'sallyport machine list' })
}

/** In the installation's own subscription and in every one that a machine's policy lives in. */
export async function allPolicies(client: Client, machines: readonly WireMachine[]): Promise<JitPolicy[]> {
  const { subscriptionId } = await whoAmI(client)
  const elsewhere = machines.flatMap(({ policies }) => policies.map((id) => subscriptionOf(id)))
  const subscriptions = new Set([subscriptionId, ...elsewhere].map((id) => id.toLowerCase()).filter((id) => id !== ''))
  const lists = [...subscriptions].map(async (id) => {
    const path = `/subscriptions/${id}/providers/Microsoft.Security/jitNetworkAccessPolicies`
    return (await client.list({ path, query: { 'api-version': ARM_VERSION } }, MANY, asPolicy)).items
  })
  return (await Promise.all(lists)).flat()
}

function subscriptionOf(id: string): string {
  const parsed = parseResourceId(id)
  return parsed.ok ? partsOf(parsed.value).subscriptionId : ''
}

export async function findPolicy(client: Client, typed: string): Promise<JitPolicy> {
  const among = await allPolicies(client, await allMachines(client))
  return resolveName({ what: 'policy', typed, among, list: 'sallyport policy list' })
}

/** By its whole id, or by the beginning of it among the newest requests. */
export async function findRequest(client: Client, typed: string): Promise<WireRequest> {
  const exact = await requestById(client, typed)
  if (exact !== undefined) return exact
  const { items } = await newestRequests(client, {}, SEARCHED_REQUESTS)
  const among = items.map((request) => ({ id: request.id, name: request.id, request }))
  return resolveName({ what: 'request', typed, among, list: 'sallyport request list' }).request
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
