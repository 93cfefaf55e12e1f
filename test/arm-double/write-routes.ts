/**
 * PUT and DELETE. A write is accepted or refused at once; what was accepted is shown at once as `Updating` and is done
 * when its operation ends. Facts: platform reference, B.3 "Real traffic"; refusals beside them.
 */
import { idOf, keyOf, mustParse, typeOf, type Address } from './address.ts'
import { checkedRule, checkedRules } from './check-security-group.ts'
import { checkedFirewall, checkRuleGroup } from './check-firewall.ts'
import { checkMay, checkMayLink } from './directory.ts'
import { checkGroupExists, childOf, mustFind, type ChildAddress } from './read-routes.ts'
import { rendered, renderedChild } from './render.ts'
import type { Operation } from './operations.ts'
import type { Call } from './state.ts'
import type { Lags, Stored } from './stored-resources.ts'
import {
  ArmError,
  empty,
  isJson,
  json,
  listAt,
  objectAt,
  textAt,
  type DoubleResponse,
  type ErrorDetail,
  type Json,
} from './wire.ts'

/** What a fault makes of an accepted write. */
export interface Outcome {
  readonly failure?: ErrorDetail
}

export function putResource(call: Call, address: Address, outcome: Outcome): DoubleResponse {
  const { state, caller, request } = call
  checkMay(caller, `${[address.namespace, ...address.types].join('/')}/write`, idOf(address))
  checkGroupExists(state, address)
  const body = parsedBody(request.body)
  const child = childOf(address)
  if (child !== undefined) return putChild(call, child, { body, outcome })
  const id = idOf(address)
  if (address.types.length > 1) mustFind(state, parentOf(address))
  const known = state.resources.get(id)
  if (address.types.length === 1) checkLocation(body, known)
  checkMatch(call, known)
  const properties = checkedProperties(call, known?.id ?? id, objectAt(body, 'properties'))
  checkIsFree(call, known?.id ?? id)
  checkNeeds(call, known?.id ?? id, body)
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !OWN_MEMBERS.has(name)))
  const stored = {
    id: known?.id ?? id,
    location: known?.location ?? textAt(body, 'location') ?? '',
    rest,
    properties,
    ...(known?.power !== undefined && { power: known.power }),
  }
  const { written, headers } = write(call, stored, { name: `Put${operationWord(address)}Operation`, outcome })
  return json(known === undefined ? 201 : 200, rendered(written, state.resources), headers)
}

export function deleteResource(call: Call, address: Address, outcome: Outcome): DoubleResponse {
  const { state, caller, headers } = call
  const id = idOf(address)
  checkMay(caller, `${[address.namespace, ...address.types].join('/')}/delete`, id)
  const child = childOf(address)
  if (child !== undefined) return deleteChild(call, child, outcome)
  const known = state.resources.get(id)
  if (known === undefined) return empty(204, headers)
  checkMatch(call, known)
  checkIsFree(call, known.id)
  if (state.resources.usersOf(known.id).length > 0)
    throw new ArmError(400, {
      code: 'InUseNetworkSecurityGroupCannotBeDeleted',
      message: `Network security group ${known.id} cannot be deleted because it is in use by the following resources: ${state.resources.usersOf(known.id).join(', ')}. In order to delete the Network security group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.`,
    })
  count(call, known.id)
  const operation = startOperation(call, known, {
    name: `Delete${operationWord(address)}Operation`,
    outcome,
    isDelete: true,
  })
  if (operation === undefined) {
    state.resources.remove(known.id, call.now, lags(call))
    return empty(200, headers)
  }
  state.resources.put({ ...known, state: 'Deleting' }, call.now, lags(call))
  return empty(202, operationHeaders(call, operation))
}

/** Members that are Azure's to say. */
const OWN_MEMBERS = new Set(['id', 'name', 'type', 'etag', 'location', 'properties'])

function putChild(
  call: Call,
  { parent, list, name = '' }: ChildAddress,
  { body, outcome }: { body: Json; outcome: Outcome },
): DoubleResponse {
  const known = mustFind(call.state, parent)
  const before = renderedChild(rendered(known, call.state.resources), { list, name })
  checkMatch(call, before === undefined ? undefined : known)
  const others = listAt(known.properties, list).filter(
    (one) => textAt(one, 'name')?.toLowerCase() !== name.toLowerCase(),
  )
  const child = { name: textAt(before, 'name') ?? name, properties: objectAt(body, 'properties') }
  const at = listAt(known.properties, list).findIndex(
    (one) => textAt(one, 'name')?.toLowerCase() === name.toLowerCase(),
  )
  const children = others.toSpliced(
    at < 0 ? others.length : at,
    0,
    list === 'securityRules' ? checkedRule(child, known.id) : child,
  )
  const properties = checkedProperties(call, known.id, { ...known.properties, [list]: children })
  checkIsFree(call, known.id)
  const word = list === 'securityRules' ? 'PutSecurityRuleOperation' : 'PutSubnetOperation'
  const { written, headers } = write(call, { ...known, properties }, { name: word, outcome })
  const shown = renderedChild(rendered(written, call.state.resources), { list, name })
  return json(before === undefined ? 201 : 200, shown, headers)
}

