/**
 * How holes come down to elements: on this host itself, and on the machines behind it where it is a gateway. One judgement
 * serves both. Pure.
 */
import type { Hole, Slot } from '../../domain/access/hole.ts'
import { formatIpPrefix, formatSource } from '../../domain/net.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { resourceKey, resourceName, type ResourceKey } from '../../domain/resource-id.ts'
import { elementIdsFor, parseElementId, protocolName, slotOfElement, sourceOf, type ElementId } from './element.ts'

export interface WaysIn {
  /** Every element that the hole needs, or why there is no way in. */
  idsOf(hole: Hole): readonly ElementId[] | Refusal
  /** Undefined for what leads to nobody that is known. */
  slotOf(id: ElementId): Slot | undefined
  /** `22/TCP from 203.0.113.9`. */
  textOf(hole: Hole): string
  /** What else a person should know of the hole; begins with `; ` or is empty. */
  noteOn(hole: Hole): string
  textOfElement(id: ElementId): string
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
    textOf: (hole) => `${hole.port}/${hole.protocol} from ${formatSource(hole.source)}`,
    noteOn: () => '',
    textOfElement: (id) => {
      const element = parseElementId(id)
      if (element === undefined) return id
      return `${element.port}/${protocolName(element.protocol)} from ${formatIpPrefix(sourceOf(element))}`
    },
  }
}

function notBehind({ machine }: Hole): Refusal {
  return refusal(
    'NotBehindGateway',
    `${resourceName(machine)} is not behind this host (any more): nothing can be opened`,
  )
}
