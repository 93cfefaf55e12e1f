/** GET: one resource, a child of one, or a page of many. Lists lag; one resource never does. */
import { idOf, isCollection, typeOf, type Address } from './address.ts'
import { checkMay } from './directory.ts'
import { CHILDREN, instanceView, rendered, renderedChild } from './render.ts'
import type { Call, State } from './state.ts'
import type { Stored } from './stored-resources.ts'
import { ArmError, json, listAt, objectAt, type DoubleResponse, type Json } from './wire.ts'

export function readResource(call: Call, address: Address): DoubleResponse {
  if (isCollection(address)) return listResources(call, address)
  const { state, caller, headers, url } = call
  checkMay(caller, `${[address.namespace, ...address.types].join('/')}/read`, idOf(address))
  const child = childOf(address)
  if (child !== undefined) return readChild(call, child)
  const stored = mustFind(state, address)
  const body = rendered(stored, state.resources)
  const isExpanded = url.searchParams.get('$expand')?.toLowerCase() === 'instanceview'
  const shown = isExpanded ? withInstanceView(body, stored) : body
  return json(200, shown, { ...headers, ...(typeof body['etag'] === 'string' && { etag: body['etag'] }) })
}

export interface ChildAddress {
  readonly parent: Address
  /** The member of the parent that lists it: `securityRules`. */
  readonly list: string
  /** Undefined for all of them. */
  readonly name: string | undefined
}

/** A child that lives inside its parent's body; undefined for what is a resource of its own. */
export function childOf(address: Address): ChildAddress | undefined {
  const [top, sub, ...more] = address.types
  if (top === undefined || sub === undefined || more.length > 0) return undefined
  const parent = { ...address, types: [top], names: address.names.slice(0, 1) }
  const list = CHILDREN[typeOf(parent)]?.[sub.toLowerCase()]
  return list === undefined ? undefined : { parent, list, name: address.names[1] }
}

export function mustFind(state: State, address: Address): Stored {
  const stored = state.resources.get(idOf(address))
  if (stored === undefined) throw notFound(address)
  return stored
}

export function checkGroupExists(state: State, { subscription, group = '' }: Address): void {
  if (state.groups.has(`${subscription}/${group.toLowerCase()}`)) return
  throw new ArmError(404, { code: 'ResourceGroupNotFound', message: `Resource group '${group}' could not be found.` })
}

function notFound(address: Address): ArmError {
  const { namespace, types, names, group = '' } = address
  const what = `${[namespace, ...types].join('/')}/${names.at(-1) ?? ''}`
  const message = `The Resource '${what}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`
  return new ArmError(404, { code: 'ResourceNotFound', message })
}

function readChild(call: Call, { parent, list, name }: ChildAddress): DoubleResponse {
  const { state, headers } = call
  const body = rendered(mustFind(state, parent), state.resources)
  if (name === undefined) return page(call, listAt(body['properties'], list))
  const child = renderedChild(body, { list, name })
  if (child === undefined)
    throw new ArmError(404, { code: 'NotFound', message: `Resource ${idOf(parent)}/${list}/${name} not found.` })
  return json(200, child, { ...headers, etag: String(child['etag']) })
}

function withInstanceView(body: Json, stored: Stored): Json {
  return { ...body, properties: { ...objectAt(body, 'properties'), instanceView: instanceView(stored) } }
}

function listResources(call: Call, address: Address): DoubleResponse {
  const { state, caller, now, url } = call
  const { subscription, group } = address
  const inGroup = group === undefined ? '' : `/resourceGroups/${group}`
  const within = address.names.length > 0 ? idOf(address) : `/subscriptions/${subscription}${inGroup}`
  checkMay(caller, `${[address.namespace, ...address.types].join('/')}/read`, within)
  if (group !== undefined) checkGroupExists(state, address)
  const child = childOf(address)
  if (child !== undefined) return readChild(call, child)
  if (address.names.length > 0) mustFind(state, { ...address, types: address.types.slice(0, -1) })
  const found = state.resources.list(typeOf(address), within, { as: 'lists', now })
  const isStatus = url.searchParams.get('statusOnly')?.toLowerCase() === 'true'
  const show = (stored: Stored): Json => {
    const body = rendered(stored, state.resources)
    return isStatus ? withInstanceView(body, stored) : body
  }
  return page(call, found, show)
}

/** The page that `$skipToken` names; the token is ours to read only (ARM paging: follow `nextLink` as given). */
export function page<T>(
  { url, state, headers }: Call,
  all: readonly T[],
  show: (item: T) => unknown = (item) => item,
): DoubleResponse {
  const token = url.searchParams.get('$skipToken') ?? url.searchParams.get('$skiptoken')
  const from = token === null ? 0 : Number(Buffer.from(token, 'base64url').toString())
  if (!Number.isSafeInteger(from))
    throw new ArmError(400, { code: 'InvalidSkipToken', message: 'The skip token is invalid.' })
  const value = all.slice(from, from + state.pageSize).map(show)
  const next = from + value.length
  if (next >= all.length) return json(200, { value }, headers)
  const link = new URL(url)
  link.searchParams.delete('$skiptoken')
  link.searchParams.set('$skipToken', Buffer.from(String(next)).toString('base64url'))
  return json(200, { value, nextLink: link.href }, headers)
}

/** For throttling: where a resource is. */
export function regionOf(state: State, address: Address): string {
  const top = { ...address, types: address.types.slice(0, 1), names: address.names.slice(0, 1) }
  return state.resources.get(idOf(top))?.location ?? 'global'
}
