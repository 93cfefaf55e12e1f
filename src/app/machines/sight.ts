/**
 * Which machines a caller sees, of 100,000: decided once where they lie side by side, and remembered as long as nobody's
 * rights change. What is granted for single machines is looked up among the grants, never machine by machine.
 */
import type { App } from '../app.ts'
import { rightsOf, type Rights } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import { READ_ASSESSMENTS, type ActionChoice } from '../../domain/roles/required-actions.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Place, PostureRow } from './posture-row.ts'

/** Which of the machines of a place, by their keys. */
export type Share = 'all' | ReadonlySet<ResourceKey>
export type Sight = (place: Place) => Share

export interface Sights {
  /** Of machines. */
  readonly read: Sight
  /** Of what is found about them. */
  readonly assess: Sight
}

interface Kept {
  readonly version: number
  readonly byCaller: Map<string, Sights>
}

const NONE: Share = new Set()
const EVERYTHING: Sights = { read: () => 'all', assess: () => 'all' }
/** Then all are decided anew. */
const MOST_CALLERS = 500

const known = new WeakMap<App['access'], Kept>()

export async function sightsOf(app: Pick<App, 'access'>, caller: Caller): Promise<Sights> {
  if (caller.isBreakGlass) return EVERYTHING
  const { version } = await app.access.now()
  const rights = await rightsOf(app, caller)
  let kept = known.get(app.access)
  if (kept?.version !== version || kept.byCaller.size >= MOST_CALLERS) kept = { version, byCaller: new Map() }
  known.set(app.access, kept)
  const who = caller.principals.join(' ')
  const sights = kept.byCaller.get(who) ?? {
    read: sightOf(rights, ({ need }) => need),
    assess: sightOf(rights, () => READ_ASSESSMENTS),
  }
  kept.byCaller.set(who, sights)
  return sights
}

function sightOf(rights: Rights, needOf: (place: Place) => ActionChoice): Sight {
  return remembered((place) => {
    const need = needOf(place)
    return rights.may(need, place.scope) ? 'all' : new Set(rights.placesWithin(need, place.scope) as ResourceKey[]) // what is none is no machine's
  })
}

/** Only what lies at the scope or below it, without regard to case. */
export function within(sight: Sight, scope: string): Sight {
  const wanted = scope.toLowerCase() as ResourceKey // what is none is no machine's
  return remembered((place) => {
    if (`${place.scope}/`.startsWith(`${wanted}/`)) return sight(place)
    return wanted.startsWith(`${place.scope}/`) ? common(sight(place), new Set([wanted])) : NONE
  })
}

/** What is seen by both. */
export function both(one: Sight, other: Sight): Sight {
  return remembered((place) => common(one(place), other(place)))
}

export function isSeen(sight: Sight, { key, place }: PostureRow): boolean {
  const share = sight(place)
  return share === 'all' || share.has(key)
}

function common(one: Share, other: Share): Share {
  if (one === 'all') return other
  return other === 'all' ? one : one.intersection(other)
}

function remembered(sight: Sight): Sight {
  const shares = new WeakMap<Place, Share>()
  return (place) => {
    const share = shares.get(place) ?? sight(place)
    shares.set(place, share)
    return share
  }
}
