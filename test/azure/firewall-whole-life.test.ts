import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../src/domain/time.ts'
import type { ArmDouble } from '../arm-double/arm-double.ts'
import { BRISK } from '../arm-double/pace.ts'
import { seedFleet } from '../arm-double/seed-fleet.ts'
import { objectAt, type Json } from '../arm-double/wire.ts'
import { Random } from '../simulation/random.ts'
import { aPortRule } from '../support/builders.ts'
import { startAzure } from './azure-ground.ts'
import { startAzureInstallation } from './azure-installation.ts'

const TYPES = ['azureFirewalls', 'networkSecurityGroups', 'firewallPolicies', 'firewallPolicies/ruleCollectionGroups']

/** Everything as people see it, without what changes with every write. */
function everything(double: ArmDouble): Record<string, unknown> {
  const all = TYPES.flatMap((type) => double.ids(`Microsoft.Network/${type}`)).map((id) => {
    const text = JSON.stringify(double.body(id), (name, value: unknown) => (name === 'etag' ? undefined : value))
    return [id, JSON.parse(text) as unknown] as const
  })
  return Object.fromEntries(all)
}

function strangersCollections(random: Random, kind: 'nat' | 'network'): Json[] {
  const priorities = [100, 101, 105, 400].filter(() => random.chance(0.5))
  return priorities.map((priority) => {
    const rules = Array.from({ length: 1 + random.int(3) }, (_, index) => ({
      name: `theirs-${index}`,
      protocols: ['TCP'],
      sourceAddresses: ['*'],
      destinationAddresses: ['198.51.0.1'],
      destinationPorts: [String(50_000 + random.int(10_000))],
      ...(kind === 'nat' && { translatedAddress: '10.0.2.4', translatedPort: '443' }),
    }))
    const action = { type: kind === 'nat' ? 'Dnat' : random.pick(['Allow', 'Deny']) }
    return { name: `${kind}-${priority}`, properties: { priority, action, rules } }
  })
}

function furnish(double: ArmDouble, random: Random): void {
  for (const id of double.ids('Microsoft.Network/azureFirewalls')) {
    const change = (properties: Json): Json => ({
      ...properties,
      natRuleCollections: strangersCollections(random, 'nat'),
      networkRuleCollections: strangersCollections(random, 'network'),
    })
    if (objectAt(double.body(id), 'properties')['firewallPolicy'] === undefined) double.edit(id, change)
  }
}

function orderFaults(double: ArmDouble, random: Random): void {
  const [firewall = ''] = double.ids('Microsoft.Network/azureFirewalls')
  const harms = [
    { kind: 'answer', status: 429, code: 'TooManyRequests' },
    { kind: 'answer', status: 409, code: 'AnotherOperationInProgress' },
    { kind: 'answer', status: 503, code: 'ServiceUnavailable' },
    { kind: 'fail-operation', code: 'InternalServerError', message: 'An error occurred.' },
    { kind: 'lose-answer' },
    { kind: 'lose-request' },
    { kind: 'first', act: () => double.edit(firewall, (properties) => ({ ...properties })) },
  ] as const
  for (let count = 0; count < 12; count += 1) {
    const path = /azureFirewalls|firewallPolicies/
    double.faults.order({
      path,
      ...(random.chance(0.8) && { method: 'PUT' }),
      skip: random.int(15),
      harm: random.pick(harms),
    })
  }
}

describe('from protecting to disabling, behind firewalls of both kinds', () => {
  it.each([21, 23])('overlapping requests and faults leave everything as it was (seed %i)', async (seed) => {
    const random = new Random(seed)
    const azure = await startAzure({ seed, pace: BRISK })
    const { double, clock, connection } = azure
    // The third group of fifty is behind a firewall that a policy rules.
    seedFleet(double, { machines: 150, seed })
    furnish(double, random)
    const before = everything(double)
    const settings = { ...connection.settings, firewallPolicies: true } as typeof connection.settings // of the same kind
    const installation = await startAzureInstallation({ ...azure, connection: { ...connection, settings } })
    const behind = installation.app.inventory
      .list()
      .filter(({ points }) => points[0]?.includes('/azurefirewalls/') === true)
    const machines = Array.from({ length: 16 }, () => random.pick(behind)).filter(
      (one, index, all) => all.indexOf(one) === index,
    )
    expect(new Set(machines.map(({ points }) => points[0])).size).toBe(2)
    await installation.protect(
      machines.map(({ id }) => ({ id, ports: [aPortRule({ port: 22 }), aPortRule({ port: 3389 })] })),
    )
    await installation.settle()
    orderFaults(double, random)
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(
        Array.from({ length: 5 }, () =>
          installation.ask({
            virtualMachines: [
              {
                id: random.pick(machines).id,
                ports: [
                  {
                    number: random.pick([22, 3389]),
                    duration: `PT${15 + random.int(100)}M`,
                    allowedSourceAddressPrefix: random.pick(['203.0.113.7', '198.51.100.0/24', '10.9.0.7', '*']),
                  },
                ],
              },
            ],
          }),
        ),
      )
      await installation.settle(MINUTE)
      clock.move(random.int(30) * MINUTE)
    }
    expect(everything(double)).not.toEqual(before)
    clock.move(3 * HOUR)
    await installation.settle()
    await installation.disable()
    await installation.settle()
    expect(everything(double)).toEqual(before)
    const states = (await installation.app.store.reads.requests({}, { limit: 100 })).flatMap(({ grants }) =>
      grants.map(({ state }) => state),
    )
    expect(states.filter((state) => state !== 'closed' && state !== 'failed')).toEqual([])
    expect(states.filter((state) => state === 'closed').length).toBeGreaterThan(states.length / 2)
    await installation.stop()
    await azure.stop()
  })
})
