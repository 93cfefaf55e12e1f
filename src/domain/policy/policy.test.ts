import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSource } from '../net.ts'
import {
  DEFAULT_PORTS,
  defaultPortRules,
  LONGEST_MAXIMUM,
  LONGEST_NAMES,
  machineIn,
  MOST_PAIRS,
  parsePolicy,
  SHORTEST_MAXIMUM,
  shieldOf,
  type PolicyMachineInput,
  type PortRuleInput,
} from './policy.ts'
import { resourceKey } from '../resource-id.ts'
import { DAY, formatDuration, HOUR, MINUTE } from '../time.ts'
import { MOST_SOURCES, sourceTexts } from './written-sources.ts'
import { aMachineId, aPolicy, aPortRule, policyMachines, valueOf } from '../../../test/support/builders.ts'

/** Code and place of every issue. */
function issuesOf(
  machines: readonly PolicyMachineInput[],
  name = 'default',
): (readonly [string, string | undefined])[] {
  const parsed = parsePolicy(name, machines)
  return parsed.ok ? [] : parsed.refusals.map(({ code, target }) => [code, target] as const)
}

const withRule = (rule: Partial<PortRuleInput>): PolicyMachineInput[] => [
  { id: aMachineId(), ports: [{ ...aPortRule(), ...rule }] },
]
const PORT = 'properties.virtualMachines[0].ports[0]'

