import { BlockList, isIP } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatIpPrefix,
  formatSource,
  isPortNumber,
  parseIpPrefix,
  parseSource,
  prefixContains,
  protocolContains,
  sourceContains,
  sourcesOverlap,
  widthOf,
  type Family,
  type IpPrefix,
} from './net.ts'
import { aPrefix, aSource } from '../../test/support/builders.ts'

const family = fc.constantFrom<Family>(4, 6)
const anAddress = (of: Family): fc.Arbitrary<string> => (of === 4 ? fc.ipV4() : fc.ipV6())
const prefixText = family.chain((of) =>
  fc.tuple(anAddress(of), fc.nat({ max: widthOf(of) })).map(([address, length]) => `${address}/${length}`),
)
/** Short lengths and few bits, so that containment happens often. */
const crowded = fc
  .tuple(family, fc.bigInt({ min: 0n, max: 15n }), fc.nat({ max: 6 }))
  .map(([of, high, length]) => aPrefix(formatIpPrefix(masked(of, high << BigInt(widthOf(of) - 4), length))))
const anyPrefix = fc.oneof(prefixText.map(aPrefix), crowded)

/** An independent model: a prefix as the text of its leading bits. */
const bitsOf = ({ family: of, bits, length }: IpPrefix): string =>
  `${of}:${bits.toString(2).padStart(widthOf(of), '0').slice(0, length)}`

function masked(of: Family, bits: bigint, length: number): IpPrefix {
  const text = bits.toString(2).padStart(widthOf(of), '0')
  return { family: of, bits: BigInt(`0b${text.slice(0, length).padEnd(widthOf(of), '0')}`), length }
}

