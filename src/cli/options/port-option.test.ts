import { describe, expect, test } from 'vitest'
import { valueOf } from '../../../test/support/builders.ts'
import { parsePort, parsePortRuleOption } from './port-option.ts'

describe('--port of a request', () => {
  test.each([
    ['22', { number: 22 }],
    ['22/tcp', { number: 22, protocol: 'TCP' }],
    ['53/UDP', { number: 53, protocol: 'UDP' }],
    ['22/any', { number: 22, protocol: '*' }],
    ['0', { number: 0 }],
  ])('%s is understood', (text, expected) => {
    expect(valueOf(parsePort(text))).toEqual(expected)
  })

  test.each(['', 'ssh', '65536', '-1', '22/icmp', '22/tcp/udp', '2 2', '0x16', '22/'])('%j is refused', (text) => {
    expect(parsePort(text).ok).toBe(false)
  })
})

describe('--port of a policy', () => {
  test('what is left out is the default: every protocol, from anywhere, for at most three hours', () => {
    expect(valueOf(parsePortRuleOption('22'))).toEqual({
      number: 22,
      protocol: '*',
      allowedSourceAddressPrefix: '*',
      maxRequestAccessDuration: 'PT3H',
    })
  })

  test('one source is written as the single field, several as the list', () => {
    expect(valueOf(parsePortRuleOption('22/tcp,max=90m,from=10.0.0.0/8'))).toEqual({
      number: 22,
      protocol: 'TCP',
      allowedSourceAddressPrefix: '10.0.0.0/8',
      maxRequestAccessDuration: 'PT1H30M',
    })
    expect(valueOf(parsePortRuleOption('22,from=10.0.0.0/8,from=2001:db8::/32'))).toMatchObject({
      allowedSourceAddressPrefixes: ['10.0.0.0/8', '2001:db8::/32'],
    })
  })

  test('every mistake is named at once, with the option that it is in', () => {
    const parsed = parsePortRuleOption('ssh/tcp,max=soon,from=office,colour=red')
    const issues = parsed.ok ? [] : parsed.refusals
    expect(issues.map(({ code }) => code)).toEqual([
      'InvalidPort',
      'InvalidDuration',
      'InvalidAddressPrefix',
      'UnknownSetting',
    ])
    expect(new Set(issues.map(({ target }) => target))).toEqual(
      new Set(['--port ssh/tcp,max=soon,from=office,colour=red']),
    )
  })

  test('a maximum that no policy may have is refused before anything is sent', () => {
    for (const text of ['22,max=1m', '22,max=25h']) expect(parsePortRuleOption(text)).toMatchObject({ ok: false })
  })

  test('what becomes of who is connected at the end is said with the port', () => {
    expect(valueOf(parsePortRuleOption('22/tcp,end=cut'))).toMatchObject({ onExpiry: 'cut' })
    expect(parsePortRuleOption('22,end=drop')).toMatchObject({ refusals: [{ code: 'InvalidOnExpiry' }] })
  })

  test('two maximums, or two ends, are refused rather than one ignored', () => {
    expect(parsePortRuleOption('22,end=cut,end=keep')).toMatchObject({ refusals: [{ code: 'RepeatedEnd' }] })
    expect(parsePortRuleOption('22,max=1h,max=2h')).toMatchObject({ refusals: [{ code: 'RepeatedMaximum' }] })
  })
})