describe('a policy', () => {
  it('protects ports of machines, each with its sources and its longest time', () => {
    const policy = aPolicy({
      ports: [{ port: 22, protocol: 'TCP', max: 'PT1H', from: ['10.0.0.1/8', '2001:db8::/32'] }],
    })
    expect(policy.machines).toMatchObject([
      { id: aMachineId(), key: resourceKey(aMachineId()), ports: [{ number: 22, protocol: 'TCP', maxDuration: HOUR }] },
    ])
    expect(policy.machines[0]?.ports[0]?.sources.map(formatSource)).toEqual(['10.0.0.0/8', '2001:db8::/32'])
  })

  it('keeps every rule as it was written, to echo it', () => {
    const rule: PortRuleInput = {
      number: 22,
      protocol: 'tcp',
      allowedSourceAddressPrefix: ' 10.0.0.1/8 ',
      allowedSourceAddressPrefixes: null,
      maxRequestAccessDuration: 'PT180M',
    }
    const policy = valueOf(parsePolicy('default', [{ id: aMachineId(), ports: [rule] }]))
    expect(policy.machines[0]?.ports[0]?.written).toEqual(rule)
  })

  it('may have the four default ports for any protocol, from anywhere, for three hours', () => {
    expect(DEFAULT_PORTS).toEqual([22, 3389, 5985, 5986])
    const policy = valueOf(parsePolicy('default', [{ id: aMachineId(), ports: defaultPortRules() }]))
    expect(policy.machines[0]?.ports).toMatchObject(
      [22, 3389, 5985, 5986].map((number) => ({ number, protocol: '*', sources: ['*'], maxDuration: 3 * HOUR })),
    )
  })

  it('finds its machine by key, and nobody else', () => {
    const policy = aPolicy({ machines: [aMachineId('web1'), aMachineId('web2')] })
    expect(machineIn(policy, resourceKey(aMachineId('WEB2')))?.id).toBe(aMachineId('web2'))
    expect(machineIn(policy, resourceKey(aMachineId('web3')))).toBeUndefined()
  })

  it('asks enforcement points to close its ports by default', () => {
    const policy = aPolicy({ name: 'night', ports: [{ port: 22 }, { port: 53, protocol: 'UDP' }] })
    expect(policy.machines.map((machine) => shieldOf(policy, machine))).toEqual([
      {
        machine: aMachineId(),
        policy: 'night',
        ports: [
          { number: 22, protocol: '*' },
          { number: 53, protocol: 'UDP' },
        ],
      },
    ])
  })

  it('tells everything that is wrong with it at once, with the place of each', () => {
    const machines: PolicyMachineInput[] = [
      { id: 'web1', ports: [] },
      {
        id: aMachineId(),
        publicIpAddress: 'nowhere',
        ports: [
          {
            number: 65_536,
            protocol: 'ICMP',
            allowedSourceAddressPrefix: '10.0.0.0/8',
            allowedSourceAddressPrefixes: ['10.0.0.0/8'],
            maxRequestAccessDuration: 'PT1M',
          },
          { number: 22, protocol: '', allowedSourceAddressPrefixes: ['10.0.0.1', 'x'], maxRequestAccessDuration: '3h' },
          { number: 22, protocol: '*', maxRequestAccessDuration: 'PT25H' },
        ],
      },
      { id: aMachineId().toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'), ports: [aPortRule()] },
    ]
    const second = 'properties.virtualMachines[1]'
    expect(issuesOf(machines, 'a/b')).toEqual([
      ['InvalidPolicyName', 'name'],
      ['InvalidResourceId', 'properties.virtualMachines[0].id'],
      ['NoPorts', 'properties.virtualMachines[0].ports'],
      ['InvalidPort', `${second}.ports[0].number`],
      ['InvalidProtocol', `${second}.ports[0].protocol`],
      ['ConflictingSources', `${second}.ports[0]`],
      ['InvalidMaxRequestAccessDuration', `${second}.ports[0].maxRequestAccessDuration`],
      ['InvalidProtocol', `${second}.ports[1].protocol`],
      ['InvalidAddressPrefix', `${second}.ports[1].allowedSourceAddressPrefixes[1]`],
      ['InvalidDuration', `${second}.ports[1].maxRequestAccessDuration`],
      ['MissingSources', `${second}.ports[2]`],
      ['InvalidMaxRequestAccessDuration', `${second}.ports[2].maxRequestAccessDuration`],
      ['RepeatedPort', `${second}.ports[2].number`],
      ['InvalidPublicIpAddress', `${second}.publicIpAddress`],
      ['RepeatedMachine', 'properties.virtualMachines[2].id'],
    ])
  })

  it('that is huge is refused in one sentence, and one that is wrong in every place in as many as it takes', () => {
    const rule = { number: -1, protocol: '', allowedSourceAddressPrefixes: ['', ''], maxRequestAccessDuration: '' }
    const wrong = { id: '', ports: Array.from({ length: MOST_PAIRS / 2 }, () => rule) }
    expect(issuesOf([wrong]).length).toBeGreaterThan(MOST_PAIRS)
    expect(issuesOf([wrong, wrong])).toEqual([['TooManyPorts', 'properties.virtualMachines']])
    expect(issuesOf([wrong, { id: '', ports: [] }])).toEqual([['TooManyPorts', 'properties.virtualMachines']])
  })

  it('without machines is refused', () => {
    expect(issuesOf([])).toEqual([['NoMachines', 'properties.virtualMachines']])
  })
})

describe('a protected port', () => {
  it.each([0, 1, 22, 65_535])('may be %d', (number) => {
    expect(issuesOf(withRule({ number }))).toEqual([])
  })

  it.each([-1, 65_536, 22.5, Number.NaN, Infinity])('may not be %d', (number) => {
    expect(issuesOf(withRule({ number }))).toEqual([['InvalidPort', `${PORT}.number`]])
  })

  it('may be listed once only, whatever the protocol', () => {
    const machines = policyMachines({ ports: [{ protocol: 'TCP' }, { port: 23 }, { protocol: 'UDP' }, {}] })
    expect(issuesOf(machines)).toEqual([
      ['RepeatedPort', 'properties.virtualMachines[0].ports[2].number'],
      ['RepeatedPort', 'properties.virtualMachines[0].ports[3].number'],
    ])
  })

  it('may be the same on two machines', () => {
    expect(issuesOf(policyMachines({ machines: [aMachineId('web1'), aMachineId('web2')] }))).toEqual([])
  })

  it.each(['TCP', 'UDP', '*', 'tcp', 'Udp'])('may have the protocol %s', (protocol) => {
    expect(issuesOf(withRule({ protocol }))).toEqual([])
  })

  it.each(['', ' ', 'TCP ', 'Any', 'ICMP', 'TCP,UDP', '6', '**'])('may not have the protocol %j', (protocol) => {
    expect(issuesOf(withRule({ protocol }))).toEqual([['InvalidProtocol', `${PORT}.protocol`]])
  })

  it.each(['keep', 'warn', 'cut', 'Cut', undefined, null])('may end with %j for who is connected', (onExpiry) => {
    expect(issuesOf(withRule({ onExpiry }))).toEqual([])
  })

  it.each(['', 'drop', 'true'])('may not end with %j for who is connected', (onExpiry) => {
    expect(issuesOf(withRule({ onExpiry }))).toEqual([['InvalidOnExpiry', `${PORT}.onExpiry`]])
  })

  it('allows at least five minutes and at most a day, both included', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.nat({ max: 2 * DAY }),
          fc.constantFrom(SHORTEST_MAXIMUM - 1, SHORTEST_MAXIMUM, LONGEST_MAXIMUM, LONGEST_MAXIMUM + 1),
        ),
        (millis) => {
          const fine = issuesOf(withRule({ maxRequestAccessDuration: formatDuration(millis) })).length === 0
          expect(fine).toBe(millis >= 5 * MINUTE && millis <= DAY)
        },
      ),
    )
  })
})

