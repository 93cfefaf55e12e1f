/**
 * Which elements could stand in the kernel for a slot: what a pass over one slot has to look at, and nothing else.
 */
import type { Slot } from '../../domain/hole.ts'
import { parseSource } from '../../domain/net.ts'
import { elementIdsFor, type ElementId } from './element.ts'

/** Every element that any hole of the slot (`machine|port|place`) may use. Throws on a text that is not a slot. */
export function elementIdsOfSlot(slot: Slot): ElementId[] {
  const { port, place } = partsOfSlot(slot)
  const source = parseSource(place === 'any' ? '*' : place)
  if (!source.ok) throw new Error(`expected a slot 'machine|port|source', got '${slot}'; build it with slotOf()`)
  return elementIdsFor('grant', source.value, '*', port)
}

export function portOfSlot(slot: Slot): number {
  return partsOfSlot(slot).port
}

/** Read from the end: a machine's name may hold a `|`, a port and a source cannot. */
function partsOfSlot(slot: Slot): { port: number; place: string } {
  const [place = '', port = ''] = slot.split('|').toReversed()
  if (!/^\d{1,5}$/.test(port))
    throw new Error(`expected a slot 'machine|port|source', got '${slot}'; build it with slotOf()`)
  return { port: Number(port), place }
}
