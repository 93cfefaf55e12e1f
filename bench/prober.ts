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
const sent = new Map<number, number[]>()
let running: Running[] = []
let isSending = false

/** Waits here, not in the event loop: its timers know whole milliseconds only. */
const clock = new Int32Array(new SharedArrayBuffer(4))
const LONGEST_WAIT = 1

export const api = {
  /** Resolves once the sources are bound and the first packet of every flow that has begun is on its way. */
  add: async ({ flows }: { flows: readonly Flow[] }): Promise<number> => {
    for (const source of new Set(flows.map((flow) => flow.source))) await socketOf(source)
    for (const flow of flows) running.push({ ...flow, socket: await socketOf(flow.source), next: flow.from })
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
      const times = sent.get(id) ?? []
      return {
        next: times.find((time) => time > last) ?? null,
        between: times.filter((time) => time >= first && time <= last).length,
      }
    }),
  /** How far apart the packets of these flows really were, where they were meant to be this far apart. */
  pace: ({ ids, below }: { ids: readonly number[]; below: number }): Summary =>
    summaryOf(ids.flatMap((id) => gaps(sent.get(id) ?? [])).filter((gap) => gap < below)),
  forget: (): void => {
    running = []
    sent.clear()
    for (const socket of sockets.values()) socket.close()
    sockets.clear()
  },
}

export type ProberApi = typeof api

async function socketOf(source: string): Promise<Socket> {
  const known = sockets.get(source)
  if (known !== undefined) return known
  const socket = createSocket('udp4')
  sockets.set(source, socket)
  socket.on('error', () => {}) // a refused packet is what is being looked for
  socket.bind({ address: source, port: 0 })
  await once(socket, 'listening')
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

function sendOne({ id, socket, port, host }: Running): void {
  const packet = Buffer.allocUnsafe(PACKET_BYTES)
  packet.writeUInt32LE(id, 0)
  const now = monotonic()
  packet.writeDoubleLE(now, 4)
  socket.send(packet, port, host) // handed to the kernel before this returns
  const times = sent.get(id)
  if (times === undefined) sent.set(id, [now])
  else times.push(now)
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? time))
}

serveCalls(import.meta.filename, api)