describe('the sources of a protected port', () => {
  const places = (written: Partial<PortRuleInput>) =>
    issuesOf(withRule({ allowedSourceAddressPrefix: undefined, ...written }))

  it.each([
    [{ allowedSourceAddressPrefix: '*' }],
    [{ allowedSourceAddressPrefix: '10.0.0.1' }],
    [{ allowedSourceAddressPrefix: '10.0.0.0/8', allowedSourceAddressPrefixes: null }],
    [{ allowedSourceAddressPrefix: '10.0.0.0/8', allowedSourceAddressPrefixes: [] }],
    [{ allowedSourceAddressPrefixes: ['10.0.0.0/8'] }],
    [{ allowedSourceAddressPrefix: null, allowedSourceAddressPrefixes: ['10.0.0.0/8', '*', '::1'] }],
  ])('may be %j', (written) => {
    expect(places(written)).toEqual([])
  })

  it.each([
    [{}, 'MissingSources', PORT],
    [{ allowedSourceAddressPrefix: null, allowedSourceAddressPrefixes: null }, 'MissingSources', PORT],
    [{ allowedSourceAddressPrefixes: [] }, 'MissingSources', PORT],
    [{ allowedSourceAddressPrefix: '*', allowedSourceAddressPrefixes: ['*'] }, 'ConflictingSources', PORT],
    [{ allowedSourceAddressPrefix: '', allowedSourceAddressPrefixes: ['*'] }, 'ConflictingSources', PORT],
    [{ allowedSourceAddressPrefix: '' }, 'InvalidAddressPrefix', `${PORT}.allowedSourceAddressPrefix`],
    [{ allowedSourceAddressPrefix: '10.0.0.1,10.0.0.2' }, 'InvalidAddressPrefix', `${PORT}.allowedSourceAddressPrefix`],
    [{ allowedSourceAddressPrefix: 'Internet' }, 'InvalidAddressPrefix', `${PORT}.allowedSourceAddressPrefix`],
    [{ allowedSourceAddressPrefixes: [''] }, 'InvalidAddressPrefix', `${PORT}.allowedSourceAddressPrefixes[0]`],
  ])('may not be %j', (written, code, target) => {
    expect(places(written)).toEqual([[code, target]])
  })

  it('are at most a thousand, because every request is compared with all of them', () => {
    const many = Array.from({ length: MOST_SOURCES }, (_, index) => `10.0.${index >> 8}.${index & 255}`)
    expect(places({ allowedSourceAddressPrefixes: many })).toEqual([])
    expect(places({ allowedSourceAddressPrefixes: [...many, '10.1.0.0'] })).toEqual([
      ['TooManySources', `${PORT}.allowedSourceAddressPrefixes`],
    ])
  })

  it('are told apart from sources that are missing and from sources that are said twice', () => {
    expect(sourceTexts({})).toBeUndefined()
    expect(sourceTexts({ allowedSourceAddressPrefixes: [] })).toBeUndefined()
    expect(sourceTexts({ allowedSourceAddressPrefix: '*' })).toEqual(['*'])
    expect(sourceTexts({ allowedSourceAddressPrefixes: ['a', 'b'] })).toEqual(['a', 'b'])
    expect(sourceTexts({ allowedSourceAddressPrefix: 'a', allowedSourceAddressPrefixes: ['b'] })).toBe('both')
  })
})

