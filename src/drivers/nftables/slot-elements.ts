/**
 * Which elements could stand in the kernel for a slot: what a pass over one slot has to look at, and nothing else.
 */
import type { Gateway } from '../../domain/hosts/gateway.ts'
import { machineIn, type Slot } from '../../domain/access/hole.ts'
import { parseSource, type Source } from '../../domain/net.ts'
import { elementIdsFor, type ElementId } from './element.ts'
import { placesBehind } from './gateway/gateway-element.ts'
import type { Mirror } from './mirror.ts'

/** Given what is known of the kernel: which ports a gateway mapped cannot be told from a slot. */
export type SlotElements = (slot: Slot, known: Pick<Mirror, 'places'>) => readonly ElementId[]

/** Every element that any hole of a slot (`machine|port|place`) may use. Throws on a text that is not a slot. */
export function createSlotElements(gateway: () => Gateway | undefined): SlotElements {
  return (slot, { places }) => {
    const { port, source } = partsOfSlot(slot)
    const machine = gateway()?.machines.get(machineIn(slot))
    if (machine === undefined) return elementIdsFor('grant', source, '*', port)
    return placesBehind(machine.addresses, port, source).flatMap((place) => [...(places.get(place) ?? [])])
  }
}

export function portOfSlot(slot: Slot): number {
  return partsOfSlot(slot).port
}

/** Read from the end: a machine's name may hold a `|`, a port and a source cannot. */
function partsOfSlot(slot: Slot): { port: number; source: Source } {
  const [place = '', port = ''] = slot.split('|').toReversed()
  const source = parseSource(place === 'any' ? '*' : place)
  if (!/^\d{1,5}$/.test(port) || !source.ok)
    throw new Error(`expected a slot 'machine|port|source', got '${slot}'; build it with slotOf()`)
  return { port: Number(port), source: source.value }
}
