/** A gateway, two machines behind it, a client and a stranger, all real: namespaces, the driver in one, probes in the others. */
import { join } from 'node:path'
import type { Shield } from '../../src/domain/access/desired.ts'
import type { GatewaySettings } from '../../src/domain/hosts/gateway.ts'
import type { Opening } from '../../src/domain/access/hole.ts'
import type { Family } from '../../src/domain/net.ts'
import { readReaches, reachKey, type Reach } from '../../src/domain/access/reach.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { MINUTE } from '../../src/domain/time.ts'
import { aMachineId, anOpening, type OpeningSpec } from '../support/builders.ts'
import type { Backend, DriverWorker } from '../support/driver-worker.ts'
import { createGatewayLab, LINKS, PUBLIC, type GatewayLab, type GatewayPlace } from '../support/gateway-lab.ts'
import type { NetProbe } from '../support/net-probe.ts'
import { startRemote, type Remote } from '../support/remote.ts'

const support = join(import.meta.dirname, '..', 'support')

export interface GatewayStage {
  readonly lab: GatewayLab
  probe(place: GatewayPlace): Promise<Remote<NetProbe>>
  driver(settings?: GatewaySettings | 'no gateway', how?: How): Promise<Remote<DriverWorker>>
  nft(...args: readonly string[]): string
  nftFile(text: string): string
  remove(): Promise<void>
}

interface How {
  readonly backend?: Backend
  readonly ownTable?: 'auto' | 'off'
}

export function openGatewayStage(): GatewayStage {
  const lab = createGatewayLab()
  const remotes: { kill(): Promise<void> }[] = []
  const keep = async <Api>(starting: Promise<Remote<Api>>): Promise<Remote<Api>> => {
    const remote = await starting
    remotes.push(remote)
    return remote
  }
  return {
    lab,
    probe: (place) => keep(startRemote<NetProbe>(lab.name(place), join(support, 'net-probe.ts'))),
    driver: (settings = gatewayOf(), { backend = 'library', ownTable = 'auto' } = {}) => {
      const args = [backend, ownTable, ...(settings === 'no gateway' ? [] : [JSON.stringify(settings)])]
      return keep(startRemote<DriverWorker>(lab.name('gateway'), join(support, 'driver-worker.ts'), args))
    },
    nft: (...args) => lab.run('gateway', ['nft', ...args]),
    nftFile: (text) => lab.run('gateway', ['nft', '-f', '-'], text),
    remove: async () => {
      for (const remote of remotes) await remote.kill()
      lab.remove()
    },
  }
}

export const DB1 = aMachineId('db1')
export const DB2 = aMachineId('db2')

/** A small range: an attacker can try all of it. */
export function gatewayOf(changes: Partial<GatewaySettings> = {}): GatewaySettings {
  return {
    publicAddresses: [{ address: PUBLIC.v4 }, { address: PUBLIC.v6 }],
    mappedPorts: { from: 40_000, to: 40_007 },
    snat: false,
    machines: [
      { id: DB1, addresses: [LINKS.db1.peer, LINKS.db1.peer6] },
      { id: DB2, addresses: [LINKS.db2.peer, LINKS.db2.peer6] },
    ],
    ...changes,
  }
}

/** SSH on both machines. */
export const SHIELDS: readonly Shield[] = [DB1, DB2].map((machine) => ({
  machine,
  policy: 'databases',
  ports: [{ number: 22, protocol: 'TCP' }],
}))

/** From the client to SSH on a machine, until in a minute. */
export function aWayIn(spec: OpeningSpec = {}): Opening {
  return anOpening({ machine: DB1, protocol: 'TCP', from: LINKS.client.peer, until: Date.now() + MINUTE, ...spec })
}

/** Where people are told to go. */
export async function reachOf(
  driver: Remote<DriverWorker>,
  machine = DB1,
  { port = 22, family = 4 }: { port?: number; family?: Family } = {},
): Promise<Reach> {
  const reach = readReaches(await driver.call('journal')).get(reachKey(resourceKey(machine), port, family))
  if (reach === undefined) throw new Error(`nobody is told how to reach port ${port} of ${machine}`)
  return reach
}
