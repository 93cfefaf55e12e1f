/**
 * Sits on the protected ports of the host and notes which of the prober's packets were let in, by the times at which
 * they were sent: how quickly this process is woken changes nothing. It never answers.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { serveCalls } from './worker.ts'

export interface LetIn {
  /** When the first and the last packet that were let in had been sent. */
  readonly first: number
  readonly last: number
  readonly count: number
}

const seen = new Map<number, { first: number; last: number; count: number }>()
const waiting = new Map<number, (first: number) => void>()

export const api = {
  listen: async ({ ports }: { ports: readonly number[] }): Promise<void> => {
    for (const port of ports) {
      const socket = createSocket('udp4')
      socket.on('message', note)
      socket.bind(port, '0.0.0.0')
      await once(socket, 'listening')
      socket.setRecvBufferSize(4 << 20)
    }
  },
  /** When the first packet that was let in had been sent; null when none was within the patience, in milliseconds. */
  first: ({ id, patience }: { id: number; patience: number }): Promise<number | null> =>
    new Promise((resolve) => {
      const known = seen.get(id)
      if (known !== undefined) {
        resolve(known.first)
        return
      }
      const timer = setTimeout(() => finish(null), patience)
      const finish = (first: number | null): void => {
        clearTimeout(timer)
        waiting.delete(id)
        resolve(first)
      }
      waiting.set(id, finish)
    }),
  seen: ({ ids }: { ids: readonly number[] }): (LetIn | null)[] => ids.map((id) => seen.get(id) ?? null),
  forget: (): void => seen.clear(),
}

export type ListenerApi = typeof api

function note(packet: Buffer): void {
  const id = packet.readUInt32LE(0)
  const at = packet.readDoubleLE(4)
  const known = seen.get(id)
  if (known === undefined) seen.set(id, { first: at, last: at, count: 1 })
  else {
    known.first = Math.min(known.first, at)
    known.last = Math.max(known.last, at)
    known.count += 1
  }
  waiting.get(id)?.(at)
}

serveCalls(import.meta.filename, api)