describe('an address prefix', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7/32', '203.0.113.7'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['255.255.255.255/0', '0.0.0.0/0'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['192.168.1.255/31', '192.168.1.254/31'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8::1/32', '2001:db8::/32'],
    ['::', '::'],
    ['::/0', '::/0'],
    ['::1', '::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['0:0:1::', '0:0:1::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['::1.2.3.4', '::102:304'],
  ])('%s means %s', (text, canonical) => {
    expect(formatIpPrefix(aPrefix(text))).toBe(canonical)
  })

  it.each([
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
  ])('%s is the IPv4 prefix %s that a dual-stack socket means by it', (text, canonical) => {
    expect(aPrefix(text).family).toBe(4)
    expect(formatIpPrefix(aPrefix(text))).toBe(canonical)
  })

  it('wider than the mapped block stays IPv6 and lets no IPv4 in', () => {
    const wide = aPrefix('::ffff:1.2.3.4/95')
    expect(wide.family).toBe(6)
    expect(prefixContains(wide, aPrefix('1.2.3.4'))).toBe(false)
    expect(prefixContains(aPrefix('::/0'), aPrefix('1.2.3.4'))).toBe(false)
  })

  it.each([
    '',
    '*',
    ' ',
    '/',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '10.0.0.0/8.0',
    '10.0.0.0/1e1',
    '10.0.0.0/0x8',
    '10.0.0.0/ 8',
    '10.0.0.0/8/8',
    '10.0.0.0/8\n',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0-10.0.0.9',
    '10.0.0.0,10.0.0.1',
    '10',
    '10.0',
    '10.0.0',
    '10.0.0.0.0',
    '10.0.0.256',
    '10.0.0.-1',
    '010.0.0.1',
    '0x0a.0.0.1',
    '167772161',
    '10.0.0.٣',
    '１０.0.0.1',
    ' 10.0.0.1',
    '10.0.0.1 ',
    '10.0.0.1:22',
    'localhost',
    'Internet',
    'VirtualNetwork',
    ':',
    ':::',
    '1:',
    ':1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '12345::',
    'g::',
    '::1.2.3',
    '::1.2.3.4.5',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::01.2.3.4',
    'fe80::1%eth0',
    '[::1]',
    '::1/129',
    '::/00',
    'ｆe80::1',
  ])('%j is refused', (text) => {
    expect(parseIpPrefix(text)).toMatchObject({ ok: false, refusals: [{ code: 'InvalidAddressPrefix' }] })
  })

  it('is refused whenever its address is none for Node, and taken whenever it is one without a zone', () => {
    const likely = fc.oneof(
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcfF.:%/ x'.split('')), maxLength: 40 }),
      fc
        .array(fc.constantFrom('0', '1', 'ffff', '::', ':', '1.2.3.4', '.', '256', '01', '%1'), { maxLength: 12 })
        .map((parts) => parts.join('')),
      fc.string(),
    )
    fc.assert(
      fc.property(likely, (text) => {
        fc.pre(!text.includes('/'))
        expect(parseIpPrefix(text).ok).toBe(isIP(text) !== 0 && !text.includes('%'))
      }),
      { numRuns: 2_000 },
    )
  })

  it('comes back from its own text', () => {
    fc.assert(
      fc.property(prefixText.map(aPrefix), (prefix) => {
        expect(aPrefix(formatIpPrefix(prefix))).toEqual(prefix)
      }),
    )
  })

  it('is written as RFC 5952 says, which is how URLs write it', () => {
    fc.assert(
      fc.property(fc.ipV6().map(aPrefix), (prefix) => {
        fc.pre(prefix.family === 6)
        expect(`[${formatIpPrefix(prefix)}]`).toBe(new URL(`http://[${formatIpPrefix(prefix)}]`).hostname)
      }),
    )
  })

  it('has no bits beyond its length', () => {
    fc.assert(
      fc.property(prefixText.map(aPrefix), (prefix) => {
        expect(prefix).toEqual(masked(prefix.family, prefix.bits, prefix.length))
      }),
    )
  })

  it('holds exactly the addresses that Node finds in the same block', () => {
    fc.assert(
      fc.property(prefixText, family.chain(anAddress), (text, address) => {
        const [base = '', length = ''] = text.split('/')
        const outer = aPrefix(text)
        const inner = aPrefix(address)
        fc.pre(outer.family === inner.family)
        const block = new BlockList()
        block.addSubnet(base, Number(length), base.includes(':') ? 'ipv6' : 'ipv4')
        expect(prefixContains(outer, inner)).toBe(block.check(address, address.includes(':') ? 'ipv6' : 'ipv4'))
      }),
    )
  })

  it('holds its first and its last address, and neither neighbour', () => {
    fc.assert(
      fc.property(prefixText.map(aPrefix), (outer) => {
        const width = widthOf(outer.family)
        const size = 1n << BigInt(width - outer.length)
        const holds = (bits: bigint): boolean => prefixContains(outer, { family: outer.family, bits, length: width })
        expect(holds(outer.bits) && holds(outer.bits + size - 1n)).toBe(true)
        expect(holds(outer.bits - 1n) || holds(outer.bits + size)).toBe(false)
      }),
    )
  })

  it('holds another exactly when its leading bits lead the other', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (outer, inner) => {
        expect(prefixContains(outer, inner)).toBe(bitsOf(inner).startsWith(bitsOf(outer)))
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    `${'1:'.repeat(500_000)}1`,
    ':'.repeat(1_000_000),
    '.'.repeat(1_000_000),
    '/'.repeat(1_000_000),
    `10.0.0.0/${'0'.repeat(1_000_000)}`,
    `::${'0'.repeat(1_000_000)}`,
  ])('of a million characters is refused at once, in a short sentence (%#)', (text) => {
    const started = performance.now()
    const parsed = parseIpPrefix(text)
    expect(parsed.ok).toBe(false)
    expect(JSON.stringify(parsed).length).toBeLessThan(500)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('a source', () => {
  it('is anything, or a prefix', () => {
    expect(parseSource('*')).toEqual({ ok: true, value: '*' })
    expect(formatSource(aSource('*'))).toBe('*')
    expect(formatSource(aSource('10.0.0.1/8'))).toBe('10.0.0.0/8')
    expect(parseSource('**').ok).toBe(false)
    expect(parseSource('any').ok).toBe(false)
  })

  it.each([
    ['*', '*', true],
    ['*', '0.0.0.0/0', true],
    ['*', '::/0', true],
    ['0.0.0.0/0', '*', false],
    ['::/0', '*', false],
    ['0.0.0.0/0', '203.0.113.7', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['0.0.0.0/0', '::ffff:203.0.113.7', true],
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.1.0.0/16', '10.0.0.0/8', false],
    ['10.0.0.0/8', '11.0.0.0/8', false],
    ['10.0.0.0/9', '10.127.255.255', true],
    ['10.0.0.0/9', '10.128.0.0', false],
  ])('%s holds all of %s: %s', (outer, inner, expected) => {
    expect(sourceContains(aSource(outer), aSource(inner))).toBe(expected)
  })

  it('overlaps another when one of them holds the other, either way round', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (a, b) => {
        const [shorter = '', longer = ''] = [bitsOf(a), bitsOf(b)].sort((x, y) => x.length - y.length)
        expect(sourcesOverlap(a, b)).toBe(longer.startsWith(shorter))
        expect(sourcesOverlap(b, a)).toBe(longer.startsWith(shorter))
        expect(sourcesOverlap('*', a) && sourcesOverlap(a, '*')).toBe(true)
      }),
    )
  })
})

describe('a protocol and a port', () => {
  it('* holds every protocol, the others hold themselves', () => {
    expect(protocolContains('*', 'TCP') && protocolContains('*', '*') && protocolContains('TCP', 'TCP')).toBe(true)
    expect(protocolContains('TCP', '*') || protocolContains('TCP', 'UDP')).toBe(false)
  })

  it.each([0, 1, 22, 65_535])('%d is a port', (port) => {
    expect(isPortNumber(port)).toBe(true)
  })

  it.each([-1, 65_536, 22.5, Number.NaN, Infinity, '22', null, undefined, 22n, [22], true])('%s is none', (port) => {
    expect(isPortNumber(port)).toBe(false)
  })
})
