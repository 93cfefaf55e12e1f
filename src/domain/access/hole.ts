/**
 * Holes: what grants come down to at an enforcement point. Grants may overlap; a hole is one exact key and lives to
 * the latest end among its grants, so two people with the same opening never close each other (invariant 5).
 */
import { formatSource, type Protocol, type Source } from '../net.ts'
import type { ResourceId, ResourceKey } from '../resource-id.ts'
import { resourceKey } from '../resource-id.ts'
import type { Instant } from '../time.ts'

export type GrantId = string & { readonly __brand: 'GrantId' }

/** `machine|port|protocol|source`: equal keys are the same hole. */
export type HoleKey = string & { readonly __brand: 'HoleKey' }

/**
 * `machine|port|source`, where every /0 is `any`: holes of one slot may share what a kernel or cloud stores
 * (TCP and `*` share the TCP element), so a change to one is planned together with its whole slot.
 */
export type Slot = string & { readonly __brand: 'Slot' }

export interface Hole {
  readonly key: HoleKey
  readonly slot: Slot
  readonly machine: ResourceId
  readonly port: number
  readonly protocol: Protocol
  readonly source: Source
  /** The latest end among the grants. The hole is open in [now, until). */
  readonly until: Instant
  /** Every live grant that this hole serves, sorted. */
  readonly grants: readonly GrantId[]
}

/** What a hole is made from: one live grant. */
export interface Opening {
  readonly grant: GrantId
  readonly machine: ResourceId
  readonly port: number
  readonly protocol: Protocol
  readonly sources: readonly Source[]
  readonly until: Instant
}

export function holeKey(machine: ResourceKey, port: number, protocol: Protocol, source: Source): HoleKey {
  return `${machine}|${port}|${protocol}|${formatSource(source)}` as HoleKey // the one place that makes keys
}

export function slotOf(machine: ResourceKey, port: number, source: Source): Slot {
  const place = source === '*' || source.length === 0 ? 'any' : formatSource(source)
  return `${machine}|${port}|${place}` as Slot // the one place that makes slots
}

export function machineIn(slot: Slot): ResourceKey {
  return (SLOT.exec(slot)?.[1] ?? '') as ResourceKey // as slotOf puts it in
}

const SLOT = /^(.*)\|(\d+)\|([^|]+)$/

/** The keys of every hole that could lie in a slot. */
export function keysIn(slot: Slot): HoleKey[] {
  const [, machine = '', port = '', place = ''] = SLOT.exec(slot) ?? []
  const sources = place === 'any' ? ['*', '0.0.0.0/0', '::/0'] : [place]
  return PROTOCOLS.flatMap((protocol) => sources.map((source) => `${machine}|${port}|${protocol}|${source}` as HoleKey)) // as holeKey makes them
}

const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', '*']

export function slotsOf(opening: Opening): Slot[] {
  const machine = resourceKey(opening.machine)
  return opening.sources.map((source) => slotOf(machine, opening.port, source))
}

/** Reduces openings to holes: one per key, to the latest end, naming every grant. Sorted by key; their order makes no difference. */
export function holesFrom(openings: Iterable<Opening>): Hole[] {
  const gathered: Gathered = new Map()
  for (const opening of openings) gatherInto(gathered, opening)
  return holesOf(gathered)
}

/** {@link holesFrom} for who has so many that others must get their turn: first all openings, then the holes, part by part. */
export function gatherInto(gathered: Gathered, opening: Opening): void {
  const machine = resourceKey(opening.machine)
  for (const source of opening.sources) {
    const key = holeKey(machine, opening.port, opening.protocol, source)
    const hole = gathered.get(key)
    if (hole === undefined) gathered.set(key, { source, openings: [opening] })
    else hole.openings.push(opening)
  }
}

/** Sorted by key. */
export function holesOf(gathered: Iterable<[HoleKey, SharedHole]>): Hole[] {
  return Array.from(gathered, ([key, hole]) => holeFrom(key, hole)).sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** The openings of each hole. */
export type Gathered = Map<HoleKey, SharedHole>

interface SharedHole {
  readonly source: Source
  readonly openings: [Opening, ...Opening[]]
}

/** Ids of one machine may be written in different case; the first in order of characters stands for all. */
function holeFrom(key: HoleKey, { source, openings }: SharedHole): Hole {
  const [{ machine: first, port, protocol }] = openings
  const machine = openings.reduce((least, opening) => (opening.machine < least ? opening.machine : least), first)
  return {
    key,
    slot: slotOf(resourceKey(machine), port, source),
    machine,
    port,
    protocol,
    source,
    until: openings.reduce((latest, opening) => Math.max(latest, opening.until), Number.NEGATIVE_INFINITY),
    grants: namesOf(openings),
  }
}

/** Nearly always there is one. */
function namesOf(openings: readonly [Opening, ...Opening[]]): readonly GrantId[] {
  const [{ grant }] = openings
  return openings.length === 1 ? [grant] : [...new Set(openings.map((opening) => opening.grant))].sort()
}
