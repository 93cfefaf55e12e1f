import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { admitsEverybody, effective } from './effective.ts'
import { parseIpPrefix } from '../net.ts'
import { parseSecurityRule, withPriority, type SecurityRule } from './security-rule.ts'
import { sha256 } from '../sha256.ts'

const GOOD = {
  name: 'ssh',
  etag: 'W/"1"',
  properties: {
    priority: 1000,
    direction: 'Inbound',
    access: 'Allow',
    protocol: 'Tcp',
    sourceAddressPrefix: '198.51.100.0/24',
    sourcePortRange: '*',
    destinationAddressPrefix: '*',
    destinationPortRanges: ['22-25', '80'],
    notKnownToUs: { kept: true },
  },
}

function parsed(properties: Record<string, unknown> = {}): SecurityRule {
  const result = parseSecurityRule({ ...GOOD, properties: { ...GOOD.properties, ...properties } }, 'rule')
  if (!result.ok) throw new Error(JSON.stringify(result.refusals))
  return result.value
}

function letIn(
  rule: SecurityRule,
  from: string,
  port: number,
  origin: 'internet' | 'virtualNetwork' = 'internet',
): string {
  const source = parseIpPrefix(from)
  const destination = parseIpPrefix('10.0.0.4')
  if (!source.ok || !destination.ok) throw new Error(from)
  const packet = {
    origin,
    source: source.value,
    destination: destination.value,
    sourcePort: 40_000,
    port,
    protocol: 'TCP',
  } as const
  return effective([rule], packet).letIn
}

it('a rule keeps every member that this program does not know, also when its priority moves', () => {
  const moved = withPriority(parsed(), 1001)
  expect(moved.written).toEqual({ ...GOOD, properties: { ...GOOD.properties, priority: 1001 } })
})

it('a malformed rule is refused with every issue and its place', () => {
  const bad = {
    name: '',
    properties: { priority: 99, direction: 'Up', access: 'Maybe', protocol: '', destinationPortRange: '70000' },
  }
  const result = parseSecurityRule(bad, 'rules[3]')
  expect(result.ok ? [] : result.refusals.map(({ target }) => target)).toEqual([
    'rules[3].name',
    'rules[3].properties.priority',
    'rules[3].properties.direction',
    'rules[3].properties.access',
    'rules[3].properties.protocol',
    'rules[3].properties.sourceAddressPrefix',
    'rules[3].properties.destinationAddressPrefix',
    'rules[3].properties.destinationPortRange',
  ])
})

it('a packet is judged by address and port, and by the default rules when nothing else matches', () => {
  expect(letIn(parsed(), '198.51.100.7', 24)).toBe('yes')
  expect(letIn(parsed(), '198.51.100.7', 26)).toBe('no')
  expect(letIn(parsed(), '203.0.113.7', 22)).toBe('no')
  expect(letIn(parsed(), '10.0.0.9', 22, 'virtualNetwork')).toBe('yes')
})

it('a rule for a service tag that only the cloud can resolve leaves the answer open', () => {
  expect(letIn(parsed({ sourceAddressPrefix: 'AzureCloud' }), '203.0.113.7', 22)).toBe('maybe')
  expect(letIn(parsed({ sourceAddressPrefix: 'Internet' }), '203.0.113.7', 22)).toBe('yes')
})

it.each([
  [['0.0.0.0/1', '128.0.0.0/1'], true],
  [['0.0.0.0/1', '128.0.0.0/2', '192.0.0.0/3'], false],
  [['::/1', '8000::/1'], true],
  [['AzureCloud', '10.0.0.0/8'], false],
])('prefixes %j together admit everybody: %s', (prefixes, everybody) => {
  const rule = parsed({ sourceAddressPrefix: undefined, sourceAddressPrefixes: prefixes })
  expect(admitsEverybody(rule.sources)).toBe(everybody)
})

it('hashes as SHA-256 does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'))
    }),
  )
})
