/** `request close`: closes what requests opened before its time, and waits until it is shut. */
import type { Command } from 'commander'
import type { WireGrant, WireRequest } from '../../contract/request.ts'
import { parsePort, type PortAndProtocol } from '../port-option.ts'
import { SECOND } from '../../domain/time.ts'
import { allMachines, findRequest, newestRequests, pickMachine, readRequest } from '../directory.ts'
import { withExamples } from '../examples.ts'
import type { Client } from '../client.ts'
import { asRequest } from '../answers.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure, refusedInput, usageFailure } from '../failure.ts'
import { withGlobalOptions } from '../global-options.ts'
import { grantColumns, LIVE } from '../grant-columns.ts'
import type { Io } from '../io.ts'
import { repeatable } from '../repeatable.ts'
import { openSession, type Session } from '../session.ts'
import { interruptible, waitFor } from '../wait-for.ts'

interface CloseOptions {
  readonly machine?: string
  readonly port?: readonly string[]
  readonly wait: boolean
}

interface Part {
  readonly request: WireRequest
  /** What of it is to be closed: live, and of the machine and ports that were named. */
  readonly grants: readonly WireGrant[]
}

const PATIENCE = 60 * SECOND

export function addRequestClose(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('close')
      .description('close early what requests opened, and wait until it is shut')
      .argument('[request...]', 'ids, or the beginning of one (default: all live ones of --machine)')
      .option('-m, --machine <machine>', 'only on this machine')
      .option('-p, --port <port>', 'only this port; may be repeated', repeatable)
      .option('--wait', 'wait until it is shut', true)
      .option('--no-wait', 'return as soon as the server knows'),
  )
  withExamples(command, [
    { does: 'one request', line: 'sallyport request close 3f2b' },
    { does: 'everything open on web1', line: 'sallyport request close --machine web1' },
  ])
  command.action(async (typed: string[], options: CloseOptions) => {
    const session = openSession(command, io)
    const parts = await partsToClose(typed, options, session.client)
    const grants = await interruptible(io, (signal) => closeAll(parts, { session, options, signal }))
    await session.show({ data: grants, rows: grants, columns: grantColumns(io.now()) })
    if (grants.length === 0) session.say('Nothing of it is open; there was nothing to close.')
  })
}

async function partsToClose(typed: readonly string[], options: CloseOptions, client: Client): Promise<Part[]> {
  const ports = portsOf(options)
  if (typed.length === 0 && options.machine === undefined) {
    throw usageFailure('say what to close: a request’s id, or --machine', 'sallyport request list --live')
  }
  const machine = options.machine === undefined ? undefined : pickMachine(options.machine, await allMachines(client)).id
  const requests =
    typed.length > 0
      ? await Promise.all(typed.map((id) => findRequest(client, id)))
      : (await newestRequests(client, { ...(machine === undefined ? {} : { machine }), live: true }, 100_000)).items
  return requests.flatMap((request) => {
    const grants = request.grants.filter((grant) => isMeant(grant, machine, ports))
    return grants.length > 0 ? [{ request, grants }] : []
  })
}

function portsOf({ port = [] }: CloseOptions): PortAndProtocol[] {
  const parsed = port.map((text) => parsePort(text))
  const issues = parsed.flatMap((one) => (one.ok ? [] : one.refusals))
  if (issues.length > 0) throw refusedInput('the ports are not as expected', issues)
  return parsed.flatMap((one) => (one.ok ? [one.value] : []))
}

function isMeant(grant: WireGrant, machine: string | undefined, ports: readonly PortAndProtocol[]): boolean {
  const onMachine = machine === undefined || grant.machine.toLowerCase() === machine.toLowerCase()
  const ofPort = ports.length === 0 || ports.some(({ number }) => number === grant.port)
  return LIVE.has(grant.state) && onMachine && ofPort
}

interface Closing {
  readonly session: Session
  readonly options: CloseOptions
  readonly signal: AbortSignal
}

async function closeAll(parts: readonly Part[], closing: Closing): Promise<WireGrant[]> {
  const closed: WireGrant[] = []
  for (const part of parts) closed.push(...(await closePart(part, closing)))
  return closed
}

async function closePart({ request, grants }: Part, { session, options, signal }: Closing): Promise<WireGrant[]> {
  const { client, io } = session
  const ids = new Set(grants.map(({ id }) => id))
  const mine = (seen: WireRequest): WireGrant[] => seen.grants.filter(({ id }) => ids.has(id))
  const path = `/api/v1/requests/${request.id}/close`
  const first = asRequest((await client.call({ method: 'POST', path, body: { grants: [...ids] } })).body)
  if (!options.wait) return mine(first)
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
    {
      remedy: `sallyport request show ${request.id}`,
    },
  )
}
