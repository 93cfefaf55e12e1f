/**
 * Gets the caller to a port of a machine: an open hole of theirs is used again, else one is asked for; then the port is
 * knocked at until it really answers. What was opened for nothing is closed again.
 */
import type { Whoami } from '../../contract/installation.ts'
import type { WireMachine } from '../../contract/machine.ts'
import type { WireGrant, WireRequest } from '../../contract/request.ts'
import { parseIpPrefix, prefixContains } from '../../domain/net.ts'
import { parseInstant, SECOND } from '../../domain/time.ts'
import type { ParsedAccess } from '../options/access-options.ts'
import { requestsOf, type AccessWish } from '../access/access-wish.ts'
import { closeGrants } from '../access/close-grants.ts'
import { heeding } from '../calls/client.ts'
import { findPolicy, newestRequests, whoAmI } from '../names/directory.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { LIVE } from '../show/grant-columns.ts'
import { offersOf } from '../access/machine-offers.ts'
import { initiate, waitForOpen } from '../access/open-access.ts'
import type { Place } from '../outside.ts'
import type { Session } from '../session.ts'
import { sourcesFor } from '../options/sources-for.ts'
import { isHost } from './is-host.ts'
import { knockUntilOpen } from './knock.ts'
import type { ReachOptions } from './reach-options.ts'

export interface Wanted {
  readonly session: Session
  readonly machine: WireMachine
  readonly port: number
  readonly parsed: ParsedAccess
  readonly options: ReachOptions
  readonly signal: AbortSignal
}

export interface Reached {
  readonly place: Place
  /** What was asked for just now; undefined when a hole was there, or none is needed. */
  readonly opened: WireRequest | undefined
}

export async function reachMachine(wanted: Wanted): Promise<Reached> {
  const { session, machine, port } = wanted
  const isProtected = machine.ports.some(({ number }) => number === port)
  if (!isProtected) session.say(`No policy protects port ${port} of ${machine.name}; connecting as it is.`)
  const hole = isProtected ? await ownHole(wanted) : undefined
  if (hole !== undefined) session.say(`Port ${port} of ${machine.name} is open for you already.`)
  const opened = isProtected && hole === undefined ? await askFor(wanted) : undefined
  try {
    const seen = opened === undefined ? hole : await expectOpen(opened, wanted)
    return { place: await knockUntilOpen(placesOf(wanted, seen), wanted), opened }
  } catch (error) {
    if (opened !== undefined) await takeBack(opened, wanted)
    throw error
  }
}

/** Too short a rest is not worth beginning with. */
const LEAST_REST = 30 * SECOND

/** Somebody else's hole may let the caller in too, but it is theirs to close. */
async function ownHole({ session, machine, port, signal }: Wanted): Promise<WireGrant | undefined> {
  const { client, io } = session
  const me = await whoAmI(client)
  const { items } = await newestRequests(heeding(client, signal), { machine: machine.id, live: true }, 1_000)
  return items
    .filter((request) => isBy(request, me))
    .flatMap(({ grants }) => grants)
    .find(
      (grant) => isFor(grant, { machine: machine.id, port, from: me.address }) && restOf(grant, io.now()) > LEAST_REST,
    )
}

/** Without an id, as the bootstrap administrator is, by the name; without that too, whoever asks from here. */
function isBy({ requestor, requestorId, address }: WireRequest, { name, principals, address: here }: Whoami): boolean {
  if (requestorId !== undefined) return requestorId === principals[0]
  return requestor === name && (requestor !== '' || address === here)
}

interface Way {
  readonly machine: string
  readonly port: number
  readonly from: string
}

function isFor(grant: WireGrant, { machine, port, from }: Way): boolean {
  const isThere = grant.machine.toLowerCase() === machine.toLowerCase() && grant.port === port
  const isTcp = grant.protocol === 'TCP' || grant.protocol === '*'
  return isThere && isTcp && grant.state === 'open' && grant.sources.some((source) => lets(source, from))
}

function lets(source: string, address: string): boolean {
  if (source === '*') return true
  const [whole, part] = [parseIpPrefix(source), parseIpPrefix(address)]
  return whole.ok && part.ok && prefixContains(whole.value, part.value)
}

function restOf({ until }: WireGrant, now: number): number {
  const end = parseInstant(until)
  return end.ok ? end.value - now : 0
}

async function askFor(wanted: Wanted): Promise<WireRequest> {
  const { session, machine, parsed, options, signal } = wanted
  const wish: AccessWish = {
    machines: [await offersOf(machine, heeding(session.client, signal))],
    ports: [{ number: wanted.port, protocol: 'TCP' }],
    time: parsed.time,
    sources: await sourcesFor(parsed.from, [machine], session),
    justification: options.justification,
    policy: options.policy === undefined ? undefined : (await findPolicy(session.client, options.policy)).id,
  }
  const [request] = requestsOf(wish)
  if (request === undefined) throw new Failure(EXIT.server, 'nothing was asked for')
  return initiate(session.client, request, signal)
}

async function expectOpen(
  opened: WireRequest,
  { session, parsed, signal, machine, port }: Wanted,
): Promise<WireGrant | undefined> {
  const machines = [machine]
  const { seen, ended } = await waitForOpen(opened, { session, machines, timeout: parsed.timeout, signal })
  if (ended === 'interrupted') throw new Failure(EXIT.interrupted, 'interrupted')
  if (ended === 'timed out') throw new Failure(EXIT.timedOut, `port ${port} of ${machine.name} was not open in time`)
  const failed = seen.grants.find(({ state }) => state !== 'open')
  if (failed !== undefined)
    throw new Failure(EXIT.server, `port ${port} of ${machine.name} was not opened: ${failed.detail ?? failed.state}`)
  return seen.grants.find((grant) => grant.port === port)
}

/**
 * Through the firewall before it if there is one; else its public addresses first: a private one may be another machine's
 * in the network that the caller is in.
 */
function placesOf({ machine, port, options }: Wanted, grant: WireGrant | undefined): Place[] {
  if (options.address !== undefined) return [{ address: options.address, port }]
  const { publicIpAddress, mappedPort } = grant ?? {}
  if (publicIpAddress !== undefined && mappedPort !== undefined) return [{ address: publicIpAddress, port: mappedPort }]
  const known = [...new Set([...machine.publicAddresses, ...machine.privateAddresses])].filter(isHost)
  if (known.length === 0 && !isHost(machine.name)) {
    throw new Failure(EXIT.usage, `no address of ${machine.name} is known`, { remedy: '--address ADDRESS' })
  }
  return (known.length > 0 ? known : [machine.name]).map((address) => ({ address, port }))
}

/** With a signal of its own: Ctrl-C is why it is taken back. */
async function takeBack(opened: WireRequest, { session, options }: Wanted): Promise<void> {
  const grants = opened.grants.filter(({ state }) => LIVE.has(state))
  const toClose = `to close it: sallyport request close ${opened.id}`
  if (options.keep === true) return session.say(`What was asked for stays; ${toClose}`)
  try {
    await closeGrants({ request: opened, grants }, { session, wait: false, signal: new AbortController().signal })
    session.say(`What was asked for is closed again (request ${opened.id}).`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    session.say(`warning: what was asked for may stay open until its end; ${toClose}`)
  }
}
