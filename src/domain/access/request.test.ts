import { BlockList } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSource } from '../net.ts'
import {
  decide,
  LONGEST_JUSTIFICATION,
  MOST_HOLES,
  summaryOf,
  type AccessRequestInput,
  type Allowed,
  type Circumstances,
  type RequestedPort,
} from './request.ts'
import type { PolicyBody } from '../policy/policy.ts'
import { refusal } from '../refusal.ts'
import { DAY, formatDuration, formatInstant, HOUR, SECOND } from '../time.ts'
import {
  aMachineId,
  anAskedPort,
  aPolicy,
  aRequest,
  NOON,
  valueOf,
  type AskedSpec,
  type PolicySpec,
  type RequestSpec,
} from '../../../test/support/builders.ts'

const HERE: Circumstances = { now: NOON, callerAddress: '203.0.113.7', ipv6: 'allowed' }
const PORT = 'virtualMachines[0].ports[0]'
const POLICY_ID = '/subscriptions/x/policies/default'

const allowedBy = (policy: PolicySpec, request: RequestSpec, circumstances = HERE): readonly Allowed[] =>
  valueOf(decide(aPolicy(policy), aRequest(request), circumstances))

/** Code and place of every refusal. */
function refusalsOf(
  policy: PolicyBody,
  request: AccessRequestInput,
  circumstances = HERE,
): (readonly [string, string | undefined])[] {
  const decided = decide(policy, request, circumstances)
  return decided.ok ? [] : decided.refusals.map(({ code, target }) => [code, target] as const)
}

const refusedBy = (policy: PolicySpec, request: RequestSpec, circumstances = HERE) =>
  refusalsOf(aPolicy(policy), aRequest(request), circumstances)

function messageOf(policy: PolicySpec, request: RequestSpec, circumstances = HERE): string {
  const decided = decide(aPolicy(policy), aRequest(request), circumstances)
  return decided.ok ? '' : (decided.refusals[0]?.message ?? '')
}

/** One port as a client could write it. */
const written = (port: Partial<RequestedPort>): AccessRequestInput => ({
  virtualMachines: [{ id: aMachineId(), ports: [{ number: 22, ...port }] }],
})

describe('a request inside its policy', () => {
  it('is allowed as it was asked, with the protocol of the policy', () => {
    const [hole] = allowedBy({ protocol: 'TCP' }, { duration: 'PT2H', from: '198.51.100.0/24' })
    expect(hole).toMatchObject({
      machine: aMachineId(),
      port: 22,
      protocol: 'TCP',
      sourcesAs: 'prefix',
      until: NOON + 2 * HOUR,
      endTimeUtc: '2026-01-31T14:00:00.0000000Z',
    })
    expect(hole?.sources.map(formatSource)).toEqual(['198.51.100.0/24'])
  })

  it('opens to the caller alone when it names no source', () => {
    const noSource = [{}, { allowedSourceAddressPrefix: null }, { allowedSourceAddressPrefixes: [] }]
    for (const sources of noSource) {
      const [hole] = valueOf(decide(aPolicy(), written({ duration: 'PT1H', ...sources }), HERE))
      expect(hole?.sources.map(formatSource)).toEqual(['203.0.113.7'])
      expect(hole?.sourcesAs).toBe('prefix')
    }
  })

  it('opens to the IPv4 address of a caller that a dual-stack socket shows as IPv6', () => {
    const [hole] = allowedBy({ from: '203.0.113.0/24' }, {}, { ...HERE, callerAddress: '::ffff:203.0.113.7' })
    expect(hole?.sources.map(formatSource)).toEqual(['203.0.113.7'])
  })

  it('may list sources, and hears them back as a list', () => {
    const [hole] = allowedBy(
      { from: ['10.0.0.0/8', '2001:db8::/32'] },
      { from: ['10.1.0.0/16', '2001:db8::1', '10.2.3.4'] },
    )
    expect(hole?.sources.map(formatSource)).toEqual(['10.1.0.0/16', '2001:db8::1', '10.2.3.4'])
    expect(hole?.sourcesAs).toBe('prefixes')
    expect(allowedBy({}, { from: ['10.2.3.4'] })[0]?.sourcesAs).toBe('prefixes')
  })

  it('may ask for several ports of several machines at once, in any case of letters', () => {
    const machines = [aMachineId('web1'), aMachineId('WEB2')]
    const holes = allowedBy(
      { machines: [aMachineId('web1'), aMachineId('web2'), aMachineId('web3')], ports: [{ port: 22 }, { port: 3389 }] },
      { machines, ports: [{ port: 3389, duration: 'PT1S' }, { port: 22 }] },
    )
    expect(holes.map(({ machine, port }) => [machine, port])).toEqual(
      machines.flatMap((machine) => [
        [machine, 3389],
        [machine, 22],
      ]),
    )
  })

  it('may ask for port 0 and for port 65535', () => {
    const ports = [{ port: 0 }, { port: 65_535 }]
    expect(allowedBy({ ports }, { ports }).map(({ port }) => port)).toEqual([0, 65_535])
  })
})

