/**
 * A small network of real kernels' namespaces: a host to protect, a friend and a stranger on links of their own, and a
 * guest behind the host. Names carry the process id; nothing of it touches the machine's own namespace.
 */
import { execFileSync } from 'node:child_process'

export type Place = 'host' | 'friend' | 'stranger' | 'guest'

export interface NetworkLab {
  /** The namespace's name. */
  name(place: Place): string
  /** Runs a command there and gives its output; `input` goes to its standard input. */
  run(place: Place, command: readonly string[], input?: string): string
  remove(): void
}

/** The host's address on each link, and the other end's. */
export const ADDRESSES = {
  friend: { host: '10.77.1.1', peer: '10.77.1.2', host6: 'fd77:1::1', peer6: 'fd77:1::2' },
  stranger: { host: '10.77.2.1', peer: '10.77.2.2', host6: 'fd77:2::1', peer6: 'fd77:2::2' },
  guest: { host: '10.77.3.1', peer: '10.77.3.2', host6: 'fd77:3::1', peer6: 'fd77:3::2' },
} as const

let count = 0

/** Throws, with what to do, where namespaces cannot be made: these tests are never skipped in silence. */
export function createNetworkLab(): NetworkLab {
  if (process.getuid?.() !== 0) throw new Error('the kernel tests need root for network namespaces; run them with sudo')
  count += 1
  const prefix = `sp${process.pid}-${count}`
  const name = (place: Place): string => `${prefix}-${place}`
  const places = ['host', 'friend', 'stranger', 'guest'] as const
  const peers = ['friend', 'stranger', 'guest'] as const
  try {
    for (const place of places) addNamespace(name(place))
    for (const [index, peer] of peers.entries())
      addLink({ host: name('host'), peer: name(peer), index, addresses: ADDRESSES[peer] })
  } catch (cause) {
    for (const place of places) removeNamespace(name(place))
    throw new Error('expected to make network namespaces; the kernel tests need root and the package iproute2', {
      cause,
    })
  }
  return {
    name,
    run: (place, command, input) => exec(['netns', 'exec', name(place), ...command], input),
    remove: () => {
      for (const place of places) removeNamespace(name(place))
    },
  }
}

export function addNamespace(name: string): void {
  exec(['netns', 'add', name])
  exec(['-n', name, 'link', 'set', 'lo', 'up'])
  exec([
    'netns',
    'exec',
    name,
    'sysctl',
    '-qw',
    'net.ipv4.ip_forward=1',
    'net.ipv6.conf.all.forwarding=1',
    'net.ipv6.conf.all.accept_dad=0',
    'net.ipv6.conf.default.accept_dad=0',
  ])
}

export interface Link {
  readonly host: string
  readonly peer: string
  readonly index: number
  readonly addresses: { readonly host: string; readonly peer: string; readonly host6: string; readonly peer6: string }
}

export function addLink({ host, peer, index, addresses }: Link): void {
  exec(['-n', host, 'link', 'add', `to${index}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', peer])
  const ends = [
    { name: host, device: `to${index}`, address: addresses.host, address6: addresses.host6 },
    { name: peer, device: 'eth0', address: addresses.peer, address6: addresses.peer6 },
  ]
  for (const { name, device, address, address6 } of ends) {
    exec(['-n', name, 'address', 'add', `${address}/24`, 'dev', device])
    exec(['-n', name, 'address', 'add', `${address6}/64`, 'dev', device, 'nodad'])
    exec(['-n', name, 'link', 'set', device, 'up'])
  }
  exec(['-n', peer, 'route', 'add', 'default', 'via', addresses.host])
  exec(['-n', peer, '-6', 'route', 'add', 'default', 'via', addresses.host6])
}

export function removeNamespace(name: string): void {
  try {
    exec(['netns', 'delete', name])
  } catch {
    // it was never made
  }
}

export function exec(args: readonly string[], input?: string): string {
  return execFileSync('ip', args, {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  })
}
