/** Calls servers over HTTP from inside a namespace and takes the times: one call, a row of them, or as many as it can. */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { monotonic } from './monotonic.ts'
import { openConnection, type Connection, type Endpoint, type HttpCall, type Reply } from './connection.ts'
import { initiateCall, type Place } from './site.ts'
import { sourceAt } from './sources.ts'
import { serveCalls } from './worker.ts'

const connections = new Map<string, { readonly endpoint: Endpoint; readonly connection: Connection }>()

export interface Target {
  readonly name: string
  readonly host: string
  readonly port: number
  /** The token is read here, so that it is on no command line. */
  readonly tokenFile: string
}

export const api = {
  open: async ({ name, host, port, tokenFile }: Target): Promise<void> => {
    const endpoint = { host, port, token: readFileSync(tokenFile, 'utf8').trim() }
    connections.get(name)?.connection.close()
    connections.set(name, { endpoint, connection: await openConnection(endpoint) })
  },
  send: ({ name, call }: { name: string; call: HttpCall }): Promise<Reply> => target(name).connection.send(call),
  /** One after the other; how long each took, in milliseconds. Every status must be `status`. */
  time: async ({
    name,
    calls,
    status,
  }: {
    name: string
    calls: readonly HttpCall[]
    status: number
  }): Promise<number[]> => {
    const times: number[] = []
    for (const call of calls) times.push(timeOf(await target(name).connection.send(call), status))
    return times
  },
  /** One each `every` milliseconds, whether the one before was answered or not; all must be granted. */
  pace: async ({ name, calls, every }: { name: string; calls: readonly HttpCall[]; every: number }): Promise<void> => {
    const { endpoint } = target(name)
    const idle: Connection[] = []
    const begun = monotonic()
    const answers = calls.map(async (call, index) => {
      await pause(begun + index * every - monotonic())
      const connection = idle.pop() ?? (await openConnection(endpoint))
      timeOf(await connection.send(call), 202)
      idle.push(connection)
    })
    await Promise.all(answers)
    for (const connection of idle) connection.close()
  },
  /** As many callers, each with a connection of its own, each asking for one hole after the other, for so long. */
  rate: async ({ name, callers, seconds, place, firstSource, port, duration }: RateInput): Promise<Rate> => {
    const { endpoint } = target(name)
    const open = await Promise.all(Array.from({ length: callers }, () => openConnection(endpoint)))
    let source = firstSource
    const next = (): HttpCall => initiateCall(place, { source: sourceAt(source++), port, duration })
    const begun = monotonic()
    const ends = begun + seconds * 1_000
    const times = await Promise.all(open.map((connection) => timesUntil(connection, next, ends)))
    const took = monotonic() - begun
    for (const connection of open) connection.close()
    return { perSecond: (times.flat().length / took) * 1_000, times: times.flat() }
  },
}

export type CallerApi = typeof api

export interface RateInput {
  readonly name: string
  readonly callers: number
  readonly seconds: number
  readonly place: Place
  /** Every request is for the next source. */
  readonly firstSource: number
  readonly port: number
  readonly duration: string
}

export interface Rate {
  readonly perSecond: number
  /** Of each answer, in milliseconds. */
  readonly times: readonly number[]
}

function target(name: string): { readonly endpoint: Endpoint; readonly connection: Connection } {
  const known = connections.get(name)
  if (known === undefined) throw new Error(`no connection is called ${name}; open it first`)
  return known
}

function timeOf({ status, body, sentAt, answeredAt }: Reply, expected: number): number {
  if (status !== expected) throw new Error(`expected ${expected}, got ${status}: ${body.slice(0, 500)}`)
  return answeredAt - sentAt
}

async function timesUntil(connection: Connection, next: () => HttpCall, ends: number): Promise<number[]> {
  const times: number[] = []
  while (monotonic() < ends) times.push(timeOf(await connection.send(next()), 202))
  return times
}

serveCalls(import.meta.filename, api)
