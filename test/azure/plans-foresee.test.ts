import { afterEach, beforeEach, expect, it } from 'vitest'
import { planPolicy, planRemoval, type PolicyPlan } from '../../src/app/policies/plan-policy.ts'
import type { Caller } from '../../src/app/ports/caller.ts'
import { openByOthers } from '../../src/domain/posture.ts'
import { resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import {
  azureFirewall,
  networkInterface,
  publicAddress,
  securityGroup,
  SUBSCRIPTION,
  virtualMachine,
  virtualNetwork,
  vmId,
} from '../arm-double/estate.ts'
import { AT_ONCE } from '../arm-double/pace.ts'
import { aPortRule, valueOf } from '../support/builders.ts'
import { startAzure, type AzureGround } from './azure-ground.ts'
import { startAzureInstallation, type AzureInstallation } from './azure-installation.ts'

const WEB = vmId('web') as ResourceId // well-formed by sight
const ADDRESS = { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local', name: 'default' }
const CALLER: Caller = { name: 'ada@example.org', address: '203.0.113.7', principals: [], isBreakGlass: true }
const PROTECTED = [{ id: WEB, ports: [aPortRule({ port: 22 })] }]

let ground: AzureGround
let installation: AzureInstallation

beforeEach(async () => {
  ground = await startAzure({ pace: AT_ONCE })
  const { double } = ground
  const office = { name: 'office', priority: 300, source: '198.51.100.0/24' }
  double.place(securityGroup('web-nsg', [office, { name: 'anybody', priority: 400, source: '*' }]))
  double.place(
    virtualNetwork('net', [
      { name: 'front', prefix: '10.0.0.0/24' },
      { name: 'AzureFirewallSubnet', prefix: '10.0.255.0/26' },
    ]),
  )
})

afterEach(async () => {
  await installation.stop()
  await ground.stop()
})

async function install(): Promise<void> {
  const addresses = [{ privateIp: '10.0.0.4' }]
  const nic = { name: 'web-nic', subnet: ['net', 'front'], nsg: 'web-nsg', addresses, machine: 'web' } as const
  ground.double.place(networkInterface(nic))
  ground.double.place(virtualMachine({ name: 'web', nics: ['web-nic'] }))
  installation = await startAzureInstallation(ground)
}

async function plan(): Promise<PolicyPlan> {
  const input = { address: ADDRESS, kind: 'Basic', machines: PROTECTED, caller: CALLER, force: false }
  return valueOf(await planPolicy(installation.app, input, { steps: true }))
}

function textsOf({ stillOpen }: PolicyPlan): string[] {
  return stillOpen.map(({ machine, text }) => `${machine}: ${text}`)
}

/** As it is found after the change, by a new look at everything. */
async function found(): Promise<string[]> {
  const { clouds, inventory } = installation.app
  for (const { key } of clouds.connections()) await clouds.refresh(key)
  const exposures = inventory.exposuresOf?.(resourceKey(WEB), [{ number: 22, protocol: 'TCP' }]) ?? []
  return openByOthers(exposures).map(({ text }) => `${WEB}: ${text}`)
}

it('a plan names the rule that leaves a protected port open, and that is what is found when it was carried out', async () => {
  await install()
  const foreseen = textsOf(await plan())
  expect(foreseen).toEqual([
    expect.stringMatching(/web: port 22 is open to 198\.51\.100\.0\/24 by rule office at priority \d+ in NSG web-nsg$/),
  ])
  await installation.protect(PROTECTED)
  await installation.settle()
  expect(await found()).toEqual(foreseen)
})

it('a translation of others on the firewall is foreseen too, where the security group lets its packets in', async () => {
  const published = {
    name: 'published',
    properties: {
      priority: 100,
      action: { type: 'Dnat' },
      rules: [
        {
          name: 'ssh-for-all',
          protocols: ['TCP'],
          sourceAddresses: ['*'],
          destinationAddresses: ['198.51.100.1'],
          destinationPorts: ['2222'],
          translatedAddress: '10.0.0.4',
          translatedPort: '22',
        },
      ],
    },
  }
  const { double } = ground
  double.place(publicAddress('one', '198.51.100.1'))
  const firewall = azureFirewall({ name: 'fw', network: 'net', publicIps: ['one'], privateIp: '10.0.255.4' })
  double.place({ ...firewall, properties: { ...firewall.properties, natRuleCollections: [published] } })
  double.place(securityGroup('web-nsg', [{ name: 'from-firewall', priority: 300, source: '10.0.255.0/26' }]))
  await install()
  const foreseen = textsOf(await plan())
  expect(foreseen).toContainEqual(expect.stringContaining('open to the internet by rule ssh-for-all'))
  await installation.protect(PROTECTED)
  await installation.settle()
  expect(await found()).toEqual(foreseen)
})

it('a plan of removing a policy names what will be open again', async () => {
  await install()
  await installation.protect(PROTECTED)
  await installation.settle()
  const id =
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/default` as ResourceId // well-formed by sight
  const going = { policy: resourceKey(id), policyId: id, caller: CALLER }
  const foreseen = textsOf(valueOf(await planRemoval(installation.app, going, { steps: true })))
  expect(foreseen[0]).toContain('port 22 is open to everybody who reaches 10.0.0.4 by rule anybody at priority 400')
  await installation.disable()
  await installation.settle()
  expect(await found()).toEqual(foreseen)
})
