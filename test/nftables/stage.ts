/** A protected host with a friend and a stranger, all real: namespaces, a driver in one, probes in the others. */
import { join } from 'node:path'
import type { Shield } from '../../src/domain/access/desired.ts'
import { slotsOf, type Opening } from '../../src/domain/access/hole.ts'
import type { Protocol } from '../../src/domain/net.ts'
import { MINUTE, type Instant } from '../../src/domain/time.ts'
import { aMachineId, anOpening } from '../support/builders.ts'
import type { Backend, DriverWorker, PassInput } from '../support/driver-worker.ts'
import type { NetProbe } from '../support/net-probe.ts'
import { createNetworkLab, type NetworkLab, type Place } from '../support/network-lab.ts'
import { startRemote, type Remote, type RemoteOptions } from '../support/remote.ts'

const support = join(import.meta.dirname, '..', 'support')

export interface Stage {
  readonly lab: NetworkLab
  probe(place: Place): Promise<Remote<NetProbe>>
  /** A driver over the host's kernel, started when it is first asked for; another one after the first was killed. */
  driver(backend?: Backend, ownTable?: 'auto' | 'off'): Promise<Remote<DriverWorker>>
  /** Runs nft on the host, as an administrator would. */
  nft(...args: readonly string[]): string
  nftFile(text: string): string
  remove(): Promise<void>
}

/** `isUrgent` goes for everything on it. */
export function openStage(options: RemoteOptions = {}): Stage {
  const lab = createNetworkLab()
  const remotes: { kill(): Promise<void> }[] = []
  const probes = new Map<Place, Promise<Remote<NetProbe>>>()
  const keep = async <Api>(starting: Promise<Remote<Api>>): Promise<Remote<Api>> => {
    const remote = await starting
    remotes.push(remote)
    return remote
  }
  return {
    lab,
    probe: (place) => {
      const known =
        probes.get(place) ?? keep(startRemote<NetProbe>(lab.name(place), join(support, 'net-probe.ts'), [], options))
      probes.set(place, known)
      return known
    },
    driver: (backend = 'library', ownTable = 'auto') =>
      keep(
        startRemote<DriverWorker>(lab.name('host'), join(support, 'driver-worker.ts'), [backend, ownTable], options),
      ),
    nft: (...args) => lab.run('host', ['nft', ...args]),
    nftFile: (text) => lab.run('host', ['nft', '-f', '-'], text),
    remove: async () => {
      for (const remote of remotes) await remote.kill()
      lab.remove()
    },
  }
}

export function aShield(
  ...ports: readonly (number | { readonly number: number; readonly protocol: Protocol })[]
): Shield {
  return {
    machine: aMachineId(),
    policy: 'default',
    ports: ports.map((port) => (typeof port === 'number' ? { number: port, protocol: '*' as const } : port)),
  }
}

/** A grant from a source, by default until in a minute. */
export function aHole(
  from: string,
  spec: { port?: number; protocol?: Protocol; until?: Instant; grant?: string } = {},
): Opening {
  return anOpening({ from, until: Date.now() + MINUTE, ...spec })
}

export function everything(shields: readonly Shield[], ...openings: readonly Opening[]): PassInput {
  return { shields, openings, scope: 'all' }
}

/** Only what the openings touch, as a pass after a request looks. */
export function only(shields: readonly Shield[], ...openings: readonly Opening[]): PassInput {
  return { shields, openings, scope: new Set(openings.flatMap(slotsOf)) }
}
