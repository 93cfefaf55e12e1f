/**
 * What the kernel's connection tracking knows of what came in by our holes, by netlink (linux/netfilter/
 * nfnetlink_conntrack.h). The kernel looks for our mark itself, so that a busy host's other connections cost little.
 *
 * An entry is never deleted: the protected machine's next packet would make it anew, the other way round and established,
 * and the connection would go on. It is marked as cut instead, and the guard gives a marked one nothing.
 */
import { setImmediate } from 'node:timers/promises'
import { prefix, widthOf, type Family, type IpPrefix } from '../../../domain/net.ts'
import type { Instant } from '../../../domain/time.ts'
import { PROTOCOL_NUMBERS, type ProtocolNumber } from '../element.ts'
import { closeDescriptor, openNetlink, receiveNow, sendToKernel, SystemCallError } from '../kernel/libc.ts'
import {
  attribute,
  errnoOf,
  findAttribute,
  messagesIn,
  NESTED,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  request,
  uint32,
  type Message,
} from '../kernel/netlink-message.ts'
import { CUT_MARK, GRANTED_MARK } from '../nft-text.ts'
import { createOneAtATime } from '../kernel/one-at-a-time.ts'
import type { TrackedFlow } from './tracked-flow.ts'

export interface Conntrack {
  /** Everything that came in by a hole of ours and is not over. */
  flows(): Promise<TrackedFlow[]>
  /** Takes from them what an established connection may. One that is gone by now is passed by. */
  cut(flows: readonly TrackedFlow[]): Promise<void>
  close(): void
}

const SUBSYSTEM = 1
const NEW = SUBSYSTEM << 8
const GET = NEW | 1
const UNSPECIFIED = 0
const FAMILY_NUMBERS: Readonly<Record<Family, number>> = { 4: 2, 6: 10 }

const TUPLE = 1
const REPLY = 2
const STATUS = 3
const PROTOCOL_INFO = 4
const MARK = 8
const ZONE = 18
const TIMESTAMP = 20
const MARK_MASK = 21
const TUPLE_ADDRESSES = 1
const TUPLE_PROTOCOL = 2
const NUMBER = 1
const SOURCE_PORT = 2
const DESTINATION_PORT = 3
const TCP_INFO = 1
const TCP_STATE = 1
const STARTED = 1

const SEEN_REPLY = 1 << 1
/** TCP_CONNTRACK_*: from ESTABLISHED on to where both have hung up. */
const ESTABLISHED = 3
const CLOSE_WAIT = 5
const TIME_WAIT = 7
const CLOSED = 8

const ENOENT = 2
const BUFFER_SIZE = 65_536
const DATAGRAMS_PER_TURN = 8
const ATTEMPTS = 5

export function createConntrack(): Conntrack {
  const turns = createOneAtATime()
  let fd: number | undefined
  const socket = (): number => (fd ??= openNetlink(0))
  const asking = { buffer: Buffer.alloc(BUFFER_SIZE), sequence: 0 }
  return {
    flows: () => turns.run(() => readAll(socket(), asking)),
    cut: (flows) =>
      turns.run(() => {
        for (const flow of flows) markAsCut(socket(), asking, flow)
      }),
    close: () => {
      if (fd !== undefined) closeDescriptor(fd)
      fd = undefined
    },
  }
}

interface Asking {
  readonly buffer: Buffer
  sequence: number
}

async function readAll(fd: number, asking: Asking): Promise<TrackedFlow[]> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const flows = await readOnce(fd, asking)
    if (flows !== undefined) return flows
  }
  throw new Error(`the kernel's connections changed during each of ${ATTEMPTS} readings; they are read again later`)
}

/** Undefined when the reading lost its place. */
async function readOnce(fd: number, asking: Asking): Promise<TrackedFlow[] | undefined> {
  asking.sequence += 1
  const mark = [uint32(MARK, GRANTED_MARK), uint32(MARK_MASK, GRANTED_MARK)]
  const { sequence } = asking
  sendToKernel(fd, request({ type: GET, flags: NLM_F_DUMP, sequence, family: UNSPECIFIED, attributes: mark }))
  const flows: TrackedFlow[] = []
  let isWhole = true
  for (let datagrams = 1; ; datagrams += 1) {
    for (const message of messagesIn(receiveNow(fd, asking.buffer))) {
      if (message.sequence !== sequence) continue
      if ((message.flags & NLM_F_DUMP_INTR) !== 0) isWhole = false
      if (message.type === NLMSG_DONE) return isWhole ? flows : undefined
      if (message.type === NLMSG_ERROR) throw new SystemCallError('reading conntrack', errnoOf(message.payload))
      const flow = flowIn(message)
      if (flow !== undefined) flows.push(flow)
    }
    if (datagrams % DATAGRAMS_PER_TURN === 0) await setImmediate()
  }
}

