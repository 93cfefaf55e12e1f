/**
 * How holes come down to elements: on this host itself, and on the machines behind it where it is a gateway. One judgement
 * serves both. Pure.
 */
import { failure, type Failure } from '../../domain/access/failure.ts'
import type { Hole, Slot } from '../../domain/access/hole.ts'
import { formatIpPrefix, formatSource } from '../../domain/net.ts'
import type { Clause } from '../../domain/sentence.ts'
import { resourceKey, resourceName, type ResourceKey } from '../../domain/resource-id.ts'
import { elementIdsFor, parseElementId, protocolName, slotOfElement, sourceOf, type ElementId } from './element.ts'

export interface WaysIn {
  /** Every element that the hole needs, or why there is no way in. */
  idsOf(hole: Hole): readonly ElementId[] | Failure
  /** Undefined for what leads to nobody that is known. */
  slotOf(id: ElementId): Slot | undefined
  /** For sentences. */
  wayOf(hole: Hole): Way
  /** What else a person should know of the hole. */
  notesOn(hole: Hole): readonly Clause[]
  wayOfElement(id: ElementId): Pick<Way, 'way' | 'source'>
}

/** `22/TCP` from `203.0.113.9`; of a machine behind also which, and by which addresses it is reached. */
export interface Way {
  readonly way: string
  readonly source: string
  readonly machine?: string
  readonly entrance?: string
}

/** `machine`: the one that this kernel is. */
export function hostWays(machine: ResourceKey): WaysIn {
  return {
    idsOf: (hole) =>
      resourceKey(hole.machine) === machine
        ? elementIdsFor('grant', hole.source, hole.protocol, hole.port)
        : notBehind(hole),
    slotOf: (id) => {
      const element = parseElementId(id)
      return element === undefined ? undefined : slotOfElement(machine, element)
    },
    wayOf: (hole) => ({ way: `${hole.port}/${hole.protocol}`, source: formatSource(hole.source) }),
    notesOn: () => [],
    wayOfElement: (id) => {
      const element = parseElementId(id)
      if (element === undefined) return { way: id, source: '?' }
      const { port, protocol } = element
      return { way: `${port}/${protocolName(protocol)}`, source: formatIpPrefix(sourceOf(element)) }
    },
  }
}

function notBehind({ machine }: Hole): Failure {
  return failure('NotBehindGateway', { machine: resourceName(machine) })
}