describe('the end of a request', () => {
  it.each([
    '2026-01-31T13:00:00Z',
    '2026-01-31T13:00:00.5Z',
    '2026-01-31T13:00:00.2133700Z',
    '2026-01-31T13:00:00.1234567Z',
  ])('%s is echoed with the caller’s own digits', (until) => {
    expect(allowedBy({}, { until })[0]?.endTimeUtc).toBe(until)
  })

  it.each([
    ['2026-01-31T15:00:00+02:00', '2026-01-31T13:00:00.0000000Z'],
    ['2026-01-31T13:00Z', '2026-01-31T13:00:00.0000000Z'],
    ['2026-01-31t13:00:00.25z', '2026-01-31T13:00:00.2500000Z'],
  ])('%s, which other readers may not take, is echoed as %s', (until, echoed) => {
    expect(allowedBy({}, { until })[0]?.endTimeUtc).toBe(echoed)
  })

  it('of a duration is exactly that long after the start, in the same digits', () => {
    const now = NOON + 123
    const [hole] = allowedBy({}, { duration: 'PT1H' }, { ...HERE, now })
    expect(hole).toMatchObject({ until: now + HOUR, endTimeUtc: '2026-01-31T13:00:00.1230000Z' })
  })

  it('is written once: exactly one of endTimeUtc and duration', () => {
    const end = formatInstant(NOON + HOUR)
    const sentence = "Only one of fields 'EndTimeUtc' and 'Duration' can be set."
    for (const time of [
      {},
      { endTimeUtc: null, duration: null },
      { endTimeUtc: end, duration: 'PT1H' },
      { endTimeUtc: '', duration: 'PT1H' },
    ]) {
      const decided = decide(aPolicy(), written(time), HERE)
      expect(decided).toEqual({ ok: false, refusals: [refusal('InvalidInitiateInput', sentence, PORT)] })
    }
    expect(refusalsOf(aPolicy(), written({ endTimeUtc: end, duration: null }))).toEqual([])
    expect(refusalsOf(aPolicy(), written({ endTimeUtc: null, duration: 'PT1H' }))).toEqual([])
  })

  it.each(['PT3H', 'PT180M', 'PT10800S', 'PT10800.0000000S'])('may be the exact maximum: %s of PT3H', (duration) => {
    expect(refusedBy({ max: 'PT3H' }, { duration })).toEqual([])
  })

  it('may not be a millisecond beyond the maximum', () => {
    expect(refusedBy({ max: 'PT3H' }, { duration: 'PT3H0.001S' })).toEqual([['DurationTooLong', `${PORT}.duration`]])
    expect(refusedBy({ max: 'PT3H' }, { until: '2026-01-31T15:00:00.000Z' })).toEqual([])
    expect(refusedBy({ max: 'PT3H' }, { until: '2026-01-31T15:00:00.001Z' })).toEqual([
      ['DurationTooLong', `${PORT}.endTimeUtc`],
    ])
  })

  it('that is too far says what is allowed and what was asked', () => {
    expect(messageOf({ max: 'PT3H' }, { duration: 'PT8H' })).toBe('port 22 allows at most PT3H; you asked for PT8H')
  })

  it('may be one second away, and no less', () => {
    expect(refusedBy({}, { duration: 'PT1S' })).toEqual([])
    expect(refusedBy({}, { until: formatInstant(NOON + SECOND) })).toEqual([])
    expect(refusedBy({}, { duration: 'PT0.9999999S' })).toEqual([['DurationTooShort', `${PORT}.duration`]])
    expect(refusedBy({}, { duration: 'PT0S' })).toEqual([['DurationTooShort', `${PORT}.duration`]])
    expect(refusedBy({}, { until: formatInstant(NOON + SECOND - 1) })).toEqual([
      ['DurationTooShort', `${PORT}.endTimeUtc`],
    ])
  })

  it('may not have passed, and the refusal tells the server’s clock', () => {
    for (const until of ['2026-01-31T12:00:00Z', '2026-01-31T11:59:59Z', '0000-01-01T00:00:00Z'])
      expect(refusedBy({}, { until })).toEqual([['EndTimeInThePast', `${PORT}.endTimeUtc`]])
    expect(messageOf({}, { until: '2026-01-31T11:00:00Z' })).toContain('2026-01-31T12:00:00.0000000Z')
  })

  it('is a refusal and never a fault, however far it is', () => {
    const ends: AskedSpec[] = [
      { until: '9999-12-31T23:59:59.9999999Z' },
      { until: '9999-12-31T23:59:59-14:00' },
      { duration: 'P104249991D' },
      { duration: 'P90000000D' },
      { duration: `P${'9'.repeat(39)}D` },
    ]
    for (const end of ends) {
      expect(refusedBy({ port: 22 }, end)).toHaveLength(1)
      expect(refusedBy({ port: 23 }, { port: 22, ...end })).toContainEqual(['PortNotInPolicy', `${PORT}.number`])
    }
  })
})

