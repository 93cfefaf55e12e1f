/**
 * The reader of choice: 100,000 elements in an eighth of a second, one element or the generation in microseconds.
 * (`nft -j list` takes seconds for that, and `nft get element` loads the whole set.)
 */
import { setImmediate } from 'node:timers/promises'
import type { Millis } from '../../../domain/time.ts'
import { keyOf, setOf, type ElementId } from '../element.ts'
import { closeDescriptor, openNetlink, receiveNow, sendToKernel, SystemCallError } from './libc.ts'
import { everyElement } from './listed-elements.ts'
import {
  attribute,
  errnoOf,
  findAttribute,
  GET_GENERATION,
  GET_SET_ELEMENT,
  GET_TABLE,
  messagesIn,
  nested,
  NEW_GENERATION,
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
import type { ElementSink, KernelReader, ReadElement, TableFacts } from './reader.ts'

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
const DATA_VALUE = 1
const GENERATION_ID = 1

/** Larger than any datagram that the kernel makes for a dump (32 KiB). */
const BUFFER_SIZE = 65_536
/** Datagrams of a dump between two turns of the event loop: some 5,000 elements, 7 ms. */
const DATAGRAMS_PER_TURN = 8
const DUMP_ATTEMPTS = 5
/** When the kernel told what remains must be known as well as that, or an element is asked for again: a datagram late in a dump takes 2 ms. */
const VAGUE: Millis = 3
const ELEMENT_ATTEMPTS = 5

export function createNetlinkReader(): KernelReader {
  const socket = createAsking()
  const dumps = createOneAtATime()
  const dumping = createAsking()
  const dump = (wanted: Wanted, begin: () => Listing): Promise<void> => dumps.run(() => dumpAll(dumping, wanted, begin))
  const element = (table: string, id: ElementId): ReadElement | undefined => {
    const found = askElement(socket, table, id)
    return found?.id === id ? found : undefined // a map may hold other data at that key
  }

  return {
    resolution: 1,
    generation: () => generationIn(socket.ask({ type: GET_GENERATION, attributes: [] })),
    tables: async () => {
      const tables = new Map<string, TableFacts>()
      const take = (message: Message): boolean => {
        const table = tableIn(message)
        tables.set(`${table.family} ${table.name}`, table)
        return true
      }
      await dump({ type: GET_TABLE, attributes: [] }, () => ({ take, end: () => true }))
      return [...tables.values()]
    },
    elements: (table, set, sink) =>
      dump({ type: GET_SET_ELEMENT, attributes: [text(LIST_TABLE, table), text(LIST_SET, set)] }, () =>
        listElements(set, sink, { told: () => dumping.told(), element: (id) => element(table, id) }),
      ),
    element: async (table, id) => element(table, id),
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
  /** Of the latest datagram. */
  told(): Told
  close(): void
}

/** When the kernel wrote a datagram: at `at`, or up to so long before. */
interface Told {
  readonly at: Millis
  readonly span: Millis
}

/**
 * The kernel writes an answer while it is asked, and each datagram of a dump while the one before is fetched (netlink_dump,
 * called by netlink_recvmsg): not when it is read, which is later by what this process or another did meanwhile.
 */
function createAsking(): Asking {
  const fd = openNetlink(0)
  const buffer = Buffer.alloc(BUFFER_SIZE)
  let sequence = 0
  let told: Told = { at: 0, span: 0 }
  let writing = told
  const call = <T>(enter: () => T): T => {
    const began = performance.now()
    const result = enter()
    const at = performance.now()
    writing = { at, span: at - began }
    return result
  }
  const send = ({ type, attributes }: Wanted, flags: number): void => {
    sequence += 1
    const asked = request({ type, flags, sequence, attributes })
    call(() => sendToKernel(fd, asked))
  }
  const next = (): Message[] => {
    told = writing
    const datagram = call(() => receiveNow(fd, buffer))
    return [...messagesIn(datagram)].filter((message) => message.sequence === sequence)
  }
  return {
    ask: (wanted) => {
      send(wanted, 0)
      return next()
    },
    start: (wanted) => send(wanted, NLM_F_DUMP),
    next,
    told: () => told,
    close: () => closeDescriptor(fd),
  }
}

/** What becomes of the messages of one dump. */
interface Listing {
  /** False when the message shows that the dump has lost its place. */
  take(message: Message): boolean
  /** Called after the last message; false as above. */
  end(): boolean
}

/**
 * A dump that a transaction interrupted may have missed something: it starts again. So does one that tells an element
 * twice: the kernel counts its way through a hash table, and when that grows meanwhile, it misses as many as it repeats.
 */
async function dumpAll(asking: Asking, wanted: Wanted, begin: () => Listing): Promise<void> {
  for (let attempt = 1; attempt <= DUMP_ATTEMPTS; attempt += 1) {
    asking.start(wanted)
    if (await isWhole(asking, begin())) return
  }
  throw new Error(`the ruleset changed during each of ${DUMP_ATTEMPTS} readings; it is read again on the next pass`)
}

/** Reads a dump to its end. False when it cannot be whole. */
async function isWhole(asking: Asking, listing: Listing): Promise<boolean> {
  let isWholeSoFar = true
  for (let datagrams = 1; ; datagrams += 1) {
    for (const message of asking.next()) {
      if ((message.flags & NLM_F_DUMP_INTR) !== 0) isWholeSoFar = false
      if (message.type === NLMSG_DONE) return isWholeSoFar && listing.end()
      if (message.type === NLMSG_ERROR) return endOfFailedDump(message)
      isWholeSoFar &&= listing.take(message)
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

interface Listening {
  readonly told: Asking['told']
  readonly element: (id: ElementId) => ReadElement | undefined
}

/** This process may have had to wait for its turn while it was told of some elements: each of those is asked for again. */
function listElements(set: string, sink: ElementSink, { told, element }: Listening): Listing {
  const vague = new Set<ElementId>()
  sink.begin()
  return {
    take: (message) => {
      const { at, span } = told()
      return everyElement(message, set, (id, remaining) => {
        if (span <= VAGUE || remaining === undefined) return sink.take({ id, remaining, at })
        const { size } = vague
        return vague.add(id).size > size
      })
    },
    end: () =>
      [...vague].every((id) => {
        const found = element(id)
        return found === undefined || sink.take(found)
      }),
  }
}

/** Undefined where there is none. */
function askElement(socket: Asking, table: string, id: ElementId): ReadElement | undefined {
  const wanted: Wanted = { type: GET_SET_ELEMENT, attributes: getElement(table, id) }
  for (let attempt = 1; ; attempt += 1) {
    const messages = socket.ask(wanted)
    const { at, span } = socket.told()
    const found = elementIn(messages, setOf(id), at)
    if (span <= VAGUE || found?.remaining === undefined || attempt === ELEMENT_ATTEMPTS) return found
  }
}

function elementIn(messages: readonly Message[], set: string, at: Millis): ReadElement | undefined {
  for (const message of messages) {
    let found: ReadElement | undefined
    everyElement(message, set, (id, remaining) => {
      found = { id, remaining, at }
      return false
    })
    if (found !== undefined) return found
    if (message.type !== NLMSG_ERROR) continue
    const errno = errnoOf(message.payload)
    if (errno === ENOENT) return undefined
    throw new SystemCallError('reading an element', errno)
  }
  throw new Error('expected an element or its absence from the kernel, got neither')
}
