import { afterEach, describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../src/domain/time.ts'
import type { ArmDouble } from '../arm-double/arm-double.ts'
import { BRISK } from '../arm-double/pace.ts'
import { seedFleet } from '../arm-double/seed-fleet.ts'
import { aPortRule } from '../support/builders.ts'
import { startAzure, type AzureGround } from './azure-ground.ts'
import { startAzureInstallation, type AzureInstallation } from './azure-installation.ts'

const TYPES = ['azureFirewalls', 'networkSecurityGroups', 'firewallPolicies', 'firewallPolicies/ruleCollectionGroups']

/** Everything that carries rules, without what changes with every write. */
function everything(double: ArmDouble): unknown {
  const ids = TYPES.flatMap((type) => double.ids(`Microsoft.Network/${type}`))
  const text = JSON.stringify(
    ids.map((id) => [id, double.body(id)]),
    (name, value: unknown) => (name === 'etag' ? undefined : value),
  )
  return JSON.parse(text)
}

let azure: AzureGround
let installation: AzureInstallation

afterEach(async () => {
  await installation.stop()
  await azure.stop()
})

/** Machines behind a security group, a firewall with classic rules and one that a policy rules; access to each is open. */
async function openOneOfEach(): Promise<{ readonly closed: unknown; readonly open: unknown }> {
  azure = await startAzure({ seed: 5, pace: BRISK })
  const { double, connection } = azure
  seedFleet(double, { machines: 150, seed: 5 })
  const settings = { ...connection.settings, firewallPolicies: true } as typeof connection.settings // of the same kind
  installation = await startAzureInstallation({ ...azure, connection: { ...connection, settings } })
  const supported = installation.app.inventory.list().filter(({ unsupported }) => unsupported === undefined)
  const byFirst = Map.groupBy(supported, ({ points }) => points.find((point) => point.includes('/azurefirewalls/')))
  const machines = [...byFirst.values()].flatMap((some) => some.slice(0, 3))
  expect(byFirst.size).toBe(3)
  await installation.protect(machines.map(({ id }) => ({ id, ports: [aPortRule({ port: 22 })] })))
  await installation.settle()
  const closed = everything(double)
  for (const { id } of machines) {
    const ports = [{ number: 22, duration: 'PT2H', allowedSourceAddressPrefix: '203.0.113.7' }]
    await installation.ask({ virtualMachines: [{ id, ports }] })
  }
  await installation.settle(MINUTE)
  const open = everything(double)
  expect(open).not.toEqual(closed)
  return { closed, open }
}

function silenceTheGraph(): void {
  azure.double.faults.order({
    path: /Microsoft\.ResourceGraph/,
    times: 1_000_000,
    harm: { kind: 'answer', status: 503, code: 'ServiceUnavailable' },
  })
}

describe('a server that starts while the resource graph does not answer', () => {
  it('leaves alone what is as it should be, and closes what ends', async () => {
    const { closed, open } = await openOneOfEach()
    silenceTheGraph()
    await installation.restart()
    await installation.settle(MINUTE)
    expect(everything(azure.double)).toEqual(open)
    azure.clock.move(3 * HOUR)
    await installation.settle()
    expect(everything(azure.double)).toEqual(closed)
  })
})
