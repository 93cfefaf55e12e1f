/** Knocks at the peer from the operator's namespace: by its own client, or with packets that the client made before. */
import { createSocket } from 'node:dgram'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { monotonic } from './monotonic.ts'
import { serveCalls } from './worker.ts'

export const api = {
  /** Runs the client; when it began and when it had ended. */
  run: async ({ command }: { command: readonly string[] }): Promise<{ began: number; ended: number }> => {
    const [program = '', ...options] = command
    const began = monotonic()
    const child = spawn(program, options, { stdio: 'ignore' })
    const [code] = (await once(child, 'exit')) as [number | null] // the event's own arguments
    if (code !== 0) throw new Error(`${program} ended with ${code}`)
    return { began, ended: monotonic() }
  },
  /** Sends them at this pace, in milliseconds; when each was sent. */
  send: async ({ packets, host, port, every }: Paced): Promise<number[]> => {
    const socket = createSocket('udp4')
    const begun = monotonic()
    const times: number[] = []
    for (const [index, packet] of packets.entries()) {
      await pause(Math.max(0, begun + index * every - monotonic()))
      times.push(monotonic())
      socket.send(packet, port, host)
    }
    await pause(10)
    socket.close()
    return times
  },
}

export interface Paced {
  readonly packets: readonly string[]
  readonly host: string
  readonly port: number
  readonly every: number
}

export type KnockerApi = typeof api

serveCalls(import.meta.filename, api)
