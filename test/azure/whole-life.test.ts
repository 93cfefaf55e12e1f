import { describe, expect, it } from 'vitest'
import type { Machine } from '../../src/app/ports/inventory.ts'
import type { StoredRequest } from '../../src/app/ports/rows.ts'
import { HOUR, MINUTE } from '../../src/domain/time.ts'
import type { ArmDouble } from '../arm-double/arm-double.ts'
import { BRISK } from '../arm-double/pace.ts'
import { seedFleet } from '../arm-double/seed-fleet.ts'
import { Random } from '../simulation/random.ts'
import { aPortRule } from '../support/builders.ts'
import { startAzure } from './azure-ground.ts'
import { startAzureInstallation, type AzureInstallation } from './azure-installation.ts'

const MACHINES = 50
const REQUESTS = 200

/** Every security group and firewall as people see it, without what changes with every write. */
function groundOf(double: ArmDouble): Record<string, unknown> {
  const all = TYPES.flatMap((type) => double.ids(type)).map((id) => {
    const text = JSON.stringify(double.body(id), (name, value: unknown) => (name === 'etag' ? undefined : value))
    return [id, JSON.parse(text) as unknown] as const
  })
  return Object.fromEntries(all)
}

function orderFaults(double: ArmDouble, random: Random): void {
  const harms = [
    { kind: 'answer', status: 429, code: 'TooManyRequests' },
    { kind: 'answer', status: 429, code: 'TooManyRequests', retryAfter: 3 },
    { kind: 'answer', status: 409, code: 'AnotherOperationInProgress' },
    { kind: 'answer', status: 503, code: 'ServiceUnavailable' },
    { kind: 'fail-operation', code: 'InternalServerError', message: 'An error occurred.' },
    { kind: 'lose-answer' },
    { kind: 'lose-request' },
  ] as const
  for (let count = 0; count < 12; count += 1)
    double.faults.order({
      path: /networkSecurityGroups/,
      ...(random.chance(0.7) && { method: 'PUT' }),
      skip: random.int(60),
      harm: random.pick(harms),
    })
}

async function askAtRandom(
  installation: AzureInstallation,
  machines: readonly Machine[],
  random: Random,
): Promise<StoredRequest> {
  const sources = ['203.0.113.7', '198.51.100.0/24', '203.0.113.0/28', '*']
  const virtualMachines = Array.from({ length: 1 + random.int(2) }, () => ({
    id: random.pick(machines).id,
    ports: [
      {
        number: random.pick([22, 3389]),
        duration: `PT${10 + random.int(170)}M`,
        allowedSourceAddressPrefix: random.pick(sources),
      },
    ],
  }))
  const distinct = new Map(virtualMachines.map((machine) => [machine.id, machine]))
  return installation.ask({ virtualMachines: [...distinct.values()] })
}

const TYPES = ['networkSecurityGroups', 'azureFirewalls', 'firewallPolicies'].map((type) => `Microsoft.Network/${type}`)

describe('from connecting to disabling', () => {
  it.each([11, 12])(
    '50 machines, 200 overlapping requests and faults leave every security group and firewall as it was (seed %i)',
    async (seed) => {
      const random = new Random(seed)
      const azure = await startAzure({ seed, pace: BRISK })
      const { double, clock } = azure
      seedFleet(double, { machines: 90, seed })
      const before = groundOf(double)
      const installation = await startAzureInstallation(azure)
      const machines = installation.app.inventory
        .list()
        .filter(({ unsupported }) => unsupported === undefined)
        .slice(0, MACHINES)
      await installation.protect(
        machines.map(({ id }) => ({ id, ports: [aPortRule({ port: 22 }), aPortRule({ port: 3389 })] })),
      )
      await installation.settle()
      expect(machines).toHaveLength(MACHINES)
      expect(groundOf(double)).not.toEqual(before)
      orderFaults(double, random)
      const requests: StoredRequest[] = []
      for (let count = 0; count < REQUESTS; count += 1) {
        requests.push(await askAtRandom(installation, machines, random))
        if (count % 20 === 0) await installation.settle(MINUTE)
      }
      clock.move(4 * HOUR)
      double.faults.clear()
      await installation.settle()
      const states = await Promise.all(requests.map(({ id }) => installation.app.store.reads.request(id)))
      const grants = states.flatMap((request) => request?.grants ?? [])
      expect(new Set(grants.map(({ state }) => state))).toEqual(new Set(['closed']))
      await installation.disable()
      await installation.settle()
      expect(groundOf(double)).toEqual(before)
      await installation.stop()
      await azure.stop()
    },
    240_000,
  )
})
