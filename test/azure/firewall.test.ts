import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { roleDefinitionFor } from '../../src/domain/clouds/azure-permissions.ts'
import { resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import { HOUR, MINUTE, type Millis } from '../../src/domain/time.ts'
import { jitRequestFrom } from '../../src/server/wire/request-wire.ts'
import {
  azureFirewall,
  firewallId,
  networkInterface,
  nsgId,
  OWNER,
  publicAddress,
  resourceAt,
  securityGroup,
  SUBSCRIPTION,
  virtualMachine,
  virtualNetwork,
  vmId,
} from '../arm-double/estate.ts'
import { AT_ONCE } from '../arm-double/pace.ts'
import { objectAt, type Json } from '../arm-double/wire.ts'
import { startAzure, type AzureGround } from './azure-ground.ts'
import { startAzureInstallation, type AzureInstallation } from './azure-installation.ts'

const WEB = vmId('web') as ResourceId // well-formed by sight
const FIREWALL = firewallId('fw')
const POLICY = resourceAt('Microsoft.Network/firewallPolicies', 'rules')

let ground: AzureGround
let installation: AzureInstallation
/** How long Azure works on a firewall. */
let slowness: Millis

beforeEach(async () => {
  slowness = 0
  const operation = (type: string): Millis => (type.includes('firewall') ? slowness : 0)
  ground = await startAzure({ pace: { ...AT_ONCE, operation } })
  const { double } = ground
  double.place(securityGroup('web-nsg', [{ name: 'ssh', priority: 1000, source: '198.51.100.0/24' }]))
  double.place(
    virtualNetwork('net', [
      { name: 'front', prefix: '10.0.0.0/24' },
      { name: 'AzureFirewallSubnet', prefix: '10.0.255.0/26' },
    ]),
  )
  double.place(publicAddress('one', '198.51.100.1'))
  double.place(publicAddress('two', '198.51.100.2'))
  double.place(
    networkInterface({
      name: 'web-nic',
      subnet: ['net', 'front'],
      nsg: 'web-nsg',
      addresses: [{ privateIp: '10.0.0.4' }],
      machine: 'web',
    }),
  )
  double.place(virtualMachine({ name: 'web', nics: ['web-nic'] }))
})

afterEach(async () => {
  await installation.stop()
  await ground.stop()
})

function placeFirewall(change: Json = {}): void {
  const firewall = azureFirewall({ name: 'fw', network: 'net', publicIps: ['one', 'two'], privateIp: '10.0.255.4' })
  ground.double.place({ ...firewall, properties: { ...firewall.properties, ...change } })
}

const publishedAt = (port: string) => ({
  natRuleCollections: [
    {
      name: 'published',
      properties: {
        priority: 100,
        action: { type: 'Dnat' },
        rules: [
          {
            name: 'web',
            protocols: ['TCP'],
            sourceAddresses: ['*'],
            destinationAddresses: ['198.51.100.1'],
            destinationPorts: [port],
            translatedAddress: '10.0.0.9',
            translatedPort: '443',
          },
        ],
      },
    },
  ],
})

const THEIRS = publishedAt('443')

/** With no more rights than the role that the command line prints. */
async function install(firewallPolicies = false): Promise<void> {
  const { Actions } = roleDefinitionFor({ subscriptions: [SUBSCRIPTION], firewallPolicies }) as { Actions: string[] } // as az reads it
  const scope = `/subscriptions/${SUBSCRIPTION}`
  ground.double.assign(OWNER.clientId, [{ scope, role: { actions: Actions, notActions: [] } }])
  const { connection } = ground
  const settings = { ...connection.settings, firewallPolicies } as AzureGround['connection']['settings'] // of the same kind
  installation = await startAzureInstallation({ ...ground, connection: { ...connection, settings } })
}

const protect = () =>
  installation.protect([
    {
      id: WEB,
      ports: [{ number: 22, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }],
    },
  ])
const ask = (source = '203.0.113.9', duration = 'PT1H') =>
  installation.ask({
    virtualMachines: [{ id: WEB, ports: [{ number: 22, allowedSourceAddressPrefix: source, duration }] }],
  })

async function later(millis: Millis): Promise<void> {
  ground.clock.move(millis)
  await installation.settle()
}

/** Everything that is not the ETag's. */
function standing(id: string): unknown {
  return JSON.parse(JSON.stringify(ground.double.body(id) ?? null), (name, value: unknown) =>
    name === 'etag' ? undefined : value,
  )
}

function portsTranslated(): unknown[] {
  const collections = objectAt(ground.double.body(FIREWALL), 'properties')['natRuleCollections'] as Json[] // as Azure writes it
  const rules = collections.flatMap(({ properties }) => (properties as { rules: Json[] }).rules) // as above
  return rules.flatMap(({ destinationPorts }) => destinationPorts)
}

async function stateOfGrants(): Promise<string[]> {
  const requests = await installation.app.store.reads.requests({}, { limit: 100 })
  return requests.flatMap(({ grants }) => grants.map(({ state }) => state))
}

describe('a machine behind a firewall with classic rules', () => {
  it('keeps its mapped port when the server begins again in the middle of access, also if somebody removed the rule', async () => {
    placeFirewall()
    await install()
    await protect()
    await installation.settle()
    const usual = (await ask()).grants[0]?.reach?.mappedPort
    await later(2 * HOUR)
    // With the usual port taken it is another, which is then free to be chosen differently by whoever does not remember.
    placeFirewall(publishedAt(String(usual)))
    const { mappedPort } = (await ask()).grants[0]?.reach ?? {}
    await installation.settle()
    expect(mappedPort).not.toBe(usual)
    await installation.restart()
    placeFirewall()
    await later(15 * MINUTE)
    expect(await stateOfGrants()).toEqual(['open', 'closed'])
    expect(portsTranslated()).toEqual([String(mappedPort)])
    await installation.restart()
    await later(2 * HOUR)
    expect(await stateOfGrants()).toEqual(['closed', 'closed'])
    expect(portsTranslated()).toEqual([])
  })

  it('is reached through the firewall while access lasts, and everything stands as before when it has ended', async () => {
    placeFirewall(THEIRS)
    await install()
    expect(installation.app.inventory.find(resourceKey(WEB))?.points).toEqual(
      [FIREWALL, nsgId('web-nsg')].map((id) => `azure:${id.toLowerCase()}`),
    )
    const before = { firewall: standing(FIREWALL), group: standing(nsgId('web-nsg')) }
    await protect()
    await installation.settle()
    expect(standing(FIREWALL)).toEqual(before.firewall)
    const request = await ask()
    await installation.settle()
    expect(await stateOfGrants()).toEqual(['open'])
    const { mappedPort = 0 } = request.grants[0]?.reach ?? {}
    expect(jitRequestFrom(request).virtualMachines).toMatchObject([
      { id: WEB, publicIpAddress: '198.51.100.1', ports: [{ number: 22, mappedPort }] },
    ])
    const { natRuleCollections, networkRuleCollections } = objectAt(ground.double.body(FIREWALL), 'properties')
    expect(natRuleCollections).toMatchObject([
      { name: 'published' },
      {
        properties: {
          priority: 101,
          rules: [
            {
              protocols: ['TCP'],
              sourceAddresses: ['203.0.113.9'],
              destinationAddresses: ['198.51.100.1'],
              destinationPorts: [String(mappedPort)],
              translatedAddress: '10.0.0.4',
              translatedPort: '22',
            },
          ],
        },
      },
    ])
    expect(networkRuleCollections).toMatchObject([
      {
        properties: {
          rules: [{ sourceAddresses: ['203.0.113.9'], destinationAddresses: ['10.0.0.4'], destinationPorts: ['22'] }],
        },
      },
    ])
    const group = await ground.network.networkSecurityGroups.get('shop', 'web-nsg')
    expect(group.securityRules?.filter(({ access, name }) => access === 'Allow' && name !== 'ssh')).toMatchObject([
      { sourceAddressPrefix: '10.0.255.0/26', destinationAddressPrefix: '10.0.0.4' },
    ])
    await later(2 * HOUR)
    expect(await stateOfGrants()).toEqual(['closed'])
    const [over] = await installation.app.store.reads.requests({}, { limit: 1 })
    expect(jitRequestFrom(over ?? request).virtualMachines[0]?.ports[0]).not.toHaveProperty('mappedPort')
    expect(standing(FIREWALL)).toEqual(before.firewall)
    await installation.disable()
    await installation.settle()
    expect({ firewall: standing(FIREWALL), group: standing(nsgId('web-nsg')) }).toEqual(before)
  })

  it('is known to be open to whom the firewall lets in, and to nobody else', async () => {
    placeFirewall(THEIRS)
    await install()
    await protect()
    const exposures = async () => {
      for (const { key } of await installation.app.store.reads.connections.all())
        await installation.app.clouds.refresh(key)
      const all = installation.app.inventory.exposuresOf?.(resourceKey(WEB), [{ number: 22, protocol: 'TCP' }]) ?? []
      return all.filter(({ publicAddress }) => publicAddress !== undefined)
    }
    await installation.settle()
    expect(await exposures()).toEqual([])
    await ask()
    await installation.settle()
    const [hole, ...others] = await exposures()
    expect(others).toEqual([])
    expect(hole).toMatchObject({ breadth: 'some', from: ['203.0.113.9'], letIn: 'yes', publicAddress: '198.51.100.1' })
    expect(hole?.through.map(({ of }) => of)).toEqual(['firewall fw', 'NSG web-nsg'])
    expect(hole?.grants).toHaveLength(1)
  })

  it('is opened by few writes for many who ask at once, and shut by one', async () => {
    placeFirewall(THEIRS)
    await install()
    await protect()
    await installation.settle()
    ground.double.forgetWrites()
    await Promise.all(Array.from({ length: 20 }, (_, host) => ask(`203.0.113.${host + 1}`)))
    await installation.settle()
    expect(await stateOfGrants()).toEqual(Array.from({ length: 20 }, () => 'open'))
    const opened = ground.double.writes(FIREWALL)
    expect(opened).toBeLessThanOrEqual(3)
    await later(2 * HOUR)
    expect(ground.double.writes(FIREWALL) - opened).toBe(1)
  })

  it('is shut at the end, although Azure needs minutes for it', async () => {
    placeFirewall()
    await install()
    await protect()
    const { grants } = await ask()
    await installation.settle()
    const until = grants[0]?.until ?? 0
    slowness = 4 * MINUTE
    await ask('203.0.113.10', 'PT3H')
    await installation.settle()
    const sources = () => JSON.stringify(objectAt(ground.double.body(FIREWALL), 'properties')['natRuleCollections'])
    for (; sources().includes('203.0.113.9"'); await later(10_000)) expect(ground.clock.now()).toBeLessThan(until)
    expect(sources()).toContain('203.0.113.10"')
    expect(ground.clock.now()).toBeLessThanOrEqual(until)
    expect(until - ground.clock.now()).toBeLessThan(3 * MINUTE)
  })

  it('from a private address is opened as itself, because a firewall does not translate that', async () => {
    placeFirewall()
    await install()
    await protect()
    await ask('10.9.0.7')
    await installation.settle()
    const group = await ground.network.networkSecurityGroups.get('shop', 'web-nsg')
    expect(group.securityRules?.find(({ access, name }) => access === 'Allow' && name !== 'ssh')).toMatchObject({
      sourceAddressPrefix: '10.9.0.7',
    })
  })

  it('and no security group is protected by the firewall alone', async () => {
    placeFirewall()
    const addresses = [{ privateIp: '10.0.0.5' }]
    ground.double.place(networkInterface({ name: 'bare-nic', subnet: ['net', 'front'], addresses, machine: 'bare' }))
    ground.double.place(virtualMachine({ name: 'bare', nics: ['bare-nic'] }))
    await install()
    const bare = installation.app.inventory.find(resourceKey(vmId('bare') as ResourceId)) // well-formed by sight
    expect(bare?.points).toEqual([`azure:${FIREWALL.toLowerCase()}`])
    const port = { number: 22, protocol: 'TCP' } as const
    const exposures = () => installation.app.inventory.exposuresOf?.(resourceKey(vmId('bare') as ResourceId), [port]) // as above
    expect(exposures()).toEqual([])
  })

  it('and a public address of its own is left to its security groups', async () => {
    placeFirewall()
    ground.double.place(publicAddress('own', '198.51.100.9'))
    const addresses = [{ privateIp: '10.0.0.4', publicIp: 'own' }]
    const nic = { name: 'web-nic', subnet: ['net', 'front'], nsg: 'web-nsg', addresses, machine: 'web' } as const
    ground.double.place(networkInterface(nic))
    await install()
    expect(installation.app.inventory.find(resourceKey(WEB))?.points).toEqual([
      `azure:${nsgId('web-nsg').toLowerCase()}`,
    ])
  })

  it('is not taken for shut while Azure says that shutting it failed', async () => {
    placeFirewall(THEIRS)
    await install()
    const before = standing(FIREWALL)
    await protect()
    await ask()
    await installation.settle()
    ground.double.forgetWrites()
    const harm = { kind: 'fail-operation', code: 'InternalServerError', message: 'An error occurred.' } as const
    ground.double.faults.order({ method: 'PUT', path: /azureFirewalls/, times: 2, harm })
    await later(2 * HOUR)
    expect(ground.double.writes(FIREWALL)).toBe(3)
    expect(installation.logged.filter((line) => line.includes('An error occurred'))).toHaveLength(2)
    expect(await stateOfGrants()).toEqual(['closed'])
    expect(standing(FIREWALL)).toEqual(before)
  })

  it('cannot be asked for for so short a time that nothing would be left of it', async () => {
    placeFirewall()
    await install()
    await protect()
    await expect(ask('203.0.113.9', 'PT5M')).rejects.toThrow(/lasts longer than PT8M; you asked for PT5M/)
    await ask('203.0.113.9', 'PT9M')
  })

  it('gets back the same port when somebody deletes the rule', async () => {
    placeFirewall(THEIRS)
    await install()
    await protect()
    await ask()
    await installation.settle()
    const open = standing(FIREWALL)
    ground.double.edit(FIREWALL, (properties) => ({ ...properties, ...THEIRS, networkRuleCollections: [] }))
    await later(11 * MINUTE)
    expect(standing(FIREWALL)).toEqual(open)
    const [told] = await installation.app.store.reads.audit({ actions: ['point.repaired'] }, { limit: 10 })
    expect(told?.target).toBe(`azure:${FIREWALL.toLowerCase()}`)
  })

  it('survives a lost answer, somebody quicker, and a throttled firewall', async () => {
    placeFirewall(THEIRS)
    await install()
    const before = standing(FIREWALL)
    await protect()
    const path = /azureFirewalls/
    ground.double.faults.order({ method: 'PUT', path, harm: { kind: 'answer', status: 429, code: 'TooManyRequests' } })
    ground.double.faults.order({ method: 'PUT', path, skip: 1, harm: { kind: 'lose-answer' } })
    const act = () => ground.double.edit(FIREWALL, (properties) => ({ ...properties, threatIntelMode: 'Alert' }))
    ground.double.faults.order({ method: 'PUT', path, skip: 2, harm: { kind: 'first', act } })
    await ask()
    await installation.settle()
    expect(await stateOfGrants()).toEqual(['open'])
    await later(2 * HOUR)
    expect(standing(FIREWALL)).toEqual(before)
  })
})

describe('a machine behind a firewall that a policy rules', () => {
  function placePolicy(): void {
    ground.double.place({ id: POLICY, location: 'westeurope', properties: { threatIntelMode: 'Alert' } })
    placeFirewall({ firewallPolicy: { id: POLICY } })
  }

  it('is left to its security group unless the connection may change policies', async () => {
    placePolicy()
    await install()
    expect(installation.app.inventory.find(resourceKey(WEB))?.points).toEqual([
      `azure:${nsgId('web-nsg').toLowerCase()}`,
    ])
  })

  it('is reached through a rule collection group of our own, which goes with the last access', async () => {
    placePolicy()
    const theirs = `${POLICY}/ruleCollectionGroups/theirs`
    ground.double.place({ id: theirs, location: '', properties: { priority: 100, ruleCollections: [] } })
    await install(true)
    const before = [FIREWALL, POLICY, theirs].map(standing)
    await protect()
    await ask()
    await installation.settle()
    expect(await stateOfGrants()).toEqual(['open'])
    const groups = ground.double
      .ids('Microsoft.Network/firewallPolicies/ruleCollectionGroups')
      .filter((id) => id !== theirs)
    expect(groups).toHaveLength(1)
    expect(ground.double.body(groups[0] ?? '')).toMatchObject({
      properties: {
        priority: 101,
        ruleCollections: [
          {
            ruleCollectionType: 'FirewallPolicyNatRuleCollection',
            action: { type: 'DNAT' },
            rules: [{ ruleType: 'NatRule', translatedAddress: '10.0.0.4' }],
          },
          {
            ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
            action: { type: 'Allow' },
            rules: [{ ruleType: 'NetworkRule' }],
          },
        ],
      },
    })
    await later(2 * HOUR)
    expect(await stateOfGrants()).toEqual(['closed'])
    expect(ground.double.ids('Microsoft.Network/firewallPolicies/ruleCollectionGroups')).toEqual([theirs])
    expect([FIREWALL, POLICY, theirs].map(standing)).toEqual(before)
  })
})
