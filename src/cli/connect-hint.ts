/** The line that a person types next to get to an open port, through the firewall before the machine where there is one. */
import { connectLine } from '../contract/connect-line.ts'
import type { WireMachine } from '../contract/machine.ts'
import type { WireGrant } from '../contract/request.ts'

export function connectHint(
  machine: Pick<WireMachine, 'name' | 'publicAddresses' | 'privateAddresses'>,
  { port, publicIpAddress, mappedPort }: Pick<WireGrant, 'port' | 'publicIpAddress' | 'mappedPort'>,
): string {
  const own = machine.publicAddresses[0] ?? machine.privateAddresses[0] ?? machine.name
  return connectLine(publicIpAddress ?? own, port, mappedPort)
}
