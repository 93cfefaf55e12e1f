/** How to get to an open port: through the firewall before the machine where there is one, else at its own address. */
import type { Reach } from '../domain/access/reach.ts'
import type { WireMachine } from './machine.ts'
import type { WireGrant } from './request.ts'

type OpenPort = Pick<WireGrant, 'port' | 'publicIpAddress' | 'mappedPort'>
type Addressed = Pick<WireMachine, 'name' | 'publicAddresses' | 'privateAddresses'>

/** Where to connect to. */
export function reachOf(machine: Addressed, { port, publicIpAddress, mappedPort }: OpenPort): Reach {
  const own = machine.publicAddresses[0] ?? machine.privateAddresses[0] ?? machine.name
  return { publicIpAddress: publicIpAddress ?? own, mappedPort: mappedPort ?? port }
}

/** Stands where the name on the machine is not known. */
export const SOMEBODY = 'user'

/** The line that a person types next, for the usual management ports, with the name that the person has there. */
export function connectLine(
  machine: Addressed,
  { user = SOMEBODY, ...open }: OpenPort & { user?: string | undefined },
): string {
  const { publicIpAddress: address, mappedPort: at } = reachOf(machine, open)
  const bare = address.includes(':') ? `[${address}]` : address
  switch (open.port) {
    case 22:
      return at === 22 ? `ssh ${user}@${address}` : `ssh -p ${at} ${user}@${address}`
    case 3389:
      return `mstsc /v:${at === 3389 ? address : `${bare}:${at}`}`
    case 5985:
      return `Enter-PSSession ${address}${at === 5985 ? '' : ` -Port ${at}`}`
    case 5986:
      return `Enter-PSSession ${address}${at === 5986 ? '' : ` -Port ${at}`} -UseSSL`
    default:
      return `${bare}:${at}`
  }
}
