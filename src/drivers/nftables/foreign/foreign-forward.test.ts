import { describe, expect, it } from 'vitest'
import { aPrefix } from '../../../../test/support/builders.ts'
import { behindKey, managedKey, parseElementId } from '../element.ts'
import { keepsBehind, unreadPlaces } from './foreign-forward.ts'
import { scanForeign } from './foreign.ts'
import { publishedElsewhere } from './published-elsewhere.ts'

const SSH = managedKey(6, 22)
const DB1 = behindKey(aPrefix('10.1.0.2'), SSH)
const DB2 = behindKey(aPrefix('10.1.0.3'), SSH)
const DB1_V6 = behindKey(aPrefix('fd00:1::2'), SSH)

const accept = { accept: null }
const drop = { drop: null }
const match = (field: string, right: unknown, protocol = 'ip'): object => ({
  match: { op: '==', left: { payload: { protocol, field } }, right },
})
const ssh = match('dport', 22, 'tcp')

interface Listed {
  readonly hook?: string
  readonly type?: string
}

function aListing(
  rules: readonly (readonly object[])[],
  { hook = 'forward', type = 'filter' }: Listed = {},
): { readonly nftables: readonly object[] } {
  const place = { family: 'inet', table: 'mine' }
  return {
    nftables: [
      { chain: { ...place, name: 'c', hook, type, policy: 'accept' } },
      ...rules.map((expr, index) => ({ rule: { ...place, chain: 'c', handle: index + 1, expr } })),
    ],
  }
}

function kept(rules: readonly (readonly object[])[], ...keys: readonly (typeof DB1)[]): string[] {
  const found = keepsBehind(scanForeign(aListing(rules)).forward, keys)
  return found.map(({ id }) => {
    const { set, bits, to } = parseElementId(id) ?? {}
    return `${set?.kind} ${set?.family} ${bits}/${set?.length} to ${to}`
  })
}

const TEN = 0x0a00_0000n

describe('what others let through to a machine behind', () => {
  it('is kept for the sources, the port and the machines that their rule names', () => {
    const source = match('saddr', { prefix: { addr: '10.9.0.0', len: 16 } })
    const expected = `keepThrough 4 ${TEN + 0x0009_0000n}/16 to ${TEN + 0x0001_0002n}`
    expect(kept([[source, match('daddr', '10.1.0.2'), ssh, accept]], DB1, DB2)).toEqual([expected])
    expect(kept([[source, ssh, accept]], DB1)).toEqual([expected])
    expect(kept([[source, match('daddr', { prefix: { addr: '10.1.0.0', len: 24 } }), accept]], DB1, DB2)).toHaveLength(
      2,
    )
    expect(kept([[source, match('dport', 80, 'tcp'), accept]], DB1)).toEqual([])
  })

  it('is never kept for another family, another machine, everybody, or what cannot be read', () => {
    const source = match('saddr', '10.9.0.1')
    expect(kept([[source, ssh, accept]], DB1_V6)).toEqual([])
    expect(kept([[source, match('daddr', '10.1.0.9'), ssh, accept]], DB1)).toEqual([])
    expect(kept([[ssh, accept]], DB1)).toEqual([])
    expect(kept([[source, ssh, { xt: { type: 'match', name: 'recent' } }, accept]], DB1)).toEqual([])
    expect(kept([[source, ssh, drop]], DB1)).toEqual([])
    expect(kept([[match('saddr', { prefix: { addr: '0.0.0.0', len: 0 } }), ssh, accept]], DB1)).toEqual([])
    expect(kept([[source, match('daddr', '@machines'), ssh, accept]], DB1)).toEqual([])
    expect(kept([[source, match('daddr', '10.1.0.2'), match('daddr', '10.1.0.3'), ssh, accept]], DB1, DB2)).toEqual([])
  })

  it('is to be read by a person where it cannot be told', () => {
    const iif = { match: { op: '==', left: { meta: { key: 'iifname' } }, right: 'eth1' } }
    const { forward } = scanForeign(
      aListing([
        [iif, accept],
        [iif, match('daddr', '10.1.0.9'), accept],
      ]),
    )
    expect(unreadPlaces(forward, [DB1])).toEqual(['table inet mine, chain c, handle 1'])
  })

  it('is none of what comes in to this host itself', () => {
    const listing = aListing([[match('saddr', '10.9.0.1'), ssh, accept]], { hook: 'input' })
    expect(keepsBehind(scanForeign(listing).forward, [DB1])).toEqual([])
  })
})

describe('the ports that others send on', () => {
  const portsIn = (...rules: readonly (readonly object[])[]): unknown =>
    scanForeign(aListing(rules, { type: 'nat', hook: 'prerouting' })).published.map(({ ports, to }) => [
      ports.map(({ from, to: last }) => `${from}-${last}`).join(),
      to?.port,
    ])

  it('are read from the rule’s condition, from a map in it, and from the words of iptables', () => {
    const dnat = { dnat: { addr: '10.1.0.2', port: 22 } }
    expect(portsIn([match('dport', 2222, 'tcp'), dnat])).toEqual([['2222-2222', 22]])
    expect(portsIn([match('dport', { range: [8000, 8010] }, 'tcp'), { redirect: { port: 80 } }])).toEqual([
      ['8000-8010', undefined],
    ])
    const mapped = {
      dnat: {
        addr: {
          map: {
            key: {},
            data: {
              set: [
                [8080, '10.0.0.2'],
                [8081, '10.0.0.3'],
              ],
            },
          },
        },
      },
    }
    expect(portsIn([mapped])).toEqual([['8080-8080,8081-8081', undefined]])
    const target = { xt: { type: 'target', name: 'DNAT' } }
    expect(portsIn([match('dport', 2223, 'tcp'), target])).toEqual([['2223-2223', undefined]])
  })

  it('are none of a rule that sends nothing on, and none are named by one for all ports', () => {
    expect(portsIn([match('dport', 2222, 'tcp'), accept], [{ dnat: { addr: '10.1.0.2' } }])).toEqual([])
    expect(publishedElsewhere([], () => () => undefined)).toEqual([])
  })
})