describe('the sources of a request', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.20.30.40', true],
    ['10.0.0.0/8', '10.20.0.0/16', true],
    ['10.0.0.0/8', '10.0.0.0/7', false],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '10.0.0.1/0', false],
    ['10.0.0.0/8', '*', false],
    ['10.0.0.0/8', '0.0.0.0/0', false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['10.0.0.0/8', '::ffff:0:0/96', false],
    ['10.0.0.0/8', '::/0', false],
    ['10.0.0.0/8', '::10.0.0.1', false],
    ['0.0.0.0/0', '*', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['*', '*', true],
    ['*', '::/0', true],
    ['2001:db8::/32', '2001:DB8:0:0::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
  ])('a policy for %s lets %s in: %s', (allowed, asked, expected) => {
    const refusals = refusedBy({ from: allowed }, { from: asked })
    expect(refusals).toEqual(expected ? [] : [['SourceNotAllowed', `${PORT}.allowedSourceAddressPrefix`]])
  })

  it('that together make up a wider one do not allow the wider one: it is asked for in parts', () => {
    expect(refusedBy({ from: ['10.0.0.0/9', '10.128.0.0/9'] }, { from: '10.0.0.0/8' })).toHaveLength(1)
    expect(refusedBy({ from: ['10.0.0.0/9', '10.128.0.0/9'] }, { from: ['10.0.0.0/9', '10.128.0.0/9'] })).toEqual([])
  })

  it('are all judged: one that is outside refuses the request and is named by its place', () => {
    expect(refusedBy({ from: '10.0.0.0/8' }, { from: ['10.0.0.1', '11.0.0.1', '10.0.0.2', '*'] })).toEqual([
      ['SourceNotAllowed', `${PORT}.allowedSourceAddressPrefixes[1]`],
      ['SourceNotAllowed', `${PORT}.allowedSourceAddressPrefixes[3]`],
    ])
    expect(messageOf({ from: ['10.0.0.0/8', '::1'] }, { from: '11.0.0.1' })).toBe(
      'port 22 may be opened to 10.0.0.0/8, ::1; you asked for 11.0.0.1',
    )
  })

  it('must hold the caller’s own address too, when no other is named', () => {
    expect(refusedBy({ from: '10.0.0.0/8' }, {})).toEqual([['SourceNotAllowed', `${PORT}.allowedSourceAddressPrefix`]])
  })

  it.each(['', '*', '10.0.0.0/8', '0.0.0.0/0', '203.0.113.7/32', 'unknown'])(
    'are never taken from a caller’s address that is not one address: %j',
    (callerAddress) => {
      const refusals = refusedBy({}, {}, { ...HERE, callerAddress })
      expect(refusals).toEqual([['CallerAddressUnknown', `${PORT}.allowedSourceAddressPrefix`]])
      expect(refusedBy({}, { from: '10.0.0.1' }, { ...HERE, callerAddress })).toEqual([])
    },
  )

  it('are written in one field, not in both', () => {
    const both = { duration: 'PT1H', allowedSourceAddressPrefix: '*', allowedSourceAddressPrefixes: ['*'] }
    expect(refusalsOf(aPolicy(), written(both))).toEqual([['InvalidInitiateInput', PORT]])
  })

  it.each(['', 'Internet', '10.0.0.256', '10.0.0.1, 10.0.0.2', '10.0.0.0/33'])('may not be %j', (from) => {
    expect(refusedBy({}, { from })).toEqual([['InvalidAddressPrefix', `${PORT}.allowedSourceAddressPrefix`]])
    expect(refusedBy({}, { from: [from] })).toEqual([
      ['InvalidAddressPrefix', `${PORT}.allowedSourceAddressPrefixes[0]`],
    ])
  })

  it('in IPv6 are refused as in the original, when the installation says so', () => {
    const sentence =
      'The provided access request contains a source IP address in IPv6 format, which is unsupported by Just-In-Time Network Access.'
    const asked = { from: ['10.0.0.1', '2001:db8::1'] }
    const refusing = { ...HERE, ipv6: 'refused' } as const
    expect(refusedBy({}, asked)).toEqual([])
    expect(refusedBy({}, asked, refusing)).toEqual([
      ['Ipv6SourceUnsupported', `${PORT}.allowedSourceAddressPrefixes[1]`],
    ])
    expect(messageOf({}, asked, refusing)).toBe(sentence)
    expect(refusedBy({}, {}, { ...refusing, callerAddress: '2001:db8::1' })).toHaveLength(1)
    expect(refusedBy({}, { from: ['*', '::ffff:10.0.0.1'] }, refusing)).toEqual([])
  })
})

