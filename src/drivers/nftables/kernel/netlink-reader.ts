/**
 * The reader of choice: 100,000 elements in an eighth of a second, one element or the generation in microseconds.
 * (`nft -j list` takes seconds for that, and `nft get element` loads the whole set.)
 */
import { setImmediate } from 'node:timers/promises'
import type { Millis } from '../../../domain/time.ts'
import { elementIdOf, keyOf, setOf, type ElementId } from '../element.ts'
import { closeDescriptor, openNetlink, receiveNow, sendToKernel, SystemCallError } from './libc.ts'
import {
  attribute,
  attributesIn,
  errnoOf,
  findAttribute,
  GET_GENERATION,
  GET_SET_ELEMENT,
  GET_TABLE,
  messagesIn,
  nested,
  NEW_GENERATION,
  NEW_SET_ELEMENT,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  request,
  text,
  textOfAttribute,
  type Message,
} from './netlink-message.ts'
import { createOneAtATime } from './one-at-a-time.ts'
import type { KernelReader, ReadElement, TableFacts } from './reader.ts'

const ENOENT = 2
const TABLE_NAME = 1
const TABLE_FLAGS = 2
const TABLE_OWNER = 7
const FLAG_PERSIST = 0x4
const LIST_TABLE = 1
const LIST_SET = 2
const LIST_ELEMENTS = 3
const LIST_ITEM = 1
const ELEMENT_KEY = 1
const ELEMENT_DATA = 2
const ELEMENT_EXPIRATION = 5
const DATA_VALUE = 1
const GENERATION_ID = 1

/** Larger than any datagram that the kernel makes for a dump (32 KiB). */
const BUFFER_SIZE = 65_536
/** Datagrams of a dump between two turns of the event loop: some 5,000 elements, 7 ms. */
const DATAGRAMS_PER_TURN = 8
const DUMP_ATTEMPTS = 5

export function createNetlinkReader(): KernelReader {
  const socket = createAsking()
  const dumps = createOneAtATime()
  const dumping = createAsking()
  const dump = (wanted: Wanted, take: () => TakeMessage): Promise<void> =>
    dumps.run(() => dumpAll(dumping, wanted, take))

  return {
    resolution: 1,
    generation: () => generationIn(socket.ask({ type: GET_GENERATION, attributes: [] })),
    tables: async () => {
      const tables = new Map<string, TableFacts>()
      await dump({ type: GET_TABLE, attributes: [] }, () => (message) => {
        const table = tableIn(message)
        tables.set(`${table.family} ${table.name}`, table)
        return true
      })
      return [...tables.values()]
    },
    elements: (table, set, sink) =>
      dump({ type: GET_SET_ELEMENT, attributes: [text(LIST_TABLE, table), text(LIST_SET, set)] }, () => {
        sink.begin()
        return (message) => everyElement(message, { set, at: dumping.at() }, (element) => sink.take(element))
      }),
    element: async (table, id) => {
      const messages = socket.ask({ type: GET_SET_ELEMENT, attributes: getElement(table, id) })
      const found = elementIn(messages, { set: setOf(id), at: socket.at() })
      return found?.id === id ? found : undefined // a map may hold other data at that key
    },
    close: () => {
      socket.close()
      dumping.close()
    },
  }
}

interface Wanted {
  readonly type: number
  readonly attributes: readonly Buffer[]
}

interface Asking {
  /** One request, one answer: the kernel has answered by the time that sending returns. */
  ask(wanted: Wanted): Message[]
  /** Starts a dump; {@link next} gives its datagrams. */
  start(wanted: Wanted): void
  /** The messages of the next datagram that answer the last request; what an abandoned one left over is passed by. */
  next(): Message[]
  /** When the latest datagram was read. */
  at(): Millis
  close(): void
}

function createAsking(): Asking {
  const fd = openNetlink(0)
  const buffer = Buffer.alloc(BUFFER_SIZE)
  let sequence = 0
  const send = ({ type, attributes }: Wanted, flags: number): void => {
    sequence += 1
    sendToKernel(fd, request({ type, flags, sequence, attributes }))
  }
  let readAt: Millis = 0
  const next = (): Message[] => {
    const datagram = receiveNow(fd, buffer)
    readAt = performance.now()
    return [...messagesIn(datagram)].filter((message) => message.sequence === sequence)
  }
  return {
    ask: (wanted) => {
      send(wanted, 0)
      return next()
    },
    start: (wanted) => send(wanted, NLM_F_DUMP),
    next,
    at: () => readAt,
    close: () => closeDescriptor(fd),
  }
}

