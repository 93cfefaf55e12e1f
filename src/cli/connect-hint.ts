/** The line that a person types next, for the usual management ports; otherwise where to connect. */
import type { WireMachine } from '../contract/machine.ts'

export function connectHint(
  machine: Pick<WireMachine, 'name' | 'publicAddresses' | 'privateAddresses'>,
  port: number,
): string {
  const address = machine.publicAddresses[0] ?? machine.privateAddresses[0] ?? machine.name
  switch (port) {
    case 22:
      return `ssh user@${address}`
    case 3389:
      return `mstsc /v:${address}`
    case 5985:
      return `Enter-PSSession ${address}`
    case 5986:
      return `Enter-PSSession ${address} -UseSSL`
    default:
      return `${address.includes(':') ? `[${address}]` : address}:${port}`
  }
}
