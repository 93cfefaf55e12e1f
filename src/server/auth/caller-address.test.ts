import { describe, expect, it } from 'vitest'
import { parseIpPrefix, type IpPrefix } from '../../domain/net.ts'
import { callerAddress, NO_PROXIES, type ProxyHeader } from './caller-address.ts'

function aPrefix(text: string): IpPrefix {
  const parsed = parseIpPrefix(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}

function behind(header: ProxyHeader, ...prefixes: string[]) {
  return { header, prefixes: prefixes.map(aPrefix) }
}

const proxies = behind('x-forwarded-for', '10.0.0.0/8', 'fd00::/8')

describe('the address a request came from', () => {
  it('is the socket’s when no proxy is configured, whatever a header says', () => {
    expect(callerAddress(NO_PROXIES, { socketAddress: '203.0.113.9', header: '198.51.100.1' })).toBe('203.0.113.9')
    expect(callerAddress(NO_PROXIES, { socketAddress: '::ffff:203.0.113.9', header: undefined })).toBe('203.0.113.9')
    expect(callerAddress(NO_PROXIES, { socketAddress: 'fe80::1%eth0', header: undefined })).toBe('fe80::1')
  })

  it('is not believed from a caller who is no proxy of ours', () => {
    expect(callerAddress(proxies, { socketAddress: '203.0.113.9', header: '198.51.100.1' })).toBe('203.0.113.9')
  })

  it('is the rightmost that is no proxy of ours: what a caller wrote before it counts for nothing', () => {
    const header = '198.51.100.1, 10.9.9.9, 203.0.113.9, 10.0.0.2'
    expect(callerAddress(proxies, { socketAddress: '10.0.0.1', header })).toBe('203.0.113.9')
  })

  it('is that of the first proxy when nobody stands before it', () => {
    expect(callerAddress(proxies, { socketAddress: '10.0.0.1', header: '10.0.0.2' })).toBe('10.0.0.2')
    expect(callerAddress(proxies, { socketAddress: '10.0.0.1', header: undefined })).toBe('10.0.0.1')
  })

  it('may be IPv6 and may be written with a port', () => {
    expect(callerAddress(proxies, { socketAddress: 'fd00::1', header: '[2001:DB8::17]:4711' })).toBe('2001:db8::17')
    expect(callerAddress(proxies, { socketAddress: 'fd00::1', header: '203.0.113.9:4711' })).toBe('203.0.113.9')
  })

  it.each(['unknown', '_hidden', '', '203.0.113.0/24', 'for=1.2.3.4', '203.0.113.9 198.51.100.1'])(
    'is not known when a proxy of ours says %j',
    (hop) => {
      expect(callerAddress(proxies, { socketAddress: '10.0.0.1', header: `198.51.100.1, ${hop}` })).toBe('')
    },
  )

  it.each([
    ['for=203.0.113.9', '203.0.113.9'],
    ['for=198.51.100.1, for="[2001:db8::17]:4711";proto=https;by=10.0.0.2', '2001:db8::17'],
    ['proto=https; For="203.0.113.9:80"', '203.0.113.9'],
    ['for="198.51.100.1, for=198.51.100.2", for=203.0.113.9', '203.0.113.9'],
    ['for=203.0.113.9, proto=https', ''],
    ['for=unknown', ''],
    ['x-for=203.0.113.9', ''],
  ])('is read from Forwarded: %s', (header, expected) => {
    const trusted = behind('forwarded', '10.0.0.0/8')
    expect(callerAddress(trusted, { socketAddress: '10.0.0.1', header })).toBe(expected)
  })
})