/** False when the message shows that the dump has lost its place. */
type TakeMessage = (message: Message) => boolean

/**
 * A dump that a transaction interrupted may have missed something: it starts again. So does one that tells an element
 * twice: the kernel counts its way through a hash table, and when that grows meanwhile, it misses as many as it repeats.
 */
async function dumpAll(asking: Asking, wanted: Wanted, take: () => TakeMessage): Promise<void> {
  for (let attempt = 1; attempt <= DUMP_ATTEMPTS; attempt += 1) {
    asking.start(wanted)
    if (await isWhole(asking, take())) return
  }
  throw new Error(`the ruleset changed during each of ${DUMP_ATTEMPTS} readings; it is read again on the next pass`)
}

/** Reads a dump to its end. False when it cannot be whole. */
async function isWhole(asking: Asking, take: TakeMessage): Promise<boolean> {
  let isWholeSoFar = true
  for (let datagrams = 1; ; datagrams += 1) {
    for (const message of asking.next()) {
      if ((message.flags & NLM_F_DUMP_INTR) !== 0) isWholeSoFar = false
      if (message.type === NLMSG_DONE) return isWholeSoFar
      if (message.type === NLMSG_ERROR) return endOfFailedDump(message)
      isWholeSoFar &&= take(message)
    }
    if (datagrams % DATAGRAMS_PER_TURN === 0) await setImmediate()
  }
}

function endOfFailedDump(message: Message): true {
  const errno = errnoOf(message.payload)
  if (errno === ENOENT) return true // no such table or set: it has no elements
  throw new SystemCallError('reading nf_tables', errno)
}

function generationIn(messages: readonly Message[]): number {
  const answer = messages.find((message) => message.type === NEW_GENERATION)
  const id = answer === undefined ? undefined : findAttribute(answer.payload, GENERATION_ID)
  if (id === undefined) throw new Error('expected the kernel to tell its ruleset generation, got no such answer')
  return id.readUInt32BE(0)
}

function tableIn(message: Message): TableFacts {
  const flags = findAttribute(message.payload, TABLE_FLAGS)?.readUInt32BE(0) ?? 0
  return {
    family: message.family,
    name: textOfAttribute(findAttribute(message.payload, TABLE_NAME)) ?? '',
    isPersistent: (flags & FLAG_PERSIST) !== 0,
    owner: findAttribute(message.payload, TABLE_OWNER)?.readUInt32BE(0),
  }
}

function getElement(table: string, id: ElementId): Buffer[] {
  const key = nested(LIST_ITEM, nested(ELEMENT_KEY, attribute(DATA_VALUE, keyOf(id))))
  return [text(LIST_TABLE, table), text(LIST_SET, setOf(id)), nested(LIST_ELEMENTS, key)]
}

/** Where and when an element was read. */
interface Reading {
  readonly set: string
  readonly at: Millis
}

function elementIn(messages: readonly Message[], reading: Reading): ReadElement | undefined {
  for (const message of messages) {
    let found: ReadElement | undefined
    everyElement(message, reading, (element) => (found = element) === element)
    if (found !== undefined) return found
    if (message.type !== NLMSG_ERROR) continue
    const errno = errnoOf(message.payload)
    if (errno === ENOENT) return undefined
    throw new SystemCallError('reading an element', errno)
  }
  throw new Error('expected an element or its absence from the kernel, got neither')
}

/** Stops, with false, at the first element that is not taken. */
function everyElement(message: Message, { set, at }: Reading, take: (element: ReadElement) => boolean): boolean {
  const list = message.type === NEW_SET_ELEMENT ? findAttribute(message.payload, LIST_ELEMENTS) : undefined
  if (list === undefined) return true
  for (const item of attributesIn(list)) {
    const key = valueIn(item.data, ELEMENT_KEY)
    if (key === undefined) continue
    const id = elementIdOf(set, key, valueIn(item.data, ELEMENT_DATA))
    if (!take({ id, remaining: remainingIn(item.data), at })) return false
  }
  return true
}

/** The key's bytes, or a map's data. */
function valueIn(element: Buffer, attributeType: number): Buffer | undefined {
  const wrapped = findAttribute(element, attributeType)
  return wrapped === undefined ? undefined : findAttribute(wrapped, DATA_VALUE)
}

function remainingIn(element: Buffer): number | undefined {
  const expiration = findAttribute(element, ELEMENT_EXPIRATION)
  return expiration === undefined ? undefined : Number(expiration.readBigUInt64BE(0))
}
