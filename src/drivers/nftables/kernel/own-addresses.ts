/** The addresses of this host by which others can reach it: neither loopback nor those that mean something on one link only. */
import { networkInterfaces } from 'node:os'

export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
  return all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:')).map(({ address }) => address)
}
