/**
 * Sends what is wanted, one request for each policy, waits until the server has seen it open, and shows it with the line
 * to connect by. One policy's refusal does not take back what another has opened: the exit code says so.
 */
import { connectLine } from '../../contract/connect-line.ts'
import type { WireMachine } from '../../contract/machine.ts'
import type { WireGrant, WireRequest } from '../../contract/request.ts'
import type { Millis } from '../../domain/time.ts'
import { requestsOf, type AccessWish, type PolicyRequest } from './access-wish.ts'
import { ARM_VERSION, type Client } from '../calls/client.ts'
import { readRequest } from '../names/directory.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { describeFailure, Failure } from '../failure.ts'
import { grantColumns, portText } from '../show/grant-columns.ts'
import { namesApart, type NameOf } from '../show/machine-names.ts'
import type { Session } from '../session.ts'
import { waitFor, type Waited } from './wait-for.ts'

export interface Opening {
  readonly session: Session
  readonly wish: AccessWish
  readonly wait: boolean
  readonly timeout: Millis
  readonly signal: AbortSignal
}

interface Outcome {
  readonly requests: readonly WireRequest[]
  readonly refused: readonly Failure[]
  readonly ended: Waited<unknown>['ended']
  readonly called: NameOf
}

export async function openAccess(opening: Opening): Promise<void> {
  const { session, wish } = opening
  const sent = await sendAll(opening)
  const machines = wish.machines.map(({ machine }) => machine)
  const watched = opening.wait ? sent.requests : []
  const waited = await Promise.all(watched.map((request) => waitForOpen(request, { ...opening, machines })))
  const requests = opening.wait ? waited.map(({ seen }) => seen) : sent.requests
  await showOpened(session, machines, requests)
  const worst = waited.find(({ ended }) => ended !== 'done')?.ended ?? 'done'
  conclude({ requests, refused: sent.refused, ended: worst, called: namesApart(machines) }, opening)
}

async function sendAll({ session, wish, signal }: Opening): Promise<{ requests: WireRequest[]; refused: Failure[] }> {
  const requests: WireRequest[] = []
  const refused: Failure[] = []
  const asked = requestsOf(wish)
  for (const request of asked) {
    try {
      requests.push(await initiate(session.client, request, signal))
    } catch (error) {
      if (signal.aborted) throw interruptedWhileSending(error)
      if (!(error instanceof Failure) || asked.length === 1) throw error
      refused.push(error)
    }
  }
  const [first] = refused
  if (first !== undefined && requests.length === 0) throw first
  return { requests, refused }
}

/** The answer's Location ends in the request's id: the original's own body has none. */
export async function initiate(
  client: Client,
  { policy, body }: PolicyRequest,
  signal: AbortSignal,
): Promise<WireRequest> {
  const path = `${policy}/initiate`
  const answer = await client.call({ method: 'POST', path, query: { 'api-version': ARM_VERSION }, body, signal })
  const location = answer.headers.get('location') ?? ''
  const id = new URL(location, client.url).pathname.split('/').at(-1) ?? ''
  if (id !== '') return readRequest(client, id, signal)
  throw new Failure(EXIT.server, 'the request is accepted, but the answer does not say which it is', {
    remedy: 'sallyport request list --live',
  })
}

function interruptedWhileSending(cause: unknown): Failure {
  return new Failure(EXIT.interrupted, 'interrupted before the server answered; the request may have been made', {
    remedy: 'sallyport request list --live, and sallyport request close',
    cause,
  })
}

interface AskedFor {
  readonly machines: readonly WireMachine[]
}

export function waitForOpen(
  first: WireRequest,
  { session, machines, timeout, signal }: Pick<Opening, 'session' | 'timeout' | 'signal'> & AskedFor,
): Promise<Waited<WireRequest>> {
  const called = namesApart(machines)
  return waitFor({
    io: session.io,
    deadline: session.io.now() + timeout,
    signal,
    first,
    again: (abort) => readRequest(session.client, first.id, abort),
    isDone: ({ grants }) => grants.every((grant) => !isOnTheWay(grant)),
    describe: ({ id, grants }) =>
      `waiting for ${grants
        .filter(isOnTheWay)
        .map((grant) => placeText(grant, called))
        .join(', ')} to open (request ${id})`,
  })
}

function isOnTheWay({ state }: WireGrant): boolean {
  return state === 'opening' || state === 'awaiting'
}

function placeText({ machine, port, protocol }: WireGrant, nameOf: NameOf): string {
  return `${nameOf(machine)}:${portText(port, protocol)}`
}

async function showOpened(
  session: Session,
  machines: readonly WireMachine[],
  requests: readonly WireRequest[],
): Promise<void> {
  const rows = requests.flatMap(({ grants }) => grants)
  const byId = new Map(machines.map((machine) => [machine.id.toLowerCase(), machine]))
  const hint = (grant: WireGrant): string => {
    const machine = byId.get(grant.machine.toLowerCase())
    return machine === undefined || grant.state !== 'open' ? '' : connectLine(machine, grant)
  }
  const columns = [...grantColumns(session.io.now(), namesApart(machines)), { title: 'CONNECT', text: hint }]
  await session.show({ data: requests.length === 1 ? requests[0] : requests, rows, columns })
}

/** Says on stderr what came of it; anything but everything open is a failure with its own exit code. */
function conclude({ requests, refused, ended, called }: Outcome, { session, wait }: Opening): void {
  const ids = requests.map(({ id }) => id)
  const close = `sallyport request close ${ids.join(' ')}`
  for (const failure of refused) for (const line of describeFailure(failure)) session.say(line)
  if (ended === 'interrupted')
    throw new Failure(EXIT.interrupted, `interrupted; the request ${ids.join(', ')} stays`, { remedy: close })
  const grants = requests.flatMap((request) => request.grants)
  const open = grants.filter(({ state }) => state === 'open').length
  const failed = grants.filter(({ state }) => state === 'failed' || state === 'closed' || state === 'closing')
  if (ended === 'timed out') {
    throw new Failure(EXIT.timedOut, `not open yet; the request ${ids.join(', ')} stays and goes on`, {
      remedy: `sallyport request show ${ids[0] ?? ''}, or to take it back: ${close}`,
    })
  }
  if (failed.length > 0 || refused.length > 0) throw notAllOpen(open, failed, { refused, called })
  session.say(
    wait ? `Open. To close it early: ${close}` : `Accepted. To see it open: sallyport request show ${ids.join(' ')}`,
  )
}

function notAllOpen(
  open: number,
  failed: readonly WireGrant[],
  { refused, called }: Pick<Outcome, 'refused' | 'called'>,
): Failure {
  const exit: ExitCode = open > 0 || refused.length > 0 ? EXIT.partly : EXIT.server
  const details = failed.map((grant) => ({
    code: 'NotOpened',
    message: `${placeText(grant, called)}: ${grant.detail ?? `${grant.state} (${grant.reason})`}`,
  }))
  const message = open > 0 ? 'only a part was opened' : 'nothing was opened'
  return new Failure(exit, message, { details, remedy: 'sallyport doctor, which says what is wrong on the server' })
}
