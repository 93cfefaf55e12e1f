import { describe, expect, it } from 'vitest'
import type { GrantId } from './access/hole.ts'
import { postureOf, type Exposure, type PostureFacts } from './posture.ts'
import { refusal } from './refusal.ts'

const exposure = (more: Partial<Exposure> = {}): Exposure => ({
  port: 22,
  protocol: 'TCP',
  breadth: 'everybody',
  from: ['*'],
  letIn: 'yes',
  address: '10.0.0.4',
  publicAddress: '203.0.113.9',
  through: [{ rule: 'Allow-SSH', priority: 1000, of: 'NSG web-nsg' }],
  grants: [],
  ...more,
})

const some = { breadth: 'some', from: ['198.51.100.0/24'] } as const
const maybe = { letIn: 'maybe', breadth: 'some', from: ['storage.westeurope'] } as const
const ours = { grants: ['g1' as GrantId] } // any text is an id
const unread = { letIn: 'maybe', unread: refusal('LegacyIptables', 'rules that nobody can read decide here') } as const
const cannot = (code: string): Partial<PostureFacts> => ({ unsupported: refusal(code, `because of ${code}`) })

type Row = readonly [
  what: string,
  facts: Partial<PostureFacts>,
  answer: readonly [category: string, severity: string | undefined, health: string, why?: string],
]

const TREE: readonly Row[] = [
  // Not in a policy
  ['a port open to the internet', { exposures: [exposure()] }, ['notConfigured', 'High', 'Unhealthy']],
  ['a port open to a few', { exposures: [exposure(some)] }, ['notConfigured', 'Low', 'Unhealthy']],
  ['a port that may be open', { exposures: [exposure(maybe)] }, ['notConfigured', 'Low', 'Unhealthy']],
  ['both', { exposures: [exposure(some), exposure()] }, ['notConfigured', 'High', 'Unhealthy']],
  ['closed management ports', { exposures: [] }, ['notConfigured', 'Healthy', 'Healthy']],
  ['nobody can tell', { exposures: undefined }, ['notConfigured', 'Low', 'Unhealthy']],
  // A firewall that nobody can read
  [
    'nobody can read',
    { exposures: [exposure(unread)] },
    ['unsupported', undefined, 'NotApplicable', 'unreadableFirewall'],
  ],
  ['… yet one is open', { exposures: [exposure(unread), exposure()] }, ['notConfigured', 'High', 'Unhealthy']],
  ['… yet all are closed', { exposures: [] }, ['notConfigured', 'Healthy', 'Healthy']],
  ['… and protected', { isConfigured: true, exposures: [exposure(unread)] }, ['configured', 'Low', 'Unhealthy']],
  // Cannot be
  ['no NSG', cannot('NoSecurityGroup'), ['unsupported', undefined, 'NotApplicable', 'missingNsgOrFirewall']],
  ['no NIC', cannot('NoNetworkInterface'), ['unsupported', undefined, 'NotApplicable', 'missingNsgOrFirewall']],
  ['classic', cannot('ClassicMachine'), ['unsupported', undefined, 'NotApplicable', 'classicMachine']],
  [
    'a firewall with a policy',
    cannot('FirewallPolicy'),
    ['unsupported', undefined, 'NotApplicable', 'managedFirewall'],
  ],
  ['another reason', cannot('TooManyGroups'), ['unsupported', undefined, 'NotApplicable', 'other']],
  ['a reason called like a member', cannot('constructor'), ['unsupported', undefined, 'NotApplicable', 'other']],
  ['the plan is off', { isPlanOn: false }, ['unsupported', undefined, 'NotApplicable', 'disabledByPlan']],
  ['stopped', { power: 'stopped', exposures: [exposure()] }, ['unsupported', undefined, 'NotApplicable', 'stopped']],
  ['running', { power: 'running', exposures: [exposure()] }, ['notConfigured', 'High', 'Unhealthy']],
  // In a policy
  ['protected', { isConfigured: true }, ['configured', 'Healthy', 'Healthy']],
  ['protected, with a hole', { isConfigured: true, exposures: [exposure(ours)] }, ['configured', 'Healthy', 'Healthy']],
  ['protected, yet open', { isConfigured: true, exposures: [exposure()] }, ['configured', 'High', 'Unhealthy']],
  [
    'protected, yet open to some',
    { isConfigured: true, exposures: [exposure(some)] },
    ['configured', 'Low', 'Unhealthy'],
  ],
  ['protected, nobody can tell', { isConfigured: true, exposures: undefined }, ['configured', 'Healthy', 'Healthy']],
  ['protected and stopped', { isConfigured: true, power: 'stopped' }, ['configured', 'Healthy', 'Healthy']],
  ['protected, the plan is off', { isConfigured: true, isPlanOn: false }, ['configured', 'Healthy', 'Healthy']],
  ['protected in vain', { isConfigured: true, ...cannot('NoSecurityGroup') }, ['configured', 'High', 'Unhealthy']],
]

