/**
 * The elements in a message of the kernel's (linux/netfilter/nf_tables.h, NFTA_SET_ELEM_*). Pure. Written for 100,000 of them:
 * what is looked up is where it stands, and nothing is cut out but an element's key.
 */
import type { Millis } from '../../../domain/time.ts'
import { elementIdOf, type ElementId } from '../element.ts'
import { everyPart, findPart, NEW_SET_ELEMENT, type Message, type Part } from './netlink-message.ts'

const LIST_ELEMENTS = 3
const ELEMENT_KEY = 1
const ELEMENT_DATA = 2
const ELEMENT_EXPIRATION = 5
const DATA_VALUE = 1

/** `remaining`: undefined for an element without a timeout. */
type TakeElement = (id: ElementId, remaining: Millis | undefined) => boolean

/** Stops, with false, at the first element that is not taken. */
export function everyElement({ type, payload }: Message, set: string, take: TakeElement): boolean {
  const all = { from: 0, to: payload.length }
  const list = type === NEW_SET_ELEMENT ? findPart(payload, all, LIST_ELEMENTS) : undefined
  if (list === undefined) return true
  return everyPart(payload, list, (item) => {
    const key = valueIn(payload, item, ELEMENT_KEY)
    return (
      key === undefined || take(elementIdOf(set, key, valueIn(payload, item, ELEMENT_DATA)), remainingIn(payload, item))
    )
  })
}

/** The key's bytes, or a map's data, in hex. */
function valueIn(payload: Buffer, element: Part, attributeType: number): string | undefined {
  const wrapped = findPart(payload, element, attributeType)
  const value = wrapped === undefined ? undefined : findPart(payload, wrapped, DATA_VALUE)
  return value === undefined ? undefined : payload.toString('hex', value.from, value.to)
}

function remainingIn(payload: Buffer, element: Part): Millis | undefined {
  const expiration = findPart(payload, element, ELEMENT_EXPIRATION)
  return expiration === undefined ? undefined : uint64At(payload, expiration.from)
}

/** Exact up to 285,000 years. */
function uint64At(payload: Buffer, offset: number): number {
  return payload.readUInt32BE(offset) * 2 ** 32 + payload.readUInt32BE(offset + 4)
}
