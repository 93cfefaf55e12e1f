/**
 * Subscriptions and resource groups: those of the installation itself and of its machines. To each caller those it may
 * read; a subscription also when it has any right within it, because a client that sees none cannot even sign in.
 */
import type { App } from '../app.ts'
import { rightsOf } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { Machine } from '../ports/inventory.ts'
import { groupScope, READ_GROUP, READ_SUBSCRIPTION, READ_VM, subscriptionScope } from '../../domain/clouds/arm-place.ts'
import {
  INITIATE,
  READ_ACTIVITY,
  READ_ASSIGNMENTS,
  READ_POLICY,
  type ActionChoice,
} from '../../domain/roles/required-actions.ts'
import { partsOf } from '../../domain/resource-id.ts'

type Deps = Pick<App, 'inventory' | 'installation' | 'access'>

export interface Subscription {
  readonly id: string
  /** Of the connection that reaches it, with the beginning of its id where that reaches more. */
  readonly name?: string
}

const ANYTHING: ActionChoice = [
  ...READ_SUBSCRIPTION,
  ...READ_POLICY,
  ...INITIATE,
  ...READ_VM,
  'Microsoft.HybridCompute/machines/read',
  ...READ_ACTIVITY,
  ...READ_ASSIGNMENTS,
  ...READ_GROUP,
]

export async function listSubscriptions(
  app: Deps & Pick<App, 'clouds'>,
  caller: Caller,
): Promise<readonly Subscription[]> {
  const rights = await rightsOf(app, caller)
  const seen = subscriptionsOf(app).filter((id) => rights.mayWithin(ANYTHING, subscriptionScope(id)))
  const names = namesOf(app)
  return seen.map((id) => {
    const name = names.get(id.toLowerCase())
    return name === undefined ? { id } : { id, name }
  })
}

/** By ids in lower case. */
function namesOf({ clouds }: Pick<App, 'clouds'>): ReadonlyMap<string, string> {
  return new Map(
    clouds.connections().flatMap(({ name, settings }) => {
      if (settings.kind !== 'azure') return []
      const { subscriptions } = settings
      const isAlone = subscriptions.length === 1
      return subscriptions.map((id) => [id, isAlone ? name : `${name} (${id.slice(0, 8)})`] as const)
    }),
  )
}

function subscriptionsOf({ inventory, installation }: Deps): string[] {
  const own = installation.subscriptionId
  const ids = new Map([[own.toLowerCase(), own]])
  for (const { subscriptionId } of placesOf(inventory.list()))
    if (!ids.has(subscriptionId.toLowerCase())) ids.set(subscriptionId.toLowerCase(), subscriptionId)
  return [...ids.values()]
}

/** Where security data and machines of a subscription are; the installation's own location first. */
export function locationsOf({ inventory, installation }: Deps, subscriptionId: string): string[] {
  const wanted = subscriptionId.toLowerCase()
  const places = placesOf(inventory.list()).filter((place) => place.subscriptionId.toLowerCase() === wanted)
  return [...new Set([installation.location, ...places.flatMap(({ locations }) => [...locations])])]
}

export interface ResourceGroup {
  /** Its resource id, as first written. */
  readonly id: string
  readonly name: string
  readonly location: string
}

export async function listResourceGroups(app: Deps, subscriptionId: string, caller: Caller): Promise<ResourceGroup[]> {
  const rights = await rightsOf(app, caller)
  return groupsOf(app, subscriptionId).filter(({ id }) => rights.may(READ_GROUP, id))
}

function groupsOf({ inventory, installation }: Deps, subscriptionId: string): ResourceGroup[] {
  const wanted = subscriptionId.toLowerCase()
  const groups = new Map<string, ResourceGroup>()
  const add = (id: string, location: string): void => {
    const name = id.split('/').at(-1) ?? ''
    if (!groups.has(id.toLowerCase())) groups.set(id.toLowerCase(), { id, name, location })
  }
  if (installation.subscriptionId.toLowerCase() === wanted)
    add(
      `${subscriptionScope(installation.subscriptionId)}/resourceGroups/${installation.resourceGroup}`,
      installation.location,
    )
  for (const { group, subscriptionId: id, location } of placesOf(inventory.list()))
    if (id.toLowerCase() === wanted) add(group, location)
  return [...groups.values()]
}

/** A resource group by the machines in it. */
interface Place {
  /** Its resource id, and its subscription's, as first written. */
  readonly group: string
  readonly subscriptionId: string
  /** Of its first machine. */
  readonly location: string
  /** In lower case. */
  readonly locations: ReadonlySet<string>
}

/** The machines of a list never change: the same ones are at the same places. */
const known = new WeakMap<readonly Machine[], readonly Place[]>()

function placesOf(machines: readonly Machine[]): readonly Place[] {
  const places = known.get(machines) ?? placesAmong(machines)
  known.set(machines, places)
  return places
}

/** Those of a group stand together, by their keys: its name is read of the first. */
function placesAmong(machines: readonly Machine[]): Place[] {
  const places = new Map<string, Place & { readonly locations: Set<string> }>()
  let [start, place] = ['', undefined as ReturnType<typeof places.get>] // none yet
  for (const { id, location } of machines) {
    if (place === undefined || !id.startsWith(start)) {
      const group = groupScope(id)
      start = `${id.slice(0, group.length)}/`
      const key = group.toLowerCase()
      const { subscriptionId } = partsOf(id)
      place = places.get(key) ?? { group, subscriptionId, location, locations: new Set<string>() }
      places.set(key, place)
    }
    place.locations.add(location.toLowerCase())
  }
  return [...places.values()]
}
