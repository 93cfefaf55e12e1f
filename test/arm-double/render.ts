/** A stored resource as Resource Manager answers it: names, ids and ETags of children, default rules, who uses a group. */
import { keyOf, lastName, typeOfId } from './address.ts'
import { DEFAULT_RULES } from './default-rules.ts'
import type { StoredResources, Stored } from './stored-resources.ts'
import { isJson, listAt, objectAt, textAt, type Json } from './wire.ts'

/** Children that live inside their parent's body, by lower-case type of the parent: the member that lists them. */
export const CHILDREN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'microsoft.network/networksecuritygroups': {
    securityrules: 'securityRules',
    defaultsecurityrules: 'defaultSecurityRules',
  },
  'microsoft.network/virtualnetworks': { subnets: 'subnets' },
  'microsoft.network/networkinterfaces': { ipconfigurations: 'ipConfigurations' },
}

export function rendered(stored: Stored, resources: StoredResources): Json {
  const { id, location, etag, state, rest, properties } = stored
  const type = typeOfId(id)
  const body = {
    name: lastName(id),
    id,
    ...(isNetwork(type) && { etag }),
    type,
    ...(location !== '' && { location }),
    ...rest,
  }
  return { ...body, properties: { provisioningState: state, ...properties, ...members(stored, resources) } }
}

/** With the facts of the running machine, as `$expand=instanceView` and the instance view answer them. */
export function instanceView({ power = 'running' }: Stored): Json {
  return {
    statuses: [
      { code: 'ProvisioningState/succeeded', level: 'Info', displayStatus: 'Provisioning succeeded' },
      { code: `PowerState/${power}`, level: 'Info', displayStatus: `VM ${power}` },
    ],
  }
}

/** A child by its lower-case type and name. */
export function renderedChild(parent: Json, { list, name }: { list: string; name: string }): Json | undefined {
  const children = listAt(parent['properties'], list)
  return children.filter(isJson).find((child) => textAt(child, 'name')?.toLowerCase() === name.toLowerCase())
}

function members(stored: Stored, resources: StoredResources): Json {
  const type = typeOfId(stored.id).toLowerCase()
  const lists = Object.values(CHILDREN[type] ?? {})
  const children = Object.fromEntries(lists.map((list) => [list, childrenOf(stored, list)]))
  if (type === 'microsoft.network/networksecuritygroups') return { ...children, ...usersOf(stored, resources) }
  if (type === 'microsoft.network/virtualnetworks') return { ...children, subnets: childrenOf(stored, 'subnets') }
  return children
}

function childrenOf({ id, etag, state, properties }: Stored, list: string): Json[] {
  const children = list === 'defaultSecurityRules' ? DEFAULT_RULES : listAt(properties, list)
  const type = `${typeOfId(id)}/${list}`
  return children.filter(isJson).map((child) => ({
    ...child,
    id: `${id}/${list}/${textAt(child, 'name') ?? ''}`,
    etag,
    type,
    properties: {
      provisioningState: list === 'defaultSecurityRules' ? 'Succeeded' : state,
      ...objectAt(child, 'properties'),
    },
  }))
}

/** A group without users has neither member. */
function usersOf({ id }: Stored, resources: StoredResources): Json {
  const users = resources.usersOf(id)
  const interfaces = users.filter((user) => keyOf(user).includes('/networkinterfaces/')).map((user) => ({ id: user }))
  const subnets = users.filter((user) => keyOf(user).includes('/subnets/')).map((user) => ({ id: user }))
  return { ...(interfaces.length > 0 && { networkInterfaces: interfaces }), ...(subnets.length > 0 && { subnets }) }
}

function isNetwork(type: string): boolean {
  return type.toLowerCase().startsWith('microsoft.network/')
}
