/** Which live grants of which requests a command means: by the ids of requests, by machine, by port. */
import type { WireGrant } from '../../contract/request.ts'
import type { RequestPart } from './close-grants.ts'
import type { Client } from '../calls/client.ts'
import { findMachine, findRequest, newestRequests } from '../names/directory.ts'
import { refusedInput, usageFailure } from '../failure.ts'
import { LIVE } from '../show/grant-columns.ts'
import { parsePort, type PortAndProtocol } from '../options/port-option.ts'

export interface PartOptions {
  readonly machine?: string
  readonly port?: readonly string[]
}

const ALL = 100_000

/** `what` is what the command does with them, for its messages. */
export async function livePartsOf(
  typed: readonly string[],
  options: PartOptions,
  { client, what }: { readonly client: Client; readonly what: string },
): Promise<RequestPart[]> {
  const ports = portsOf(options)
  if (typed.length === 0 && options.machine === undefined) {
    throw usageFailure(`say what to ${what}: a request’s id, or --machine`, 'sallyport request list --live')
  }
  const machine = options.machine === undefined ? undefined : (await findMachine(client, options.machine)).id
  const requests =
    typed.length > 0
      ? await Promise.all(typed.map((id) => findRequest(client, id)))
      : (await newestRequests(client, { ...(machine === undefined ? {} : { machine }), live: true }, ALL)).items
  return requests.flatMap((request) => {
    const grants = request.grants.filter((grant) => isMeant(grant, machine, ports))
    return grants.length > 0 ? [{ request, grants }] : []
  })
}

function portsOf({ port = [] }: PartOptions): PortAndProtocol[] {
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
