import { ResourceGraphClient } from '@azure/arm-resourcegraph'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nsgId, SUBSCRIPTION, virtualMachine, vmId } from './estate.ts'
import { startDouble, type RunningDouble } from './running-double.ts'
import { seedFleet } from './seed-fleet.ts'

let azure: RunningDouble

beforeAll(async () => {
  azure = await startDouble({ pageSize: 50 })
  seedFleet(azure.double, { machines: 230, seed: 7 })
})

afterAll(() => azure.stop())

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of list) items.push(item)
  return items
}

async function query(text: string, top?: number): Promise<Record<string, unknown>[]> {
  const graph = new ResourceGraphClient(azure.credential, { endpoint: azure.url })
  const rows: Record<string, unknown>[] = []
  let skipToken: string | undefined
  do {
    const options = {
      resultFormat: 'objectArray',
      ...(top !== undefined && { top }),
      ...(skipToken !== undefined && { skipToken }),
    } as const
    const answer = await graph.resources({ subscriptions: [SUBSCRIPTION], query: text, options })
    rows.push(...(answer.data as Record<string, unknown>[])) // what objectArray promises
    skipToken = answer.skipToken
  } while (skipToken !== undefined)
  return rows
}

describe('a seeded fleet', () => {
  it('is the same in the lists of the SDKs and in Resource Graph, page by page', async () => {
    const listed = await all(azure.compute.virtualMachines.listAll())
    const asked = await query(
      "Resources | where type =~ 'microsoft.compute/virtualmachines' | project id | order by id asc",
      100,
    )
    expect(listed).toHaveLength(230)
    expect(new Set(asked.map(({ id }) => id))).toEqual(new Set(listed.map(({ id }) => id)))
  })

  it('has what fleets have: subnets with groups, several interfaces, firewalls of both kinds, classic machines', async () => {
    const nics = await all(azure.network.networkInterfaces.listAll())
    expect(nics.length).toBeGreaterThan(230)
    expect(nics.some(({ ipConfigurations = [] }) => ipConfigurations.length > 1)).toBe(true)
    const firewalls = await all(azure.network.azureFirewalls.listAll())
    expect(new Set(firewalls.map(({ firewallPolicy }) => firewallPolicy === undefined))).toEqual(new Set([true, false]))
    const networks = await all(azure.network.virtualNetworks.listAll())
    expect(networks[0]?.subnets?.map(({ networkSecurityGroup }) => networkSecurityGroup !== undefined)).toEqual([
      true,
      false,
      false,
    ])
    expect(
      await query("Resources | where type =~ 'microsoft.classiccompute/virtualmachines' | project name"),
    ).toHaveLength(5)
  })

  it('tells whether a machine runs', async () => {
    const [machine] = await all(azure.compute.virtualMachines.listAll())
    const id = machine?.id ?? ''
    azure.double.setPower(id, 'deallocated')
    const { group = '', name = '' } = /resourceGroups\/(?<group>[^/]+).*\/(?<name>[^/]+)$/.exec(id)?.groups ?? {}
    const shown = await azure.compute.virtualMachines.get(group, name, { expand: 'instanceView' })
    expect(shown.instanceView?.statuses?.map(({ code }) => code)).toEqual([
      'ProvisioningState/succeeded',
      'PowerState/deallocated',
    ])
    const power = 'power = properties.extended.instanceView.powerState.code'
    expect(await query(`Resources | where id =~ '${id}' | project ${power}`)).toEqual([
      { power: 'PowerState/deallocated' },
    ])
  })

  it('shows that a machine was deleted and made again by its vmId', async () => {
    azure.double.place(virtualMachine({ name: 'web', nics: [] }, { group: 'team-0' }))
    const place = vmId('web', { group: 'team-0' })
    const before = await azure.compute.virtualMachines.get('team-0', 'web')
    azure.double.recreate(place)
    const after = await azure.compute.virtualMachines.get('team-0', 'web')
    expect(after.id).toBe(before.id)
    expect(after.vmId).not.toBe(before.vmId)
  })

  it('is made again from the same seed', async () => {
    const again = await startDouble()
    seedFleet(again.double, { machines: 60, seed: 7 })
    const group = { group: 'team-0' }
    const rules = (double: RunningDouble['double']) =>
      JSON.stringify(double.body(nsgId('shared', group))).replaceAll(/W\/\\"[^"]+\\"/g, '')
    expect(rules(again.double)).toBe(rules(azure.double))
    await again.stop()
  })
})
