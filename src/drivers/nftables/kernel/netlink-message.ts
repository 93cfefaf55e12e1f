/**
 * The wire of netfilter, as far as we read it (linux/netlink.h, linux/netfilter/nfnetlink.h, nf_tables.h). Pure.
 * Netlink headers are in host byte order (little-endian on every platform we run on), attribute numbers in network order.
 */
const HEADER_SIZE = 20
const TYPE_MASK = 0x3fff
export const NESTED = 0x8000
const NFPROTO_INET = 1
/** Below this are netlink's own messages, which have no netfilter header. */
const FIRST_SUBSYSTEM_TYPE = 0x10
const SUBSYSTEM = 10

export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3
export const NLM_F_REQUEST = 0x1
export const NLM_F_ACK = 0x4
export const NLM_F_DUMP = 0x300
export const NLM_F_CREATE = 0x400
export const NLM_F_DUMP_INTR = 0x10

const nfTables = (message: number): number => (SUBSYSTEM << 8) | message
export const NEW_TABLE = nfTables(0)
export const GET_TABLE = nfTables(1)
export const NEW_SET_ELEMENT = nfTables(12)
export const GET_SET_ELEMENT = nfTables(13)
export const NEW_GENERATION = nfTables(15)
export const GET_GENERATION = nfTables(16)
export const isNfTables = (type: number): boolean => type >> 8 === SUBSYSTEM

const BATCH_BEGIN = 0x10
const BATCH_END = 0x11

export interface Message {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  /** The netfilter family; 0 for a message of netlink itself. */
  readonly family: number
  /** After the netfilter header; for an error, the error itself. */
  readonly payload: Buffer
}

export function attribute(type: number, data: Buffer): Buffer {
  const out = Buffer.alloc(aligned(4 + data.length))
  out.writeUInt16LE(4 + data.length, 0)
  out.writeUInt16LE(type, 2)
  data.copy(out, 4)
  return out
}

export function nested(type: number, ...attributes: readonly Buffer[]): Buffer {
  return attribute(type | NESTED, Buffer.concat(attributes))
}

export function text(type: number, value: string): Buffer {
  return attribute(type, Buffer.from(`${value}\0`))
}

export function uint32(type: number, value: number): Buffer {
  const data = Buffer.alloc(4)
  data.writeUInt32BE(value)
  return attribute(type, data)
}

export interface Request {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  /** `inet` unless it says otherwise. */
  readonly family?: number
  readonly attributes: readonly Buffer[]
}

export function request({ type, flags, sequence, family = NFPROTO_INET, attributes }: Request): Buffer {
  return message({ type, flags: flags | NLM_F_REQUEST, sequence, family, resource: 0 }, attributes)
}

/** One transaction: changes are only taken between these two messages. */
export function batch(...requests: readonly Buffer[]): Buffer {
  const edge = (type: number): Buffer =>
    message({ type, flags: NLM_F_REQUEST, sequence: 0, family: 0, resource: SUBSYSTEM }, [])
  return Buffer.concat([edge(BATCH_BEGIN), ...requests, edge(BATCH_END)])
}

interface Header {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  readonly family: number
  readonly resource: number
}

function message({ type, flags, sequence, family, resource }: Header, attributes: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(HEADER_SIZE)
  const body = Buffer.concat(attributes)
  header.writeUInt32LE(HEADER_SIZE + body.length, 0)
  header.writeUInt16LE(type, 4)
  header.writeUInt16LE(flags, 6)
  header.writeUInt32LE(sequence, 8)
  header.writeUInt8(family, 16)
  header.writeUInt16BE(resource, 18)
  return Buffer.concat([header, body])
}

/** Every message of one datagram. A cut-off message throws: half an answer is no answer. */
export function* messagesIn(datagram: Buffer): Generator<Message> {
  for (let offset = 0; offset + 16 <= datagram.length;) {
    const length = datagram.readUInt32LE(offset)
    if (length < 16 || offset + length > datagram.length)
      throw new Error(`netlink message of ${length} bytes is cut off`)
    const type = datagram.readUInt16LE(offset + 4)
    const hasFamily = type >= FIRST_SUBSYSTEM_TYPE
    const start = offset + (hasFamily ? HEADER_SIZE : 16)
    yield {
      type,
      flags: datagram.readUInt16LE(offset + 6),
      sequence: datagram.readUInt32LE(offset + 8),
      family: hasFamily ? datagram.readUInt8(offset + 16) : 0,
      payload: datagram.subarray(start, offset + length),
    }
    offset += aligned(length)
  }
}

/** Some bytes of a message: an attribute's, or all of them. */
export interface Part {
  readonly from: number
  readonly to: number
}

/** The first attribute of that type among those that a part is made of. */
export function findPart(payload: Buffer, within: Part, type: number): Part | undefined {
  for (let at = within.from; at + 4 <= within.to;) {
    const to = endOfAttribute(payload, at, within)
    if ((payload.readUInt16LE(at + 2) & TYPE_MASK) === type) return { from: at + 4, to }
    at = aligned(to)
  }
  return undefined
}

/** Stops, with false, at the first attribute that is not taken. */
export function everyPart(payload: Buffer, within: Part, take: (part: Part) => boolean): boolean {
  for (let at = within.from; at + 4 <= within.to;) {
    const to = endOfAttribute(payload, at, within)
    if (!take({ from: at + 4, to })) return false
    at = aligned(to)
  }
  return true
}

function endOfAttribute(payload: Buffer, at: number, within: Part): number {
  const length = payload.readUInt16LE(at)
  if (length < 4 || at + length > within.to) throw new Error(`netlink attribute of ${length} bytes is cut off`)
  return at + length
}

export function findAttribute(payload: Buffer, type: number): Buffer | undefined {
  const found = findPart(payload, { from: 0, to: payload.length }, type)
  return found === undefined ? undefined : payload.subarray(found.from, found.to)
}

export function textOfAttribute(data: Buffer | undefined): string | undefined {
  return data?.toString('latin1').replace(/\0.*$/s, '')
}

/** The positive errno of an error message; 0 is an acknowledgement. */
export function errnoOf(payload: Buffer): number {
  return -payload.readInt32LE(0)
}

function aligned(length: number): number {
  return (length + 3) & ~3
}