describe('a request outside its policy', () => {
  it('is refused with everything that is wrong at once, each with its place', () => {
    const policy = aPolicy({ ports: [{ port: 22, max: 'PT1H', from: '10.0.0.0/8' }] })
    const request: AccessRequestInput = {
      justification: 'x'.repeat(LONGEST_JUSTIFICATION + 1),
      virtualMachines: [
        {
          id: aMachineId(),
          ports: [
            anAskedPort({ port: 22, duration: 'PT2H', from: ['11.0.0.1', 'x'] }),
            anAskedPort({ port: 22, duration: 'PT2H', from: '11.0.0.1' }),
            anAskedPort({ port: 23, duration: '2h', from: '10.0.0.1' }),
            anAskedPort({ port: 22.5, from: '10.0.0.1' }),
            { number: 70_000, allowedSourceAddressPrefix: 'x' },
          ],
        },
        { id: aMachineId('web2'), ports: [anAskedPort({ duration: 'PT0S' })] },
        { id: 'web3', ports: [anAskedPort({ duration: 'P1W' })] },
        { id: aMachineId(), ports: [] },
      ],
    }
    const at = (machine: number, rest: string): string => `virtualMachines[${machine}].${rest}`
    expect(refusalsOf(policy, request)).toEqual([
      ['JustificationTooLong', 'justification'],
      ['DurationTooLong', at(0, 'ports[0].duration')],
      ['InvalidAddressPrefix', at(0, 'ports[0].allowedSourceAddressPrefixes[1]')],
      ['DurationTooLong', at(0, 'ports[1].duration')],
      ['SourceNotAllowed', at(0, 'ports[1].allowedSourceAddressPrefix')],
      ['PortNotInPolicy', at(0, 'ports[2].number')],
      ['InvalidDuration', at(0, 'ports[2].duration')],
      ['InvalidPort', at(0, 'ports[3].number')],
      ['InvalidPort', at(0, 'ports[4].number')],
      ['InvalidInitiateInput', at(0, 'ports[4]')],
      ['InvalidAddressPrefix', at(0, 'ports[4].allowedSourceAddressPrefix')],
      ['MachineNotInPolicy', at(1, 'id')],
      ['DurationTooShort', at(1, 'ports[0].duration')],
      ['InvalidResourceId', at(2, 'id')],
      ['InvalidDuration', at(2, 'ports[0].duration')],
      ['NoPorts', at(3, 'ports')],
    ])
  })

  it('opens nothing at all when a single port of it is refused', () => {
    const decided = decide(aPolicy(), aRequest({ ports: [{ port: 22 }, { port: 23 }] }), HERE)
    expect(decided.ok).toBe(false)
  })

  it('without machines is refused', () => {
    expect(refusalsOf(aPolicy(), { virtualMachines: [] })).toEqual([['NoMachines', 'virtualMachines']])
  })

  it('may have the longest justification and no longer', () => {
    expect(refusedBy({}, { justification: '理'.repeat(LONGEST_JUSTIFICATION) })).toEqual([])
    expect(refusedBy({}, { justification: '理'.repeat(LONGEST_JUSTIFICATION + 1) })).toHaveLength(1)
  })

  it('of a machine that only looks like one of the policy is refused', () => {
    expect(refusedBy({}, { machines: [aMachineId('web11')] })).toEqual([
      ['MachineNotInPolicy', 'virtualMachines[0].id'],
    ])
    expect(refusedBy({}, { machines: [aMachineId('web1', { resourceGroup: 'other' })] })).toHaveLength(1)
  })
})