describe("a policy's name", () => {
  const issuesOfName = (name: string) => issuesOf(policyMachines({ machines: [aMachineId('m')] }), name)

  it.each([
    'default',
    'VM1JITPolicy',
    'a',
    '.hidden',
    'prod-web_1.2',
    '既定のポリシー',
    'Zürich',
    '🦊',
    "o'brien",
    '(1)',
  ])('may be %s', (name) => {
    expect(issuesOfName(name)).toEqual([])
  })

  it.each([
    '',
    ' ',
    '.',
    '..',
    'ends.',
    'two words',
    ' x',
    'x ',
    'a/b',
    'a\\b',
    'a%2fb',
    'a?b',
    'a#b',
    'a&b',
    '<b>',
    'a*',
    'a:b',
    'a|b',
    '"a"',
    'a\u0000',
    'a\n',
    '\u001b[2J',
    '\u007f',
    'a\u202eb',
    'a\u200bb',
    '\ud800',
    '\u212a',
  ])('may not be %j', (name) => {
    expect(issuesOfName(name)).toEqual([['InvalidPolicyName', 'name']])
  })

  it.each([
    [55, 1],
    [28, 28],
    [1, 55],
  ])('and a machine’s name may have 56 characters together: %d and %d', (ofPolicy, ofMachine) => {
    const [policy, machine] = ['機'.repeat(ofPolicy), '械'.repeat(ofMachine)]
    expect(ofPolicy + ofMachine).toBe(LONGEST_NAMES)
    expect(issuesOf(policyMachines({ machines: [aMachineId(machine)] }), policy)).toEqual([])
    expect(issuesOf(policyMachines({ machines: [aMachineId(`${machine}x`)] }), policy)).toEqual([
      ['NamesTooLong', 'properties.virtualMachines[0].id'],
    ])
    expect(issuesOf(policyMachines({ machines: [aMachineId(machine)] }), `${policy}x`)).toHaveLength(1)
  })

  it('of a million characters is refused at once, in a short sentence', () => {
    const started = performance.now()
    for (const unit of ['a', '.', ' ', 'é', 'e\u0301']) {
      const parsed = parsePolicy(unit.repeat(1_000_000), policyMachines())
      expect(parsed.ok).toBe(false)
      expect(JSON.stringify(parsed).length).toBeLessThan(1_500)
    }
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('a machine', () => {
  it('may be listed once only, however it is written', () => {
    const machines = [aMachineId('web1'), aMachineId('web2'), aMachineId('WEB1')]
    expect(issuesOf(policyMachines({ machines }))).toEqual([['RepeatedMachine', 'properties.virtualMachines[2].id']])
  })

  it('may be in another resource group or subscription than its policy', () => {
    const elsewhere = aMachineId('web1', {
      resourceGroup: 'other',
      subscription: '0'.repeat(8) + '-0000-0000-0000-' + '0'.repeat(12),
    })
    expect(issuesOf(policyMachines({ machines: [aMachineId('web1'), elsewhere] }))).toEqual([])
  })

  it('may have a public address, which is one address', () => {
    const at = (publicIpAddress: string | null) =>
      issuesOf([{ id: aMachineId(), ports: [aPortRule()], publicIpAddress }])
    expect([...at(null), ...at('203.0.113.7'), ...at('2001:db8::1')]).toEqual([])
    for (const text of ['', '203.0.113.0/24', '203.0.113.7/32', '*', 'firewall1'])
      expect(at(text)).toEqual([['InvalidPublicIpAddress', 'properties.virtualMachines[0].publicIpAddress']])
    const [machine] = valueOf(
      parsePolicy('default', [{ id: aMachineId(), ports: [aPortRule()], publicIpAddress: '203.0.113.7' }]),
    ).machines
    expect(machine?.publicIpAddress).toBe('203.0.113.7')
  })
})
