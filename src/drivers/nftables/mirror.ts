/**
 * What the kernel holds, kept in memory: exact as long as every transaction since was our own or known to have left our
 * table alone. It is told by the kernel's generation number, not trusted: a difference means reading again.
 * The expiry of an element makes no generation: a due element is proven by reading it, never assumed to be gone.
 */
import type { Instant } from '../../domain/time.ts'
import { setOf, type BehindKey, type ElementId, type ManagedKey } from './element.ts'
import type { ForeignScan } from './foreign/foreign.ts'
import { behindOf, placeBehind, type PlaceBehind } from './gateway/gateway-element.ts'
import type { Statement } from './operation.ts'
import type { StructureState } from './kernel/structure.ts'

export interface Mirror {
  /** The generation at which it was exact; undefined when it never was. */
  generation: number | undefined
  /** The clock minus the machine's uptime when it was read: timeouts follow the uptime, ends the clock. */
  offset: number
  structure: StructureState
  hasBaseTable: boolean
  readonly managed: Set<ManagedKey>
  readonly behind: Set<BehindKey>
  readonly elements: Map<ElementId, Instant>
  /** Those of a gateway among the elements, by where they lead. */
  readonly places: Map<PlaceBehind, Set<ElementId>>
  readonly keeps: Set<ElementId>
  readonly counts: Map<string, number>
  foreign: ForeignScan
}

export function emptyMirror(structure: StructureState, foreign: ForeignScan, offset: number): Mirror {
  return {
    generation: undefined,
    offset,
    structure,
    hasBaseTable: false,
    managed: new Set(),
    behind: new Set(),
    elements: new Map(),
    places: new Map(),
    keeps: new Set(),
    counts: new Map(),
    foreign,
  }
}

/** What a transaction that the kernel took has changed. `end` is the instant that an upsert was asked to end at. */
export function recordStatement(mirror: Mirror, statement: Statement, end: Instant | undefined): void {
  switch (statement.kind) {
    case 'structure':
      if (statement.rebuild) forgetElements(mirror)
      mirror.structure = {
        state: 'exact',
        form: statement.structure.gateway,
        sets: statement.structure.sets,
        strays: { chains: [], sets: [] },
        differences: [],
      }
      mirror.hasBaseTable = false
      mirror.managed.clear()
      for (const key of statement.structure.managed) mirror.managed.add(key)
      mirror.behind.clear()
      for (const key of statement.structure.behind) mirror.behind.add(key)
      // A host that is no gateway any more has lost the sets of one.
      if (statement.structure.gateway === 'none')
        for (const id of [...mirror.places.values()].flatMap((ids) => [...ids])) forgetElement(mirror, id)
      return
    case 'remove':
      forgetElements(mirror)
      mirror.structure = {
        state: 'absent',
        form: mirror.structure.form,
        sets: mirror.structure.sets,
        strays: { chains: [], sets: [] },
        differences: [],
      }
      mirror.hasBaseTable = false
      mirror.managed.clear()
      mirror.behind.clear()
      return
    case 'keep':
      mirror.keeps.add(statement.id)
      return
    case 'unkeep':
      mirror.keeps.delete(statement.id)
      return
    case 'revoke':
      forgetElement(mirror, statement.id)
      return
    case 'create':
    case 'upsert':
      rememberElement(mirror, statement.id, end ?? Number.POSITIVE_INFINITY)
      return
    case 'sessions':
      return
  }
}

export function rememberElement(mirror: Mirror, id: ElementId, end: Instant): void {
  const { size } = mirror.elements
  if (mirror.elements.set(id, end).size === size) return
  count(mirror, id, 1)
  const behind = behindOf(id)
  if (behind !== undefined) addPlace(mirror, placeBehind(behind), id)
}

export function forgetElement(mirror: Mirror, id: ElementId): void {
  if (!mirror.elements.delete(id)) return
  count(mirror, id, -1)
  const behind = behindOf(id)
  if (behind !== undefined) removePlace(mirror, placeBehind(behind), id)
}

function addPlace({ places }: Mirror, place: PlaceBehind, id: ElementId): void {
  places.set(place, (places.get(place) ?? new Set()).add(id))
}

function removePlace({ places }: Mirror, place: PlaceBehind, id: ElementId): void {
  const ids = places.get(place)
  ids?.delete(id)
  if (ids?.size === 0) places.delete(place)
}

function forgetElements(mirror: Mirror): void {
  mirror.elements.clear()
  mirror.places.clear()
  mirror.keeps.clear()
  mirror.counts.clear()
}

function count(mirror: Mirror, id: ElementId, change: 1 | -1): void {
  const set = setOf(id)
  mirror.counts.set(set, (mirror.counts.get(set) ?? 0) + change)
}