describe('a huge request', () => {
  const addresses = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`)

  it('is refused before it is judged, in one sentence', () => {
    const ports = Array.from({ length: MOST_HOLES / 1_000 }, () => ({ from: addresses(1_000) }))
    expect(refusedBy({}, { ports })).toEqual([])
    expect(refusedBy({}, { ports: [...ports, {}] })).toEqual([['TooManyPorts', 'virtualMachines']])
    expect(refusedBy({}, { ports: [{ from: addresses(80_000) }] })).toEqual([['TooManyPorts', 'virtualMachines']])
    const bare = { id: aMachineId(), ports: [] }
    const crowd = { virtualMachines: Array.from({ length: MOST_HOLES + 1 }, () => bare) }
    expect(refusalsOf(aPolicy(), crowd)).toEqual([['TooManyPorts', 'virtualMachines']])
  })

  it('with more sources than a port takes is refused', () => {
    expect(refusedBy({}, { from: addresses(1_001) })).toEqual([
      ['TooManySources', `${PORT}.allowedSourceAddressPrefixes`],
    ])
  })

  it('from elsewhere is told every source that the port may be opened to, up to ten', () => {
    const said = (count: number): string | undefined => {
      const decided = decide(aPolicy({ from: addresses(count) }), aRequest({ from: '192.0.2.1' }), HERE)
      return decided.ok ? undefined : decided.refusals[0]?.message
    }
    expect(said(10)).toMatch(/10\.0\.0\.8, 10\.0\.0\.9; you asked for 192\.0\.2\.1$/)
    expect(said(11)).toMatch(/10\.0\.0\.9 and 1 more; you asked for 192\.0\.2\.1$/)
  })

  it('that is outside the policy in every way is answered soon and not at great length', () => {
    const policy = aPolicy({ from: addresses(1_000) })
    const request = aRequest({
      ports: Array.from({ length: 4 }, () => ({ from: addresses(1_000).map((text) => text.replace('10.', '11.')) })),
    })
    const started = performance.now()
    const decided = decide(policy, request, HERE)
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(decided).toMatchObject({ ok: false, refusals: { length: 4_000 } })
    expect(JSON.stringify(decided).length).toBeLessThan(2_000_000)
    expect(JSON.stringify(decided)).toContain('10.0.0.9 and 990 more; you asked for 11.0.0.0')
  })
})

describe('any request', () => {
  const prefixes = [
    '*',
    '0.0.0.0/0',
    '10.0.0.0/8',
    '10.1.0.0/16',
    '10.1.2.3',
    '192.168.0.0/16',
    '::/0',
    '2001:db8::/32',
    '2001:db8::7',
  ]
  const maxima = [5 * 60 * SECOND, HOUR, 3 * HOUR, DAY]
  /** Mostly what policies allow, so that a good part of the requests is allowed. */
  const mostly = <T>(usual: fc.Arbitrary<T>, rest: fc.Arbitrary<T>): fc.Arbitrary<T> =>
    fc.oneof({ weight: 8, arbitrary: usual }, { weight: 1, arbitrary: rest })
  const source = fc.constantFrom(...prefixes)
  const rule = fc.record({
    from: fc.oneof(fc.constant<string[]>(['*']), fc.uniqueArray(source, { minLength: 1, maxLength: 4 })),
    max: fc.constantFrom(...maxima),
  })
  const rules = fc.dictionary(fc.constantFrom('22', '3389'), rule, { minKeys: 1, noNullPrototype: true })
  const edges = fc.constantFrom(0, SECOND - 1, SECOND, ...maxima, ...maxima.map((max) => max + 1))
  const port = fc.record({
    number: mostly(fc.constantFrom(22, 3389), fc.constant(80)),
    length: fc.oneof(edges, fc.integer({ min: SECOND, max: HOUR }), fc.nat({ max: DAY + 2 })),
    as: mostly(fc.constantFrom('end', 'duration'), fc.constantFrom('both', 'neither')),
    from: fc.oneof(fc.constant(undefined), fc.array(source, { minLength: 1, maxLength: 3 })),
  })
  const ports = fc.array(port, { minLength: 1, maxLength: 2 })
  const machine = mostly(fc.constantFrom('web1', 'WEB1'), fc.constant('web2'))
  const asked = fc.array(fc.record({ machine, ports }), { minLength: 1, maxLength: 2 })
  type Rules = Readonly<Record<string, { from: string[]; max: number }>>
  type Port = { number: number; length: number; as: string; from: string[] | undefined }

  /** The rule once more in other words: nothing here is the product's. */
  function naively(
    known: Rules,
    { number, length: long, as, from }: Port,
    { ipv6, callerAddress }: Circumstances,
  ): boolean {
    const allowed = known[String(number)]
    if (allowed === undefined || as === 'both' || as === 'neither') return false
    if (long < 1_000 || long > allowed.max) return false
    const wanted = from ?? [callerAddress]
    if (ipv6 === 'refused' && wanted.some((text) => text.includes(':'))) return false
    return wanted.every((text) => allowed.from.some((wide) => inside(wide, text)))
  }

  /** Whole blocks: the first address is in the wide block and the narrow block is not the bigger one. */
  function inside(wide: string, narrow: string): boolean {
    if (wide === '*' || narrow === '*') return wide === '*'
    const kind = (text: string): 'ipv4' | 'ipv6' => (text.includes(':') ? 'ipv6' : 'ipv4')
    const [base = '', bits] = wide.split('/')
    const [first = '', narrowBits] = narrow.split('/')
    const full = kind(narrow) === 'ipv6' ? 128 : 32
    if (kind(wide) !== kind(narrow) || Number(bits ?? full) > Number(narrowBits ?? full)) return false
    const block = new BlockList()
    block.addSubnet(base, Number(bits ?? full), kind(wide))
    return block.check(first, kind(narrow))
  }

  const inputOf = ({ number, length: long, as, from }: Port): RequestedPort => ({
    number,
    ...(as === 'end' || as === 'both' ? { endTimeUtc: formatInstant(NOON + long) } : {}),
    ...(as === 'duration' || as === 'both' ? { duration: formatDuration(long) } : {}),
    ...(from === undefined ? {} : { allowedSourceAddressPrefixes: from }),
  })

  const policyOf = (known: Rules): PolicyBody =>
    aPolicy({
      machines: [aMachineId('web1')],
      ports: Object.entries(known).map(([number, { from, max }]) => ({
        port: Number(number),
        from,
        max: formatDuration(max),
      })),
    })

  it('is allowed exactly when a plain restatement of the rules allows it, and then opens exactly what was asked', () => {
    const around = fc.record({
      ipv6: mostly(fc.constant('allowed' as const), fc.constant('refused' as const)),
      callerAddress: fc.constantFrom('10.1.2.3', '203.0.113.7', '2001:db8::7'),
      now: fc.constant(NOON),
    })
    let allowedOnce = 0
    fc.assert(
      fc.property(rules, asked, around, (known, wanted, circumstances) => {
        const virtualMachines = wanted.map(({ machine, ports }) => ({
          id: aMachineId(machine),
          ports: ports.map(inputOf),
        }))
        const decided = decide(policyOf(known), { virtualMachines }, circumstances)
        const expected = wanted.every(
          ({ machine, ports }) => machine !== 'web2' && ports.every((one) => naively(known, one, circumstances)),
        )
        expect(decided.ok).toBe(expected)
        allowedOnce += expected ? 1 : 0
        const opened = decided.ok
          ? decided.value.map(({ port, until, sources }) => [port, until, sources.map(formatSource)])
          : []
        const meant = wanted.flatMap(({ ports }) =>
          ports.map((one) => [one.number, NOON + one.length, one.from ?? [circumstances.callerAddress]]),
        )
        expect(opened).toEqual(expected ? meant : [])
      }),
      { numRuns: 5_000 },
    )
    expect(allowedOnce).toBeGreaterThan(200)
  })

  it('that is refused gives each reason a code, a sentence and a place', () => {
    fc.assert(
      fc.property(rules, asked, (known, wanted) => {
        const virtualMachines = wanted.map(({ machine, ports }) => ({
          id: aMachineId(machine),
          ports: ports.map(inputOf),
        }))
        const decided = decide(policyOf(known), { virtualMachines }, HERE)
        const refusals = decided.ok ? [] : decided.refusals
        expect(decided.ok || refusals.length > 0).toBe(true)
        for (const { code, message, target } of refusals) {
          expect(code).toMatch(/^[A-Z][A-Za-z0-9]+$/)
          expect(message.length).toBeGreaterThan(10)
          expect(target).toMatch(/^virtualMachines\[\d\]\./)
        }
      }),
    )
  })
})

describe('the sentence that stands for all refusals', () => {
  const subset = `The given access request is not a subset of policy '${POLICY_ID}'. Please make sure that the access request is within the allowed policy properties.`
  const summary = (...codes: string[]) =>
    summaryOf(
      codes.map((code) => refusal(code, `${code}!`, code)),
      POLICY_ID,
    )

  it.each(['MachineNotInPolicy', 'PortNotInPolicy', 'SourceNotAllowed', 'DurationTooLong'])(
    'for %s is the documented one',
    (code) => {
      expect(summary(code)).toEqual(refusal('AccessRequestNotSubsetOfPolicy', subset))
      expect(summary(code, 'PortNotInPolicy')).toEqual(refusal('AccessRequestNotSubsetOfPolicy', subset))
    },
  )

  it('tells what is malformed before what the policy forbids', () => {
    expect(summary('PortNotInPolicy', 'InvalidInitiateInput')).toEqual(
      refusal('InvalidInitiateInput', 'InvalidInitiateInput!'),
    )
    expect(summary('PortNotInPolicy', 'Ipv6SourceUnsupported').code).toBe('Ipv6SourceUnsupported')
    expect(summary('InvalidDuration', 'Ipv6SourceUnsupported').code).toBe('Ipv6SourceUnsupported')
    expect(summary('Ipv6SourceUnsupported', 'InvalidInitiateInput').code).toBe('InvalidInitiateInput')
    expect(summary('PortNotInPolicy', 'InvalidDuration', 'InvalidResourceId').code).toBe('InvalidDuration')
  })

  it('is a single malformed thing itself, with its place', () => {
    expect(summary('InvalidDuration')).toEqual(refusal('InvalidDuration', 'InvalidDuration!', 'InvalidDuration'))
  })
})
