/** Looks at requests again and again and shows them, until none is live. A server that is away for a moment is asked again. */
import type { WireRequest } from '../../contract/request.ts'
import { SECOND, type Millis } from '../../domain/time.ts'
import { findRequest, newestRequests, readRequest } from '../names/directory.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { LIVE } from '../show/grant-columns.ts'
import type { Session } from '../session.ts'

export interface WatchView {
  /** `note` is about the watching itself. */
  show(requests: readonly WireRequest[], note: string): Promise<void>
}

export interface Watching {
  readonly session: Session
  /** Ids of requests, or their beginnings; empty: all that are live, and those to come. */
  readonly typed: readonly string[]
  /** The whole id of a machine. */
  readonly machine: string | undefined
  readonly interval: Millis
  readonly view: WatchView
  readonly signal: AbortSignal
}

/** More than a person follows. */
const MOST = 1_000
/** A countdown moves at least so often. */
const LONGEST_STILLNESS: Millis = SECOND

export async function watchRequests(watching: Watching): Promise<'over' | 'nothing' | 'interrupted'> {
  const { session, view, signal } = watching
  let seen = await firstLook(watching).catch((error: unknown) => {
    if (signal.aborted) return undefined
    throw error
  })
  if (seen === undefined) return 'interrupted'
  for (;;) {
    await view.show(seen, '')
    if (seen.length === 0) return 'nothing'
    if (!seen.some(isLive)) return 'over'
    if (await rested(watching, seen)) return 'interrupted'
    try {
      seen = await lookAgain(seen, watching)
    } catch (error) {
      if (signal.aborted) return 'interrupted'
      if (!(error instanceof Failure) || error.exit !== EXIT.server) throw error
      await view.show(seen, `${session.client.url} does not answer; asking again`)
    }
  }
}

/** True when somebody pressed Ctrl-C. */
async function rested({ session, interval, view, signal }: Watching, seen: readonly WireRequest[]): Promise<boolean> {
  const end = session.io.now() + interval
  while (session.io.now() < end && !signal.aborted) {
    await session.io.pause(Math.min(LONGEST_STILLNESS, end - session.io.now()), signal)
    await view.show(seen, '')
  }
  return signal.aborted
}

function firstLook({ session: { client }, typed, machine, signal }: Watching): Promise<WireRequest[]> {
  return typed.length === 0
    ? liveOnes({ client, machine, signal })
    : Promise.all(typed.map((id) => findRequest(client, id)))
}

/** What is over stays on the screen with how it ended. */
async function lookAgain(seen: readonly WireRequest[], watching: Watching): Promise<WireRequest[]> {
  const { session, typed, machine, signal } = watching
  const { client } = session
  const live = typed.length === 0 ? await liveOnes({ client, machine, signal }) : []
  const known = new Map(live.map((request) => [request.id, request]))
  const again = seen.map(async (request) => {
    if (!isLive(request)) return request
    return known.get(request.id) ?? (await readRequest(client, request.id, signal))
  })
  const before = await Promise.all(again)
  const fresh = live.filter(({ id }) => seen.every((request) => request.id !== id))
  return [...fresh, ...before]
}

interface Looking extends Pick<Watching, 'machine' | 'signal'> {
  readonly client: Session['client']
}

async function liveOnes({ client, machine }: Looking): Promise<WireRequest[]> {
  return (await newestRequests(client, { ...(machine === undefined ? {} : { machine }), live: true }, MOST)).items
}

function isLive({ grants }: WireRequest): boolean {
  return grants.some(({ state }) => LIVE.has(state))
}
