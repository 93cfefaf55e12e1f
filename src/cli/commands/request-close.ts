/** `request close`: closes what requests opened before its time, and waits until it is shut. */
import type { Command } from 'commander'
import type { WireGrant } from '../../contract/request.ts'
import { parsePort, type PortAndProtocol } from '../port-option.ts'
import { allMachines, findRequest, newestRequests, pickMachine } from '../directory.ts'
import { closeGrants, type Closing, type RequestPart } from '../close-grants.ts'
import { withExamples } from '../examples.ts'
import type { Client } from '../client.ts'
import { refusedInput, usageFailure } from '../failure.ts'
import { withGlobalOptions } from '../global-options.ts'
import { grantColumns, LIVE } from '../grant-columns.ts'
import type { Io } from '../io.ts'
import { repeatable } from '../repeatable.ts'
import { openSession } from '../session.ts'
import { interruptible } from '../wait-for.ts'

interface CloseOptions {
  readonly machine?: string
  readonly port?: readonly string[]
  readonly wait: boolean
}

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
    const grants = await interruptible(io, (signal) => closeAll(parts, { session, wait: options.wait, signal }))
    await session.show({ data: grants, rows: grants, columns: grantColumns(io.now()) })
    if (grants.length === 0) session.say('Nothing of it is open; there was nothing to close.')
  })
}

async function partsToClose(typed: readonly string[], options: CloseOptions, client: Client): Promise<RequestPart[]> {
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

async function closeAll(parts: readonly RequestPart[], closing: Closing): Promise<WireGrant[]> {
  const closed: WireGrant[] = []
  for (const part of parts) closed.push(...(await closeGrants(part, closing)))
  return closed
}
