/**
 * Machines that turned out not to be those of the inventory: gone, or made again under the same name. Nothing is opened
 * to them, and what is open is shut, for their addresses may be another's by now; the other machines at the same point go
 * on as if nothing had been. A doubt lasts until the inventory is read again.
 */
import type { Desired } from '../../domain/access/desired.ts'
import type { Failure } from '../../domain/access/failure.ts'
import type { HoleKey } from '../../domain/access/hole.ts'
import { resourceKey, type ResourceKey } from '../../domain/resource-id.ts'

export type Doubts = ReadonlyMap<ResourceKey, Failure>

export interface Certain {
  readonly desired: Desired
  /** The holes that were left out, and why. */
  readonly impossible: ReadonlyMap<HoleKey, Failure>
}

export function withoutDoubtful(desired: Desired, doubts: Doubts): Certain {
  if (doubts.size === 0) return { desired, impossible: new Map() }
  const impossible = new Map<HoleKey, Failure>()
  for (const { key, machine } of desired.holes) {
    const doubt = doubts.get(resourceKey(machine))
    if (doubt !== undefined) impossible.set(key, doubt)
  }
  return { desired: { ...desired, holes: desired.holes.filter(({ key }) => !impossible.has(key)) }, impossible }
}