describe('the decision tree', () => {
  it.each(TREE)('%s', (_what, facts, [category, severity, health, why]) => {
    const posture = postureOf({ isConfigured: false, isPlanOn: true, exposures: [], ...facts })
    expect([posture.category, posture.severity, posture.health, posture.why]).toEqual([category, severity, health, why])
    expect(posture.reason).not.toBe('')
  })
})

describe('an answer', () => {
  it('says of a host that is away since when nobody can tell', () => {
    const away = postureOf({ isConfigured: false, isPlanOn: true, exposures: undefined, unreachableSince: 0 })
    expect([away.severity, away.because]).toEqual(['Low', { code: 'UnseenSince', facts: expect.anything() }])
  })

  const reasonOf = (...exposures: Exposure[]): string =>
    postureOf({ isConfigured: false, isPlanOn: true, exposures }).reason

  it('names who gets in, by which rule, at which priority, in what', () => {
    expect(reasonOf(exposure())).toBe(
      'port 22 is open to the internet by rule Allow-SSH at priority 1000 in NSG web-nsg',
    )
    const { publicAddress: _, ...inside } = exposure()
    expect(reasonOf(inside)).toContain('port 22 is open to everybody who reaches 10.0.0.4 by')
    expect(reasonOf(exposure(some))).toContain('port 22 is open to 198.51.100.0/24 by')
    expect(reasonOf(exposure(maybe))).toContain('port 22 may be open to storage.westeurope by')
  })

  it('names every rule on the way, and what has no priority without one', () => {
    const through = [
      { rule: 'in', priority: 100, of: 'NSG subnet-nsg' },
      { rule: 'sgr-1', of: 'security group sg-1 (web)' },
    ]
    expect(reasonOf(exposure({ through }))).toContain(
      'by rule in at priority 100 in NSG subnet-nsg and rule sgr-1 in security group sg-1 (web)',
    )
  })

  it('leads with the worst, and counts a way in once however many protocols it goes by', () => {
    const { findings, reason } = postureOf({
      isConfigured: true,
      isPlanOn: true,
      exposures: [exposure({ ...some, port: 22 }), exposure({ port: 3389 }), exposure({ port: 3389, protocol: 'UDP' })],
    })
    expect(findings.map(({ code, port }) => [code, port])).toEqual([
      ['OpenToEverybody', 3389],
      ['OpenToSome', 22],
    ])
    expect(reason).toMatch(/^configured, yet port 3389 is open to the internet by .* \(and 1 more\)$/)
  })

  it('names a few of many sources', () => {
    const from = Array.from({ length: 8 }, (_, at) => `192.0.2.${at}`)
    expect(reasonOf(exposure({ breadth: 'some', from }))).toContain('192.0.2.4 and 3 more by')
  })
})
