/**
 * The simulated security groups as they are in Azure: the same fleet in the double, in process, and the driver of the
 * product with Microsoft's own libraries, one for each process. Points keep the names that the simulation knows.
 */
import type { Driver } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import { resourceName, type ResourceKey } from '../../src/domain/resource-id.ts'
import {
  parseSecurityRule,
  type ArmSecurityRule,
  type SecurityRule,
} from '../../src/domain/security-groups/security-rule.ts'
import { DAY, type Millis } from '../../src/domain/time.ts'
import { formatIpPrefix } from '../../src/domain/net.ts'
import { openAzure } from '../../src/drivers/azure/open-azure.ts'
import type { Fleet, FleetMachine } from '../../src/drivers/memory/fleet.ts'
import {
  pointOfGroup,
  POINT_PREFIX,
  type SecurityGroups,
  type SecurityGroupState,
} from '../../src/drivers/memory/security-groups.ts'
import type { ArmDouble } from '../arm-double/arm-double.ts'
import { networkInterface, TENANT, virtualMachine, virtualNetwork } from '../arm-double/estate.ts'
import { inProcessClient } from '../arm-double/in-process-client.ts'
import { aDouble } from '../arm-double/running-double.ts'
import { PUBLISHED } from '../arm-double/throttles.ts'
import { aConnection, pointOfNsg } from '../azure/azure-ground.ts'
import { SUBSCRIPTION, valueOf } from '../support/builders.ts'

/** What the simulation does to security groups, wherever they are. */
export type Groups = Pick<SecurityGroups, 'get' | 'edit'>

/** How a process of the simulation lives in its time. */
export interface Lifetime {
  readonly sleep: (millis: Millis, signal: AbortSignal) => Promise<void>
  /** Real work, for which the simulation's time waits. */
  readonly working: <T>(work: () => Promise<T>) => Promise<T>
}

export interface AzureCloud {
  readonly groups: Groups
  readonly driverIn: (life: Lifetime) => Driver
}

const WHERE = { subscription: SUBSCRIPTION, group: 'default', location: 'here' }

export function azureCloud(fleet: Fleet, now: () => number): AzureCloud {
  const subscriptions = [{ id: SUBSCRIPTION, name: 'Simulated', tenant: TENANT }]
  // Whoever starts reads at once, for which the simulation's time waits; nobody may be told to come back later.
  const limits = { ...PUBLISHED, queries: Number.POSITIVE_INFINITY }
  const double = aDouble({ clock: { now }, subscriptions, tokenLife: 1_000 * DAY, limits })
  const ids = new Map(fleet.groups.map(({ id, key }) => [pointOfGroup(key), id]))
  double.place(virtualNetwork('net', [{ name: 'all', prefix: '10.0.0.0/8' }], WHERE))
  for (const { id, rules } of fleet.groups)
    double.place({ id, location: WHERE.location, properties: { securityRules: rules.map(({ written }) => written) } })
  for (const machine of fleet.machines) placeMachine(double, machine)
  return {
    groups: groupsIn(double, ids),
    driverIn: (life) => driverIn(double, { now, life }),
  }
}

function placeMachine(double: ArmDouble, { id, nics }: FleetMachine): void {
  const machine = resourceName(id)
  const names = nics.map((_, index) => `${machine}-${index}`)
  for (const [index, { privateIp, group }] of nics.entries()) {
    const nsg = group === undefined ? {} : { nsg: group.slice(group.lastIndexOf('/') + 1) }
    const addresses = [{ privateIp: formatIpPrefix(privateIp) }]
    double.place(
      networkInterface({ name: names[index] ?? '', subnet: ['net', 'all'], addresses, machine, ...nsg }, WHERE),
    )
  }
  double.place(virtualMachine({ name: machine, nics: names }, WHERE))
}

function groupsIn(double: ArmDouble, ids: ReadonlyMap<PointId, string>): Groups {
  /** One for each ETag: whoever looks twice without a change sees the very same rules. */
  const seen = new Map<string, SecurityGroupState>()
  const get = (point: PointId): SecurityGroupState | undefined => {
    const id = ids.get(point)
    const body = id === undefined ? undefined : double.body(id)
    if (body === undefined) return undefined
    const etag = String(body['etag'])
    const state = seen.get(etag) ?? {
      id: id as SecurityGroupState['id'], // as the fleet has it
      key: point.slice(POINT_PREFIX.length) as ResourceKey, // as the point is named
      location: WHERE.location,
      rules: rulesIn(body),
      version: seen.size,
    }
    seen.set(etag, state)
    return state
  }
  return {
    get,
    edit(point, change) {
      const id = ids.get(point)
      if (id === undefined) throw new Error(`there is no network security group behind '${point}'`)
      const rules = change(get(point)?.rules ?? [])
      double.edit(id, (properties) => ({ ...properties, securityRules: rules.map(({ written }) => written) }))
    },
  }
}

/** Rules as their owners wrote them, without what Azure fills in. */
function rulesIn(body: Readonly<Record<string, unknown>>): SecurityRule[] {
  const { securityRules } = body['properties'] as { securityRules: readonly ArmSecurityRule[] } // as the double renders it
  return securityRules.map(({ name, properties }) => {
    const { provisioningState: _, ...kept } = properties
    const written = Object.entries(kept).filter(([, value]) => !Array.isArray(value) || value.length > 0)
    return valueOf(parseSecurityRule({ name, properties: Object.fromEntries(written) }, name))
  })
}

function driverIn(double: ArmDouble, { now, life }: { now: () => number; life: Lifetime }): Driver {
  const log = { error: () => {}, warn: () => {}, info: () => {} }
  const side = openAzure({ clock: { now }, log }, { httpClient: inProcessClient(double), sleep: life.sleep })
  const connection = aConnection({ url: 'https://arm.example', ca: '', settings: { subscriptions: [SUBSCRIPTION] } })
  const never = new AbortController().signal
  // What takes turns of the event loop happens now: loading the libraries, and the token that all later calls use.
  const ready = life.working(async () => {
    await side.connect([connection])
    await side.inventoryOf(connection, never)
  })
  const { driver } = side
  const there = (point: PointId): PointId => pointOfNsg(point.slice(POINT_PREFIX.length))
  return {
    ...driver,
    observe: async (point, scope, signal) => {
      await ready
      return driver.observe(there(point), scope, signal)
    },
    apply: (point, plan, signal) => driver.apply(there(point), plan, signal),
    traitsOf: () => ({}),
  }
}