/** Undefined for what is over, and for what is not ours: a kernel that knows no such filter tells of everything. */
function flowIn({ payload }: Message): TrackedFlow | undefined {
  const mark = numberAt(payload, MARK)
  const tuple = findAttribute(payload, TUPLE)
  const ends = tuple === undefined ? undefined : endsIn(tuple)
  if (tuple === undefined || ends === undefined || (mark & GRANTED_MARK) === 0) return undefined
  const state = tcpStateIn(payload)
  if (state === TIME_WAIT || state === CLOSED) return undefined
  const isOpen = state === undefined || (state >= ESTABLISHED && state <= CLOSE_WAIT)
  const since = startIn(payload)
  // Whoever answers is the machine itself, whatever the packets were sent on from.
  const reply = findAttribute(payload, REPLY)
  const answers = reply === undefined ? undefined : endsIn(reply)
  return {
    ...ends,
    near: answers?.peer ?? ends.local,
    nearPort: answers?.peerPort ?? ends.localPort,
    isConnected: (numberAt(payload, STATUS) & SEEN_REPLY) !== 0 && isOpen,
    isCut: (mark & CUT_MARK) !== 0,
    ...(since !== undefined && { since }),
    tuple: Buffer.concat([attribute(TUPLE | NESTED, tuple), ...zoneOf(payload)]),
  }
}

function zoneOf(payload: Buffer): Buffer[] {
  const zone = findAttribute(payload, ZONE)
  return zone === undefined ? [] : [attribute(ZONE, zone)]
}

function numberAt(payload: Buffer, type: number): number {
  return findAttribute(payload, type)?.readUInt32BE(0) ?? 0
}

type Ends = Pick<TrackedFlow, 'protocol' | 'peer' | 'peerPort' | 'local' | 'localPort'>

function endsIn(tuple: Buffer): Ends | undefined {
  const addresses = addressesIn(findAttribute(tuple, TUPLE_ADDRESSES) ?? Buffer.alloc(0))
  const transport = findAttribute(tuple, TUPLE_PROTOCOL) ?? Buffer.alloc(0)
  const protocol = protocolOf(findAttribute(transport, NUMBER)?.readUInt8(0))
  const peerPort = findAttribute(transport, SOURCE_PORT)?.readUInt16BE(0)
  const localPort = findAttribute(transport, DESTINATION_PORT)?.readUInt16BE(0)
  if (addresses === undefined || protocol === undefined || peerPort === undefined || localPort === undefined)
    return undefined
  return { protocol, ...addresses, peerPort, localPort }
}

function protocolOf(number: number | undefined): ProtocolNumber | undefined {
  return Object.values(PROTOCOL_NUMBERS).find((known) => known === number)
}

/** CTA_IP_V4_SRC, _V4_DST, _V6_SRC, _V6_DST. */
function addressesIn(addresses: Buffer): { peer: IpPrefix; local: IpPrefix } | undefined {
  for (const [family, source, destination] of [
    [4, 1, 2],
    [6, 3, 4],
  ] as const) {
    const peer = findAttribute(addresses, source)
    const local = findAttribute(addresses, destination)
    if (peer !== undefined && local !== undefined)
      return { peer: addressFrom(family, peer), local: addressFrom(family, local) }
  }
  return undefined
}

function addressFrom(family: Family, bytes: Buffer): IpPrefix {
  return prefix(family, BigInt(`0x${bytes.toString('hex')}`), widthOf(family))
}

function tcpStateIn(payload: Buffer): number | undefined {
  const info = findAttribute(payload, PROTOCOL_INFO)
  const tcp = info === undefined ? undefined : findAttribute(info, TCP_INFO)
  return tcp === undefined ? undefined : findAttribute(tcp, TCP_STATE)?.readUInt8(0)
}

const NANOSECONDS_IN_MILLI = 1_000_000n

function startIn(payload: Buffer): Instant | undefined {
  const stamp = findAttribute(payload, TIMESTAMP)
  const started = stamp === undefined ? undefined : findAttribute(stamp, STARTED)
  return started === undefined ? undefined : Number(started.readBigUInt64BE(0) / NANOSECONDS_IN_MILLI)
}

function markAsCut(fd: number, asking: Asking, { tuple, peer }: TrackedFlow): void {
  asking.sequence += 1
  const attributes = [tuple, uint32(MARK, CUT_MARK), uint32(MARK_MASK, CUT_MARK)]
  const family = FAMILY_NUMBERS[peer.family]
  sendToKernel(fd, request({ type: NEW, flags: NLM_F_ACK, sequence: asking.sequence, family, attributes }))
  for (const message of messagesIn(receiveNow(fd, asking.buffer))) {
    if (message.type !== NLMSG_ERROR || message.sequence !== asking.sequence) continue
    const errno = errnoOf(message.payload)
    if (errno !== 0 && errno !== ENOENT) throw new SystemCallError('cutting a connection', errno)
  }
}
