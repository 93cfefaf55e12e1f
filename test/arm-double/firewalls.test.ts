import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/domain/time.ts'
import { azureFirewall, publicAddress, resourceAt } from './estate.ts'
import { AT_ONCE } from './pace.ts'
import { standingDouble } from './standing-double.ts'

const POLICY = resourceAt('Microsoft.Network/firewallPolicies', 'rules')
const group = (name: string): string => `${POLICY}/ruleCollectionGroups/${name}`

function translations(priority: number, rule: object = {}): object {
  const rules = [
    {
      name: 'in',
      protocols: ['TCP'],
      sourceAddresses: ['*'],
      destinationAddresses: ['198.51.100.1'],
      destinationPorts: ['443'],
      translatedAddress: '10.0.0.4',
      translatedPort: '443',
      ...rule,
    },
  ]
  return { name: `nat-${priority}`, properties: { priority, action: { type: 'Dnat' }, rules } }
}

describe('a firewall', () => {
  const { double, send } = standingDouble()
  double.place(publicAddress('ip', '198.51.100.1'))
  const firewall = azureFirewall({ name: 'fw', network: 'net', publicIps: ['ip'], privateIp: '10.0.255.4' })
  double.place(firewall)
  const put = (...natRuleCollections: readonly object[]) =>
    send('PUT', firewall.id, {
      location: firewall.location,
      properties: { ...firewall.properties, natRuleCollections },
    })

  it('keeps classic rules', () => {
    expect(put(translations(100), translations(200)).status).toBe(200)
    expect(send('GET', firewall.id).json.properties.natRuleCollections).toHaveLength(2)
  })

  it.each([
    [
      'one number twice',
      [translations(100), { ...translations(100), name: 'other' }],
      'AzureFirewallRuleCollectionPriorityConflict',
    ],
    ['a number below 100', [translations(99)], 'AzureFirewallRuleCollectionInvalidPriority'],
    [
      'a range of ports to translate to',
      [translations(100, { translatedPort: '1-2' })],
      'AzureFirewallRuleInvalidDnatPortOrRangeFormat',
    ],
    [
      'a translation of every protocol',
      [translations(100, { protocols: ['Any'] })],
      'AzureFirewallRuleInvalidProtocol',
    ],
    [
      'a collection without rules',
      [{ name: 'x', properties: { priority: 100, rules: [] } }],
      'AzureFirewallRuleCollectionEmpty',
    ],
  ])('refuses %s', (_title, collections, code) => {
    expect(put(...collections)).toMatchObject({ status: 400, json: { error: { code } } })
  })

  it('has no classic rules where a policy rules', () => {
    const properties = {
      ...firewall.properties,
      firewallPolicy: { id: POLICY },
      natRuleCollections: [translations(100)],
    }
    expect(send('PUT', firewall.id, { location: firewall.location, properties }).status).toBe(400)
  })
})

describe('a firewall policy', () => {
  it('changes one rule collection group at a time, for minutes', () => {
    const { double, time, send } = standingDouble({ pace: { ...AT_ONCE, operation: () => 3 * MINUTE } })
    double.place({ id: POLICY, location: 'westeurope', properties: {} })
    const put = (name: string, priority: number) =>
      send('PUT', group(name), { properties: { priority, ruleCollections: [] } })
    expect(put('one', 100).status).toBe(201)
    expect([409, 429]).toContain(put('two', 200).status)
    time.now += 3 * MINUTE
    expect(put('two', 100).json.error.code).toBe('FirewallPolicyRuleCollectionGroupPriorityConflict')
    expect(put('two', 200).status).toBe(201)
    time.now += 3 * MINUTE
    expect(send('GET', `${POLICY}/ruleCollectionGroups`).json.value).toHaveLength(2)
    expect(send('DELETE', group('one')).status).toBe(202)
    time.now += 3 * MINUTE
    expect(send('GET', group('one')).status).toBe(404)
  })
})
