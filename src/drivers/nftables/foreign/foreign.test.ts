import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIpPrefix, prefixContains } from '../../../domain/net.ts'
import { managedKey, parseElementId, sourceOf, type ManagedKey } from '../element.ts'
import { prefixesOfRange } from './foreign-match.ts'
import { NOTHING_FORWARDED } from './foreign-forward.ts'
import { anywhereFor, keepsFor, scanForeign, unknownFor } from './foreign.ts'

const SSH = managedKey(6, 22)

/** What `nft -j list ruleset` says of one input chain with these rules, and of one more chain that it may jump to. */
function aListing(
  rules: readonly (readonly unknown[])[],
  { family = 'inet', other = [] as readonly (readonly unknown[])[], sets = [] as readonly unknown[] } = {},
): unknown {
  const chain = { family, table: 'filter' }
  return {
    nftables: [
      { metainfo: {} },
      { table: { family, name: 'filter' } },
      ...sets.map((set) => ({ set: { ...chain, ...Object(set) } })),
      { chain: { ...chain, name: 'input', type: 'filter', hook: 'input', prio: 0, policy: 'drop' } },
      { chain: { ...chain, name: 'other' } },
      ...rules.map((expr, handle) => ({ rule: { ...chain, chain: 'input', handle, expr } })),
      ...other.map((expr, handle) => ({ rule: { ...chain, chain: 'other', handle, expr } })),
    ],
  }
}

const match = (left: unknown, right: unknown, op = '=='): unknown => ({ match: { op, left, right } })
const payload = (protocol: string, field: string): unknown => ({ payload: { protocol, field } })
const meta = (key: string): unknown => ({ meta: { key } })
const from = (right: unknown): unknown => match(payload('ip', 'saddr'), right)
const port = (right: unknown): unknown => match(payload('tcp', 'dport'), right)
const state = (right: unknown): unknown => match({ ct: { key: 'state' } }, right, 'in')
const accept = { accept: null }
const counter = { counter: { packets: 0, bytes: 0 } }

function kept(listing: unknown, key: ManagedKey = SSH): string[] {
  return keepsFor(scanForeign(listing), [key]).map(({ id }) => {
    const element = parseElementId(id)
    return element === undefined ? id : formatIpPrefix(sourceOf(element))
  })
}

