/**
 * The resources of the imagined Azure, each with the versions that somebody may still be shown: a GET of one resource
 * is always right, lists lag behind it, and Resource Graph lags more (that is documented without numbers; the lags are
 * the pace's). It knows nothing of HTTP or of what a body means, but for who uses whom.
 */
import type { Instant, Millis } from '../../src/domain/time.ts'
import type { Random } from '../simulation/random.ts'
import { keyOf, typeOfId } from './address.ts'
import { listAt, objectAt, textAt, type Json } from './wire.ts'

export interface Stored {
  readonly id: string
  readonly location: string
  /** `W/"…"`; another with every write. */
  readonly etag: string
  /** `Succeeded`, `Updating`, `Failed`. */
  readonly state: string
  /** Whatever else stands beside the properties: tags, sku, zones. */
  readonly rest: Json
  readonly properties: Json
  /** Of a machine: `running`, `deallocated`. Not part of its body. */
  readonly power?: string
}

export type View = 'now' | 'lists' | 'graph'

interface Version {
  /** Undefined for one that is deleted. */
  readonly stored: Stored | undefined
  readonly inLists: Instant
  readonly inGraph: Instant
}

export interface Lags {
  readonly lists: Millis
  readonly graph: Millis
}

export class StoredResources {
  readonly #versions = new Map<string, Version[]>()
  /** Keys by type, in the order in which they were made. */
  readonly #byType = new Map<string, Set<string>>()
  /** Who uses a security group: ids of network interfaces and subnets. */
  readonly #users = new Map<string, Set<string>>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  get(id: string): Stored | undefined {
    return this.#versions.get(keyOf(id))?.at(-1)?.stored
  }

  put(stored: Omit<Stored, 'etag'>, now: Instant, lags: Lags = { lists: 0, graph: 0 }): Stored {
    const next = { ...stored, etag: `W/"${this.#random.uuid()}"` }
    this.#unlink(this.get(stored.id))
    this.#write(stored.id, next, { now, lags })
    for (const [group, user] of usesOf(next)) this.#usersOf(group).add(user)
    return next
  }

  remove(id: string, now: Instant, lags: Lags = { lists: 0, graph: 0 }): void {
    this.#unlink(this.get(id))
    this.#write(id, undefined, { now, lags })
  }

  /** Of one lower-case type whose key begins with `within` and a slash. */
  list(type: string, within: string, view: { readonly as: View; readonly now: Instant }): Stored[] {
    const prefix = `${keyOf(within)}/`
    const found: Stored[] = []
    for (const key of this.#byType.get(type) ?? []) {
      const stored = key.startsWith(prefix) ? this.#seen(key, view) : undefined
      if (stored !== undefined) found.push(stored)
    }
    return found
  }

  types(): string[] {
    return [...this.#byType.keys()]
  }

  /** The network interfaces and subnets that use a security group. */
  usersOf(id: string): readonly string[] {
    return [...(this.#users.get(keyOf(id)) ?? [])].sort()
  }

  #seen(key: string, { as, now }: { readonly as: View; readonly now: Instant }): Stored | undefined {
    const versions = this.#versions.get(key) ?? []
    if (as === 'now') return versions.at(-1)?.stored
    return versions.findLast((version) => (as === 'lists' ? version.inLists : version.inGraph) <= now)?.stored
  }

  #write(id: string, stored: Stored | undefined, { now, lags }: { now: Instant; lags: Lags }): void {
    const key = keyOf(id)
    const version = { stored, inLists: now + lags.lists, inGraph: now + lags.graph }
    const versions = [...(this.#versions.get(key) ?? []), version]
    const oldest = versions.findLastIndex(({ inLists, inGraph }) => inLists <= now && inGraph <= now)
    this.#versions.set(key, versions.slice(Math.max(0, oldest)))
    const type = typeOfId(id).toLowerCase()
    const keys = this.#byType.get(type) ?? new Set()
    this.#byType.set(type, keys.add(key))
  }

  #usersOf(group: string): Set<string> {
    const users = this.#users.get(keyOf(group)) ?? new Set()
    this.#users.set(keyOf(group), users)
    return users
  }

  #unlink(stored: Stored | undefined): void {
    if (stored === undefined) return
    for (const [group, user] of usesOf(stored)) this.#users.get(keyOf(group))?.delete(user)
  }
}

/** Pairs of a security group and who uses it. */
function usesOf({ id, properties }: Stored): (readonly [string, string])[] {
  const own = textAt(objectAt(properties, 'networkSecurityGroup'), 'id')
  const subnets = listAt(properties, 'subnets').flatMap((subnet) => {
    const group = textAt(objectAt(subnet, 'properties', 'networkSecurityGroup'), 'id')
    return group === undefined ? [] : [[group, `${id}/subnets/${textAt(subnet, 'name')}`] as const]
  })
  return [...(own === undefined ? [] : [[own, id] as const]), ...subnets]
}
