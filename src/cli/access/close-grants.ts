/** Closes grants of one request before their time, and waits until they are seen shut. */
import type { WireGrant, WireRequest } from '../../contract/request.ts'
import { SECOND } from '../../domain/time.ts'
import { asRequest } from '../calls/answers.ts'
import { readRequest } from '../names/directory.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { LIVE } from '../show/grant-columns.ts'
import type { Session } from '../session.ts'
import { waitFor } from './wait-for.ts'

export interface RequestPart {
  readonly request: WireRequest
  /** What of it is to be closed. */
  readonly grants: readonly WireGrant[]
}

export interface Closing {
  readonly session: Session
  /** False: until the server knows. */
  readonly wait: boolean
  readonly signal: AbortSignal
}

const PATIENCE = 60 * SECOND

export async function closeGrants({ request, grants }: RequestPart, closing: Closing): Promise<WireGrant[]> {
  const { session, wait, signal } = closing
  const { client, io } = session
  const ids = new Set(grants.map(({ id }) => id))
  const mine = (seen: WireRequest): WireGrant[] => seen.grants.filter(({ id }) => ids.has(id))
  const path = `/api/v1/requests/${request.id}/close`
  const first = asRequest((await client.call({ method: 'POST', path, body: { grants: [...ids] } })).body)
  if (!wait) return mine(first)
  const { seen, ended } = await waitFor({
    io,
    signal,
    first,
    deadline: io.now() + PATIENCE,
    again: (abort) => readRequest(client, request.id, abort),
    isDone: (current) => mine(current).every(({ state }) => !LIVE.has(state)),
    describe: () => `waiting until request ${request.id} is shut`,
  })
  if (ended === 'done') return mine(seen)
  throw new Failure(
    ended === 'timed out' ? EXIT.timedOut : EXIT.interrupted,
    `request ${request.id} is being closed, but is not seen shut yet`,
    { remedy: `sallyport request show ${request.id}` },
  )
}
