import { NetworkManagementClient } from '@azure/arm-network'
import { ClientSecretCredential } from '@azure/identity'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  nsgId,
  OWNER,
  SUBSCRIPTION,
  TENANT,
  networkInterface,
  securityGroup,
  virtualMachine,
  virtualNetwork,
  vmId,
} from './estate.ts'
import { inProcessClient } from './in-process-client.ts'
import { BRISK } from './pace.ts'
import { aDouble, startDouble, type RunningDouble } from './running-double.ts'

let azure: RunningDouble

beforeAll(async () => {
  azure = await startDouble({ pace: BRISK, pageSize: 3 })
})

afterAll(() => azure.stop())

beforeEach(() => {
  azure.double.faults.clear()
  azure.double.place(securityGroup('web', [{ name: 'ssh', priority: 1000 }]))
})

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of list) items.push(item)
  return items
}

const RULE = {
  protocol: 'Tcp',
  sourcePortRange: '*',
  destinationPortRange: '22',
  sourceAddressPrefix: '203.0.113.9',
  destinationAddressPrefix: '10.0.0.4',
  access: 'Allow',
  direction: 'Inbound',
  priority: 100,
} as const

const quick = { updateIntervalInMs: 10 }

describe('the SDK writes a rule', () => {
  it('and follows the operation until the rule is there', async () => {
    const before = await azure.network.networkSecurityGroups.get('shop', 'web')
    const rule = await azure.network.securityRules.createOrUpdate('shop', 'web', 'hole', RULE, quick)
    expect(rule).toMatchObject({ name: 'hole', priority: 100, provisioningState: 'Succeeded' })
    const group = await azure.network.networkSecurityGroups.get('shop', 'web')
    expect(group.securityRules?.map(({ name }) => name)).toEqual(['ssh', 'hole'])
    expect(group.defaultSecurityRules?.map(({ priority }) => priority)).toEqual([
      65_000, 65_001, 65_500, 65_000, 65_001, 65_500,
    ])
    expect(group.etag).not.toBe(before.etag)
    expect(azure.double.writes(nsgId('web'))).toBe(1)
  })
})

describe('lists', () => {
  it('come in pages that the SDK follows', async () => {
    azure.double.place(virtualNetwork('net', [{ name: 'front', prefix: '10.0.0.0/24' }]))
    for (let index = 0; index < 7; index += 1) {
      azure.double.place(
        networkInterface({
          name: `nic${index}`,
          subnet: ['net', 'front'],
          addresses: [{ privateIp: `10.0.0.${index + 4}` }],
        }),
      )
      azure.double.place(virtualMachine({ name: `vm${index}`, nics: [`nic${index}`] }))
    }
    const machines = await all(azure.compute.virtualMachines.listAll())
    expect(machines.map(({ id }) => id)).toEqual(Array.from({ length: 7 }, (_, index) => vmId(`vm${index}`)))
    expect(await all(azure.network.networkInterfaces.listAll())).toHaveLength(7)
  })
})

describe('in process', () => {
  it('the SDK speaks to the double without a socket', async () => {
    const double = aDouble()
    double.place(securityGroup('web', []))
    const httpClient = inProcessClient(double)
    const credential = new ClientSecretCredential(TENANT, OWNER.clientId, OWNER.secret ?? '', {
      authorityHost: 'https://arm.double',
      disableInstanceDiscovery: true,
      httpClient,
    })
    const network = new NetworkManagementClient(credential, SUBSCRIPTION, {
      endpoint: 'https://arm.double',
      httpClient,
    })
    await network.securityRules.createOrUpdate('shop', 'web', 'hole', RULE)
    expect(await network.securityRules.get('shop', 'web', 'hole')).toMatchObject({ priority: 100 })
  })
})