function deleteChild(call: Call, { parent, list, name = '' }: ChildAddress, outcome: Outcome): DoubleResponse {
  const known = call.state.resources.get(idOf(parent))
  const before = known && renderedChild(rendered(known, call.state.resources), { list, name })
  if (known === undefined || before === undefined) return empty(204, call.headers)
  checkMatch(call, known)
  checkIsFree(call, known.id)
  const kept = listAt(known.properties, list).filter((one) => textAt(one, 'name')?.toLowerCase() !== name.toLowerCase())
  const { headers, isGoing } = write(
    call,
    { ...known, properties: { ...known.properties, [list]: kept } },
    { name: 'DeleteSecurityRuleOperation', outcome, isDelete: true },
  )
  return empty(isGoing ? 202 : 200, headers)
}

interface Act {
  readonly name: string
  readonly outcome: Outcome
  readonly isDelete?: boolean
}

interface Written {
  readonly written: Stored
  readonly headers: Readonly<Record<string, string>>
  readonly isGoing: boolean
}

function write(call: Call, stored: Omit<Stored, 'etag' | 'state'>, act: Act): Written {
  const { state, now, headers } = call
  count(call, stored.id)
  const operation = startOperation(call, stored, act)
  const written = state.resources.put(
    { ...stored, state: operation === undefined ? 'Succeeded' : 'Updating' },
    now,
    lags(call),
  )
  if (operation === undefined) return { written, headers, isGoing: false }
  return { written, headers: operationHeaders(call, operation), isGoing: true }
}

/** Undefined when the write is done at once. */
function startOperation(
  call: Call,
  { id, location }: Pick<Stored, 'id' | 'location'>,
  act: Act,
): Operation | undefined {
  const { state, now } = call
  const { name, outcome, isDelete = false } = act
  const length = state.pace.operation(typeOf(mustParse(id)), state.random)
  if (length <= 0 && outcome.failure === undefined) return undefined
  const isWhole = isDelete && !name.includes('SecurityRule')
  const operation = {
    id: state.random.uuid(),
    subscription: mustParse(id).subscription,
    location,
    key: lockOf(id),
    name,
    ends: now + length,
    isDelete,
    ...(outcome.failure !== undefined && { failure: outcome.failure }),
    finish: () => finish(call, { id, isWhole, isFailed: outcome.failure !== undefined, at: now + length }),
  }
  state.operations.start(operation)
  return operation
}

/** A policy and its rule collection groups are updated one at a time, as a firewall is (MicrosoftDocs/azure-docs issue 64513). */
function lockOf(id: string): string {
  return keyOf(id).replace(/(\/firewallpolicies\/[^/]+)\/.*$/, '$1')
}

/** A failed write leaves the resource `Failed` with what was asked of it, as Microsoft.Network does. */
function finish(
  call: Call,
  { id, isWhole, isFailed, at }: { id: string; isWhole: boolean; isFailed: boolean; at: number },
): void {
  const { resources } = call.state
  const stored = resources.get(id)
  if (stored === undefined) return
  if (isWhole && !isFailed) resources.remove(id, at, lags(call))
  else resources.put({ ...stored, state: isFailed ? 'Failed' : 'Succeeded' }, at, lags(call))
}

/** `Azure-AsyncOperation` on every write that goes on, `Location` too on a deletion (platform reference, B.3). */
function operationHeaders(
  { headers, url, state }: Call,
  { id, subscription, location, isDelete }: Operation,
): Record<string, string> {
  const base = `${url.origin}/subscriptions/${subscription}/providers/Microsoft.Network/locations/${location}`
  const version = `api-version=${url.searchParams.get('api-version') ?? ''}`
  return {
    ...headers,
    'azure-asyncoperation': `${base}/operations/${id}?${version}`,
    'azure-asyncnotification': 'Enabled',
    ...(isDelete && { location: `${base}/operationResults/${id}?${version}` }),
    ...(state.pace.retryAfter !== undefined && { 'retry-after': String(state.pace.retryAfter) }),
  }
}

function count({ state }: Call, id: string): void {
  state.writes.set(keyOf(id), (state.writes.get(keyOf(id)) ?? 0) + 1)
}

function lags({ state: { pace, random } }: Call): Lags {
  return { lists: pace.listLag(random), graph: pace.graphLag(random) }
}

function parsedBody(text: string | undefined): Json {
  try {
    const body: unknown = JSON.parse(text ?? '')
    if (isJson(body)) return body
  } catch {
    // Refused below.
  }
  throw new ArmError(400, {
    code: 'InvalidRequestContent',
    message: 'The request content was invalid and could not be deserialized: expected an object of JSON.',
  })
}

