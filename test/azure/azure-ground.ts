/**
 * Azure's side of the product, connected to the double over HTTPS with Microsoft's own libraries. Time stands still
 * until a test moves it or the product waits: a wait takes as long as it says, at once.
 */
import { readFile } from 'node:fs/promises'
import type { CloudDeps, OpenConnection } from '../../src/app/ports/clouds.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { AzureSettings } from '../../src/domain/clouds/connection.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { DAY, HOUR, type Instant, type Millis } from '../../src/domain/time.ts'
import { openAzure, type AzureSide } from '../../src/drivers/azure/open-azure.ts'
import type { ArmDouble, DoubleInput } from '../arm-double/arm-double.ts'
import { OWNER, SUBSCRIPTION, TENANT } from '../arm-double/estate.ts'
import { startDouble, type RunningDouble } from '../arm-double/running-double.ts'
import { aMachineId, NOON } from '../support/builders.ts'

class MovableClock {
  #now: Instant = NOON

  now(): Instant {
    return this.#now
  }

  move(millis: Millis): void {
    this.#now += millis
  }
}

export interface AzureGround {
  readonly double: ArmDouble
  /** Somebody else, at work with Microsoft's own client. */
  readonly network: RunningDouble['network']
  readonly clock: Pick<MovableClock, 'now' | 'move'>
  readonly connection: OpenConnection
  readonly side: AzureSide
  stop(): Promise<void>
}

export async function startAzure(input: Partial<DoubleInput> = {}): Promise<AzureGround> {
  const clock = new MovableClock()
  // The library renews tokens by the real time, which stands still beside ours.
  const running = await startDouble({ clock, tokenLife: DAY, ...input })
  const connection = aConnection({ url: running.url, ca: await readFile(running.authorityFile, 'utf8') })
  const deps: CloudDeps = { clock, log: { error: () => {}, warn: () => {}, info: () => {} } }
  const sleep = async (millis: Millis, signal: AbortSignal): Promise<void> => {
    clock.move(millis)
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
  const side = openAzure(deps, { sleep })
  await side.connect([connection])
  return {
    double: running.double,
    network: running.network,
    clock,
    connection,
    side,
    stop: async () => {
      await side.close()
      await running.stop()
    },
  }
}

interface Place {
  readonly url: string
  readonly ca: string
  readonly settings?: Partial<AzureSettings>
  readonly secret?: string
}

export function aConnection({ url, ca, settings = {}, secret = OWNER.secret ?? '' }: Place): OpenConnection {
  const id = aMachineId('azure', { type: 'Microsoft.Security/securityConnectors' })
  return {
    id,
    key: resourceKey(id),
    name: 'azure',
    settings: {
      kind: 'azure',
      drift: 'repair',
      refreshEvery: HOUR,
      cloud: { name: 'custom', endpoint: url, authority: url, ca },
      tenant: TENANT,
      subscriptions: [SUBSCRIPTION],
      credential: { kind: 'clientSecret', clientId: OWNER.clientId },
      firewallPolicies: false,
      ...settings,
    },
    hasSecret: true,
    version: 1,
    createdAt: NOON,
    updatedAt: NOON,
    secret,
  }
}

export function pointOfNsg(nsg: string): PointId {
  return `azure:${nsg.toLowerCase()}` as PointId // as the driver names it
}
