/**
 * A gateway with two machines behind it, and a client and a stranger before it, each in a namespace and on a link of its
 * own. People know the gateway by public addresses; machines answer through it.
 */
import { addLink, addNamespace, exec, removeNamespace } from './network-lab.ts'

const PLACES = ['gateway', 'client', 'stranger', 'db1', 'db2'] as const

export type GatewayPlace = (typeof PLACES)[number]

export interface GatewayLab {
  name(place: GatewayPlace): string
  run(place: GatewayPlace, command: readonly string[], input?: string): string
  remove(): void
}

export const PUBLIC = { v4: '198.51.100.1', v6: 'fd77:100::1' } as const

/** The gateway's address on each link, and the other end's. */
export const LINKS = {
  client: { host: '10.77.1.1', peer: '10.77.1.2', host6: 'fd77:1::1', peer6: 'fd77:1::2' },
  stranger: { host: '10.77.2.1', peer: '10.77.2.2', host6: 'fd77:2::1', peer6: 'fd77:2::2' },
  db1: { host: '10.78.1.1', peer: '10.78.1.2', host6: 'fd78:1::1', peer6: 'fd78:1::2' },
  db2: { host: '10.78.2.1', peer: '10.78.2.2', host6: 'fd78:2::1', peer6: 'fd78:2::2' },
} as const

let count = 0

/** Needs root; throws where namespaces cannot be made. */
export function createGatewayLab(): GatewayLab {
  count += 1
  const prefix = `gw${process.pid}-${count}`
  const name = (place: GatewayPlace): string => `${prefix}-${place}`
  const remove = (): void => PLACES.forEach((place) => removeNamespace(name(place)))
  try {
    for (const place of PLACES) addNamespace(name(place))
    for (const [index, peer] of (['client', 'stranger', 'db1', 'db2'] as const).entries())
      addLink({ host: name('gateway'), peer: name(peer), index, addresses: LINKS[peer] })
    exec(['-n', name('gateway'), 'address', 'add', `${PUBLIC.v4}/32`, 'dev', 'lo'])
    exec(['-n', name('gateway'), 'address', 'add', `${PUBLIC.v6}/128`, 'dev', 'lo', 'nodad'])
  } catch (cause) {
    remove()
    throw new Error('expected to make network namespaces; the kernel tests need root and the package iproute2', {
      cause,
    })
  }
  return { name, run: (place, command, input) => exec(['netns', 'exec', name(place), ...command], input), remove }
}