function checkLocation(body: Json, known: Stored | undefined): void {
  const location = textAt(body, 'location')?.toLowerCase().replaceAll(' ', '')
  if (location === undefined && known === undefined)
    throw new ArmError(400, {
      code: 'LocationRequired',
      message: 'The location property is required for this definition.',
    })
  if (known === undefined || location === undefined || location === known.location) return
  throw new ArmError(409, {
    code: 'InvalidResourceLocation',
    message: `The resource '${known.id}' already exists in location '${known.location}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
  })
}

/** Quoted from kubernetes-sigs/cloud-provider-azure issue 9729. */
function checkMatch({ request }: Call, known: Stored | undefined): void {
  const wanted = request.headers['if-match']
  if (request.headers['if-none-match'] === '*' && known !== undefined)
    throw precondition(`Resource ${known.id} already exists.`) // detail ours
  if (wanted === undefined || wanted === '*' || wanted === known?.etag) return
  throw precondition(
    known === undefined
      ? `Etag provided in if-match header ${wanted} does not match: the resource does not exist.` // detail ours
      : `Etag provided in if-match header ${wanted} does not match etag ${known.etag} of resource ${known.id}.`,
  )
}

function precondition(message: string): ArmError {
  const details = [{ code: 'PreconditionFailedEtagMismatch', message }]
  return new ArmError(412, { code: 'PreconditionFailed', message: 'Precondition failed.', details })
}

/**
 * Somebody's operation on the same resource still goes on: Azure says so in one of two ways. 409 is quoted from
 * Azure/sap-automation issue 1052, 429 from Azure/azure-sdk-for-python issue 556; neither says when to come back.
 */
function checkIsFree({ state, url }: Call, id: string): void {
  const going = state.operations.onResource(lockOf(id))
  if (going === undefined) return
  if (state.random.chance(0.5)) {
    const message = `Operation ${going.name} (${going.id}) is updating resource ${id}. The call can be retried in 5 seconds.` // end of the text ours
    throw retryable([{ code: 'RetryableErrorDueToAnotherOperation', message }])
  }
  throw new ArmError(409, {
    code: 'AnotherOperationInProgress',
    message: `Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: ${url.origin}/subscriptions/${going.subscription}/providers/Microsoft.Network/locations/${going.location}/operations/${going.id}?${url.search.slice(1)}.`,
  })
}

/** hashicorp/terraform issue 7986: a security group that is being changed cannot be put to use meanwhile. */
function checkNeeds(call: Call, id: string, body: Json): void {
  const groups = [body, ...listAt(body['properties'], 'subnets')].flatMap(
    (user) => textAt(objectAt(user, 'properties', 'networkSecurityGroup'), 'id') ?? [],
  )
  for (const group of groups) {
    const going = call.state.operations.onResource(keyOf(group))
    if (going === undefined || call.state.resources.get(group) === undefined) continue
    const message = `Cannot proceed with operation because resource ${group} used by resource ${id} is not in Succeeded state. Resource is in Updating state and the last operation that updated/is updating the resource is ${going.name}.`
    throw retryable([{ code: 'ReferencedResourceNotProvisioned', message }])
  }
  if (typeOf(mustParse(id)) === 'microsoft.network/azurefirewalls') checkFirewallLinks(call, id, body)
}

/** A firewall's write needs the right to use its subnet and its public addresses (built-in role Network Contributor has both). */
function checkFirewallLinks({ caller }: Call, id: string, body: Json): void {
  const action = 'Microsoft.Network/azureFirewalls/write'
  for (const configuration of listAt(body['properties'], 'ipConfigurations')) {
    const subnet = textAt(objectAt(configuration, 'properties', 'subnet'), 'id')
    const address = textAt(objectAt(configuration, 'properties', 'publicIPAddress'), 'id')
    if (subnet !== undefined)
      checkMayLink(caller, {
        action,
        scope: id,
        linkedAction: 'Microsoft.Network/virtualNetworks/subnets/join/action',
        linked: subnet,
      })
    if (address !== undefined)
      checkMayLink(caller, {
        action,
        scope: id,
        linkedAction: 'Microsoft.Network/publicIPAddresses/join/action',
        linked: address,
      })
  }
}

function retryable(details: readonly ErrorDetail[]): ArmError {
  return new ArmError(429, { code: 'RetryableError', message: 'A retryable error occured.', details })
}

function checkedProperties(call: Call, id: string, properties: Json): Json {
  const { provisioningState: _, ...kept } = properties
  const type = typeOf(mustParse(id))
  if (type === 'microsoft.network/networksecuritygroups') {
    const { defaultSecurityRules: _rules, networkInterfaces: _nics, subnets: _subnets, ...group } = kept
    return { ...group, securityRules: checkedRules(listAt(kept, 'securityRules'), id) }
  }
  if (type.endsWith('/rulecollectiongroups')) checkRuleGroup(call.state.resources, id, kept)
  if (type === 'microsoft.network/azurefirewalls') return checkedFirewall(kept, call.state.resources.get(id))
  return kept
}

function operationWord({ types }: Address): string {
  const last = types.at(-1) ?? ''
  return `${last.slice(0, 1).toUpperCase()}${last.slice(1).replace(/s$/, '')}`
}

function parentOf(address: Address): Address {
  return { ...address, types: address.types.slice(0, -1), names: address.names.slice(0, -1) }
}
