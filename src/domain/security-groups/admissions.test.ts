import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aPrefix } from '../../../test/support/builders.ts'
import { admissions, covers, meeting, type Door } from './admissions.ts'
import { effective } from './effective.ts'
import { parseSecurityRule, formatRuleAddress, isTag, type RuleAddress, type SecurityRule } from './security-rule.ts'

const ASG = '/subscriptions/s/resourcegroups/rg/providers/microsoft.network/applicationsecuritygroups/web'
const DOOR: Door = { address: aPrefix('10.0.0.4'), groups: new Set([ASG]), port: 22, protocol: 'TCP' }

interface RuleText {
  readonly name?: string
  readonly priority?: number
  readonly access?: string
  readonly from?: string
  readonly to?: string
  readonly ports?: string
  readonly more?: object
}

function aRule({
  name = 'rule',
  priority = 1000,
  access = 'Allow',
  from = '*',
  to = '*',
  ports = '22',
  more = {},
}: RuleText = {}): SecurityRule {
  const addresses = { sourceAddressPrefix: from, sourcePortRange: '*', destinationAddressPrefix: to }
  const properties = {
    priority,
    direction: 'Inbound',
    access,
    protocol: 'Tcp',
    ...addresses,
    destinationPortRange: ports,
    ...more,
  }
  const parsed = parseSecurityRule({ name, properties }, name)
  if (parsed.ok) return parsed.value
  throw new Error(parsed.refusals.map(({ message }) => message).join())
}

function who(rules: readonly SecurityRule[], door: Door = DOOR): string[] {
  return admissions(rules, door).map(
    ({ rule, from, letIn }) => `${formatRuleAddress(from)} by ${rule.name}${letIn === 'yes' ? '' : '?'}`,
  )
}

const address = (text: string): RuleAddress => aRule({ from: text }).sources[0] ?? '*'

describe('who a security group lets in', () => {
  it.each<[string, readonly SecurityRule[], string[]]>([
    ['nobody without a rule', [], []],
    ['everybody by an allow rule for all', [aRule()], ['* by rule']],
    [
      'nobody when a rule before it denies all of them',
      [aRule({ name: 'no', priority: 100, access: 'Deny' }), aRule()],
      [],
    ],
    [
      'whoever a narrower deny rule leaves over',
      [aRule({ name: 'no', priority: 100, access: 'Deny', from: '203.0.113.0/24' }), aRule()],
      ['* by rule'],
    ],
    [
      'not those whom a wider deny rule covers',
      [aRule({ name: 'no', priority: 100, access: 'Deny', from: '203.0.0.0/8' }), aRule({ from: '203.0.113.7' })],
      [],
    ],
    [
      'not the internet after a rule that denies it',
      [aRule({ name: 'no', priority: 100, access: 'Deny', from: 'Internet' }), aRule({ from: '203.0.113.7' })],
      [],
    ],
    [
      'perhaps those whom a name that only the cloud knows may cover',
      [aRule({ name: 'no', priority: 100, access: 'Deny', from: 'AzureCloud' }), aRule({ from: '203.0.113.7' })],
      ['203.0.113.7 by rule?'],
    ],
    ['nobody to another port', [aRule({ ports: '80' })], []],
    ['nobody to another address', [aRule({ to: '10.0.0.5' })], []],
    [
      'those to its application security group',
      [
        aRule({
          more: { destinationAddressPrefix: '', destinationApplicationSecurityGroups: [{ id: ASG.toUpperCase() }] },
        }),
      ],
      ['* by rule'],
    ],
    [
      'nobody to another application security group',
      [aRule({ more: { destinationAddressPrefix: '', destinationApplicationSecurityGroups: [{ id: `${ASG}2` }] } })],
      [],
    ],
    ['nobody of the other address family', [aRule({ from: '2001:db8::/32' })], []],
  ])('is %s', (_title, rules, expected) => {
    expect(who(rules)).toEqual(expected)
  })

  it('leaves nobody out who gets in from the internet', () => {
    const text = fc.record({
      access: fc.constantFrom('Allow', 'Allow', 'Deny'),
      from: fc.constantFrom(
        '*',
        'Internet',
        'VirtualNetwork',
        '203.0.113.0/24',
        '203.0.113.7',
        '203.0.0.0/8',
        '0.0.0.0/1',
        '128.0.0.0/1',
      ),
      to: fc.constantFrom('*', '10.0.0.0/8', '10.0.0.4', '10.0.0.5', 'VirtualNetwork'),
      ports: fc.constantFrom('22', '20-30', '*', '80'),
    })
    const source = fc.constantFrom('203.0.113.7', '203.0.113.8', '203.1.1.1', '1.1.1.1')
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), source, (texts, from) => {
        const rules = texts.map((one, index) => aRule({ ...one, name: `r${index}`, priority: 100 + index }))
        const packet = {
          origin: 'internet',
          source: aPrefix(from),
          sourcePort: 40_000,
          destination: DOOR.address,
          port: 22,
          protocol: 'TCP',
        } as const
        const isLetIn = effective(rules, packet).letIn === 'yes'
        const told = admissions(rules, DOOR).some((one) =>
          covers(isTag(one.from) && one.from.tag === 'Internet' ? '*' : one.from, packet.source),
        )
        expect(!isLetIn || told).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('who comes through two security groups', () => {
  it.each([
    ['*', '203.0.113.7', '203.0.113.7'],
    ['203.0.113.0/24', '203.0.0.0/8', '203.0.113.0/24'],
    ['203.0.113.0/24', '198.51.100.0/24', undefined],
    ['Internet', '203.0.113.7', '203.0.113.7'],
    ['Internet', 'internet', 'internet'],
    ['AzureCloud', '203.0.113.7', '203.0.113.7?'],
  ])('of %s and %s is %s', (a, b, expected) => {
    const met = meeting(address(a), address(b))
    const text = met === undefined ? undefined : `${formatRuleAddress(met.from)}${met.letIn === 'yes' ? '' : '?'}`
    expect(text).toBe(expected)
  })
})