describe('an allow of another table', () => {
  it.each([
    ['for one address', [from('10.0.0.1'), port(22), accept], ['10.0.0.1']],
    [
      'for a network, with a counter and a log',
      [from({ prefix: { addr: '10.1.0.0', len: 16 } }), port(22), counter, { log: {} }, accept],
      ['10.1.0.0/16'],
    ],
    ['for a set of addresses', [from({ set: ['10.0.0.1', '10.0.0.9'] }), port(22), accept], ['10.0.0.1', '10.0.0.9']],
    [
      'for a range of addresses',
      [from({ range: ['10.0.0.2', '10.0.0.5'] }), port(22), accept],
      ['10.0.0.2/31', '10.0.0.4/31'],
    ],
    ['for a range of ports', [from('10.0.0.1'), port({ range: [20, 30] }), accept], ['10.0.0.1']],
    ['for a set of ports', [from('10.0.0.1'), port({ set: [80, 22] }), accept], ['10.0.0.1']],
    ['for every port', [from('10.0.0.1'), accept], ['10.0.0.1']],
    [
      'by protocol number and any header',
      [from('10.0.0.1'), match(meta('l4proto'), 6), match(payload('th', 'dport'), 22), accept],
      ['10.0.0.1'],
    ],
    ['for new connections', [from('10.0.0.1'), state(['new', 'established']), port(22), accept], ['10.0.0.1']],
    ['of the other family', [match(payload('ip6', 'saddr'), '2001:db8::1'), port(22), accept], ['2001:db8::1']],
    ['for another port', [from('10.0.0.1'), port(80), accept], []],
    ['for another protocol', [from('10.0.0.1'), match(payload('udp', 'dport'), 22), accept], []],
    ['for connections that stand', [from('10.0.0.1'), state(['established', 'related']), accept], []],
    ['for loopback', [match(meta('iifname'), 'lo'), accept], []],
    ['that is a drop', [from('10.0.0.1'), port(22), { drop: null }], []],
    ['that is a drop before it is an accept', [from('10.0.0.1'), { drop: null }, accept], []],
  ])('is kept where it can be kept: %s', (_title, rule, sources) => {
    expect(kept(aListing([rule]))).toEqual(sources)
    expect(unknownFor(scanForeign(aListing([rule])), SSH)).toEqual([])
  })

  it('is followed through a jump, with the conditions of the jump', () => {
    const listing = aListing([[from('10.0.0.1'), { jump: { target: 'other' } }]], { other: [[port(22), accept]] })
    expect(kept(listing)).toEqual(['10.0.0.1'])
  })

  it('is kept for the members of a named set', () => {
    const sets = [{ name: 'admins', type: 'ipv4_addr', elem: ['10.0.0.1', { prefix: { addr: '10.2.0.0', len: 24 } }] }]
    expect(kept(aListing([[from('@admins'), port(22), accept]], { sets }))).toEqual(['10.0.0.1', '10.2.0.0/24'])
  })

  it.each([
    ['anything but one network', [match(payload('ip', 'saddr'), '10.0.0.1', '!='), port(22), accept]],
    ['one interface', [match(meta('iifname'), 'eth0'), port(22), accept]],
    ['one destination', [match(payload('ip', 'daddr'), '10.0.0.1'), port(22), accept]],
    ['so many a minute', [port(22), { limit: { rate: 5, per: 'minute' } }, accept]],
    ['an extension of iptables', [port(22), { xt: { type: 'match', name: 'recent' } }, accept]],
    ['a map of verdicts', [{ vmap: { key: payload('tcp', 'dport'), data: { set: [[22, accept]] } } }]],
    ['a set that was not read', [from('@unread'), port(22), accept]],
  ])('is never guessed when it depends on %s: a person is told', (_title, rule) => {
    const scan = scanForeign(aListing([rule]))
    expect(keepsFor(scan, [SSH])).toEqual([])
    expect(unknownFor(scan, SSH).map(({ place }) => place)).toEqual(['table inet filter, chain input, handle 0'])
  })

  it.each([
    ['without a source', [port(22), accept], 'inet'],
    ['from 0.0.0.0/0', [from({ prefix: { addr: '0.0.0.0', len: 0 } }), port(22), accept], 'inet'],
    ['without any condition', [accept], 'ip'],
  ])('from anywhere is not kept, and is told before it is closed: %s', (_title, rule, family) => {
    const scan = scanForeign(aListing([rule], { family }))
    expect(keepsFor(scan, [SSH])).toEqual([])
    expect(anywhereFor(scan, SSH)).toHaveLength(1)
  })

  it('is none of ours: our own tables and our mark are passed by', () => {
    const mark = match({ '&': [meta('mark'), 0x1000_0000] }, 0, '!=')
    expect(scanForeign(aListing([[mark, accept]]))).toEqual({
      accepts: [],
      unknown: [],
      published: [],
      forward: NOTHING_FORWARDED,
    })
  })

  it('is nothing at all in what is no listing', () => {
    for (const nonsense of [
      undefined,
      null,
      7,
      [],
      {},
      { nftables: 7 },
      { nftables: [7, null, { rule: 7 }, { chain: {} }] },
    ]) {
      expect(scanForeign(nonsense)).toEqual({ accepts: [], unknown: [], published: [], forward: NOTHING_FORWARDED })
    }
  })
})

it('a range of addresses becomes prefixes that hold all of it and nothing else', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.nat(300), fc.nat(0xffff), (start, size, probe) => {
      const [first, last] = [BigInt(start), BigInt(start + size)]
      const prefixes = prefixesOfRange(4, first, last) ?? []
      const isIn = prefixes.filter((outer) =>
        prefixContains(outer, { family: 4, bits: BigInt(probe), length: 32 }),
      ).length
      expect(isIn).toBe(probe >= start && probe <= start + size ? 1 : 0)
    }),
  )
})
