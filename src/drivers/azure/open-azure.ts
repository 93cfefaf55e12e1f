/**
 * Azure's side: one road to the resource manager for each connection, one budget of calls for all of them, one driver.
 * Microsoft's libraries are loaded with the first connection, and not before.
 */
import { setTimeout } from 'node:timers/promises'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { CloudDeps, CloudSide, OpenConnection, Snapshot } from '../../app/ports/clouds.ts'
import type { Machine } from '../../app/ports/inventory.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Millis } from '../../domain/time.ts'
import { openArm, type Arm } from './arm-client.ts'
import { azureDriver } from './azure-driver.ts'
import { snapshotFrom } from './azure-snapshot.ts'
import { checkConnection } from './check-connection.ts'
import { routeIn, type Connected } from './connected.ts'
import { readMachine } from './direct-rows.ts'
import { estateFrom, withMachine, withoutMachine } from './estate.ts'
import { exposuresOf } from './exposures.ts'
import { firewallDriver } from './firewall-driver.ts'
import { nsgDriver } from './nsg-driver.ts'
import { readDirectly } from './read-directly.ts'
import { readRows } from './read-estate.ts'
import { Throttle, type Budget } from './throttle.ts'

/** How a test or a simulation replaces the network and the time. */
export interface AzureGround {
  readonly httpClient?: HttpClient
  /** Resolves after the time; rejects when the signal aborts. */
  readonly sleep?: (millis: Millis, signal: AbortSignal) => Promise<void>
}

export interface AzureSide extends CloudSide {
  /** What is left of what Azure allows, by subscription. */
  budgets(): readonly Budget[]
}

export function openAzure(deps: CloudDeps, ground: AzureGround = {}): AzureSide {
  return new Azure(deps, ground)
}

/** Has a life: the connections that are open, by key, and what was read through each. */
class Azure implements AzureSide {
  readonly kind = 'azure'
  readonly driver: CloudSide['driver']
  readonly #deps: CloudDeps
  readonly #ground: AzureGround
  readonly #sleep: NonNullable<AzureGround['sleep']>
  readonly #throttle: Throttle
  #open = new Map<ResourceKey, Connected>()

  constructor(deps: CloudDeps, ground: AzureGround) {
    this.#deps = deps
    this.#ground = ground
    this.#sleep = ground.sleep ?? ((millis, signal) => setTimeout(millis, undefined, { signal }))
    this.#throttle = new Throttle({ clock: deps.clock, sleep: this.#sleep })
    const route = routeIn(() => this.#open.values())
    const parts = {
      nsg: nsgDriver({ route, sleep: this.#sleep }),
      firewall: firewallDriver({ route, sleep: this.#sleep, clock: deps.clock }),
    }
    this.driver = azureDriver(parts, route)
  }

  async connect(connections: readonly OpenConnection[]): Promise<void> {
    const next = new Map<ResourceKey, Connected>()
    for (const connection of connections) {
      const known = this.#open.get(connection.key)
      const isSame = known?.connection.version === connection.version
      next.set(connection.key, isSame ? known : await this.#connected(connection, known))
    }
    this.#open = next
  }

  async inventoryOf(connection: OpenConnection, signal: AbortSignal): Promise<Snapshot> {
    const connected = this.#of(connection)
    const estate = estateFrom(await readRows(connected.arm, connected.settings, signal))
    connected.estate = estate
    connected.doubts.clear()
    return {
      ...snapshotFrom(estate, connected.settings),
      exposuresOf: (machine, ports) =>
        exposuresOf(connected.estate ?? estate, { machine, ports, settings: connected.settings }),
    }
  }

  async standIn(connection: OpenConnection, machines: readonly Machine[], signal: AbortSignal): Promise<boolean> {
    const connected = this.#of(connection)
    if (connected.estate !== undefined) return false
    connected.estate = estateFrom(await readDirectly(connected.arm, machines, signal))
    return true
  }

  /** One that is still there is read whole: its rules need its addresses. */
  async isGone(connection: OpenConnection, machine: Machine, signal: AbortSignal): Promise<boolean> {
    const connected = this.#of(connection)
    const rows = await readMachine(connected.arm, machine.id, { urgency: 'look', signal })
    const { estate } = connected
    if (estate !== undefined)
      connected.estate = rows === undefined ? withoutMachine(estate, machine.key) : withMachine(estate, rows)
    return rows === undefined
  }

  async check(connection: OpenConnection, signal: AbortSignal): ReturnType<CloudSide['check']> {
    return checkConnection(await this.#connected(connection, undefined), signal)
  }

  budgets(): readonly Budget[] {
    return this.#throttle.budgets()
  }

  async close(): Promise<void> {
    this.#open.clear()
  }

  #of(connection: OpenConnection): Connected {
    const connected = this.#open.get(connection.key)
    if (connected !== undefined) return connected
    throw new Error(`connection '${connection.name}' is not open`)
  }

  /** With other settings the machines that were read stay known until they are read anew. */
  async #connected(connection: OpenConnection, known: Connected | undefined): Promise<Connected> {
    const { settings } = connection
    if (settings.kind !== 'azure') throw new Error(`connection '${connection.name}' is one to ${settings.kind}`)
    const { httpClient } = this.#ground
    const deps = { clock: this.#deps.clock, throttle: this.#throttle, sleep: this.#sleep }
    const arm = await openArm(connection, settings, { ...deps, ...(httpClient === undefined ? {} : { httpClient }) })
      // One that cannot be opened must not take the others with it: whoever uses it hears why.
      .catch((cause: unknown) => closedArm(cause))
    return { connection, settings, arm, estate: known?.estate, doubts: new Map(known?.doubts) }
  }
}

function closedArm(cause: unknown): Arm {
  const refuse = (): Promise<never> => Promise.reject(cause instanceof Error ? cause : new Error(String(cause)))
  return { send: refuse, ask: refuse }
}
