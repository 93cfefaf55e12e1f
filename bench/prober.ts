/**
 * Sends small UDP packets at a steady pace, each with the time at which it was sent, from any address of the operator's
 * namespace. The listener on the host sees which of them were let in. UDP that is never answered stays NEW to
 * conntrack, so every single packet is judged by the guard.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { monotonic } from './monotonic.ts'
import { summaryOf, type Summary } from './summary.ts'
import { serveCalls } from './worker.ts'

/** Times by the monotonic clock, in milliseconds. Several with one id follow each other. */
export interface Flow {
  readonly id: number
  readonly source: string
  readonly host: string
  readonly port: number
  readonly from: number
  readonly until: number
  readonly every: number
}

const PACKET_BYTES = 12

interface Running extends Flow {
  readonly socket: Socket
  next: number
}

const sockets = new Map<string, Socket>()
/** Of each flow: when its packets were stamped, and when the kernel had taken them. */
const sent = new Map<number, { readonly times: number[]; readonly taken: number[] }>()
let running: Running[] = []
let isSending = false

/** Waits here, not in the event loop: its timers know whole milliseconds only. */
const clock = new Int32Array(new SharedArrayBuffer(4))
const LONGEST_WAIT = 1

export const api = {
  /** Resolves once the sources are bound and the first packet of every flow that has begun is on its way. */
  add: async ({ flows }: { flows: readonly Flow[] }): Promise<number> => {
    for (const flow of flows) running.push({ ...flow, socket: await socketOf(flow), next: flow.from })
    if (!isSending) void send()
    await turn()
    return monotonic()
  },
  drop: ({ ids }: { ids: readonly number[] }): void => {
    const dropped = new Set(ids)
    running = running.filter((flow) => !dropped.has(flow.id))
  },
  /** Of each flow: when the first packet after that time was sent, and how many were sent up to it. */
  around: ({
    flows,
  }: {
    flows: readonly { id: number; first: number; last: number }[]
  }): { next: number | null; between: number }[] =>
    flows.map(({ id, first, last }) => {
      const times = sent.get(id)?.times ?? []
      return {
        next: times.find((time) => time > last) ?? null,
        between: times.filter((time) => time >= first && time <= last).length,
      }
    }),
  /** When the kernel had taken the packet that was stamped so. */
  taken: ({ id, stamped }: { id: number; stamped: number }): number => {
    const flow = sent.get(id)
    const index = flow?.times.indexOf(stamped) ?? -1
    return flow?.taken[index] ?? Number.NaN
  },
  /** How far apart the packets of these flows really were, where they were meant to be this far apart. */
  pace: ({ ids, below }: { ids: readonly number[]; below: number }): Summary =>
    summaryOf(ids.flatMap((id) => gaps(sent.get(id)?.times ?? [])).filter((gap) => gap < below)),
  forget: (): void => {
    running = []
    sent.clear()
    for (const socket of sockets.values()) socket.close()
    sockets.clear()
  },
}

export type ProberApi = typeof api

/** Connected: a packet is then handed to the kernel at once, and not in a later turn of the event loop. */
async function socketOf({ source, host, port }: Flow): Promise<Socket> {
  const key = `${source} ${port}`
  const known = sockets.get(key)
  if (known !== undefined) return known
  const socket = createSocket('udp4')
  sockets.set(key, socket)
  socket.bind({ address: source, port: 0 })
  await once(socket, 'listening')
  socket.connect(port, host)
  await once(socket, 'connect')
  return socket
}

async function send(): Promise<void> {
  isSending = true
  while (running.length > 0) {
    const next = sendDue(monotonic())
    running = running.filter((flow) => flow.next <= flow.until)
    const wait = Math.min(next - monotonic(), LONGEST_WAIT)
    if (wait > 0) Atomics.wait(clock, 0, 0, wait)
    await turn()
  }
  isSending = false
}

/** Sends what is due; when to look again. A late packet does not make the next ones early. */
function sendDue(now: number): number {
  let earliest = Number.POSITIVE_INFINITY
  for (const flow of running) {
    if (flow.next <= now) {
      sendOne(flow)
      flow.next = Math.max(flow.next + flow.every, now + flow.every / 2)
    }
    earliest = Math.min(earliest, flow.next)
  }
  return earliest
}

function sendOne({ id, socket }: Running): void {
  const known = sent.get(id)
  const flow = known ?? { times: [], taken: [] }
  if (known === undefined) sent.set(id, flow)
  const packet = Buffer.allocUnsafe(PACKET_BYTES)
  packet.writeUInt32LE(id, 0)
  const now = monotonic()
  packet.writeDoubleLE(now, 4)
  socket.send(packet, refused)
  flow.taken.push(monotonic())
  flow.times.push(now)
}

/** A packet that the kernel did not send is one that was not let in, which is what is being looked for. */
function refused(): void {}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? time))
}

serveCalls(import.meta.filename, api)
