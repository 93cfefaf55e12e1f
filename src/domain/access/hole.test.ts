import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holeKey, holesFrom, slotOf, slotsOf, type GrantId, type Opening } from './hole.ts'
import { formatSource } from '../net.ts'
import { resourceKey } from '../resource-id.ts'
import { HOUR, MINUTE } from '../time.ts'
import { aMachineId, anOpening, aSource, NOON } from '../../../test/support/builders.ts'

const MACHINES = [aMachineId('web1'), aMachineId('WEB1'), aMachineId('a|22')]
const SOURCES = ['*', '0.0.0.0/0', '::/0', '10.0.0.0/8', '10.1.0.0/16', '2001:db8::1']

/** Few machines, ports, sources and grants, so that openings meet. */
const opening: fc.Arbitrary<Opening> = fc
  .record({
    grant: fc.constantFrom('g1', 'g2', 'g3', 'g4'),
    machine: fc.constantFrom(...MACHINES),
    port: fc.constantFrom(22, 3389),
    protocol: fc.constantFrom('TCP' as const, '*' as const),
    from: fc.array(fc.constantFrom(...SOURCES), { minLength: 1, maxLength: 3 }),
    until: fc.integer({ min: NOON, max: NOON + HOUR }),
  })
  .map(anOpening)
const openings = fc.array(opening, { maxLength: 12 })

describe('holes', () => {
  it('of two people with the same opening are one hole, to the later end, naming both', () => {
    const holes = holesFrom([
      anOpening({ grant: 'early', until: NOON + MINUTE }),
      anOpening({ grant: 'late', until: NOON + HOUR }),
      anOpening({ grant: 'middle', until: NOON + 2 * MINUTE }),
    ])
    expect(holes).toMatchObject([{ until: NOON + HOUR, grants: ['early', 'late', 'middle'] }])
  })

  it('of one machine written in different case are one hole', () => {
    const holes = holesFrom([anOpening({ machine: aMachineId('web1') }), anOpening({ machine: aMachineId('WEB1') })])
    expect(holes).toHaveLength(1)
  })

  it('stay apart where machine, port, protocol or source differ, even when one lies inside the other', () => {
    const holes = holesFrom([
      anOpening(),
      anOpening({ machine: aMachineId('web2') }),
      anOpening({ port: 23 }),
      anOpening({ protocol: 'TCP' }),
      anOpening({ from: '203.0.113.0/24' }),
      anOpening({ from: '*' }),
      anOpening({ from: '0.0.0.0/0' }),
    ])
    expect(holes).toHaveLength(7)
  })

  it('of one grant with several sources end together, once for a source that is named twice', () => {
    const holes = holesFrom([anOpening({ from: ['10.0.0.1', '10.0.0.2', '10.0.0.1', '::ffff:10.0.0.1'] })])
    expect(holes.map((hole) => formatSource(hole.source))).toEqual(['10.0.0.1', '10.0.0.2'])
    expect(holes.every((hole) => hole.grants.length === 1)).toBe(true)
  })

  it('live to the latest end among exactly their own openings', () => {
    fc.assert(
      fc.property(openings, (all) => {
        for (const hole of holesFrom(all)) {
          const sharers = all.filter((one) =>
            one.sources.some(
              (source) => holeKey(resourceKey(one.machine), one.port, one.protocol, source) === hole.key,
            ),
          )
          expect(hole.until).toBe(Math.max(...sharers.map((one) => one.until)))
          expect(new Set(hole.grants)).toEqual(new Set(sharers.map((one) => one.grant)))
        }
      }),
    )
  })

  it('let in what was asked for, all of it and nothing else, each once', () => {
    const asked = (all: readonly Opening[]): string[] =>
      all.flatMap(({ machine, port, protocol, sources }) =>
        sources.map((source) => JSON.stringify([machine.toLowerCase(), port, protocol, formatSource(source)])),
      )
    fc.assert(
      fc.property(openings, (all) => {
        const opened = holesFrom(all).map(({ machine, port, protocol, source }) =>
          JSON.stringify([machine.toLowerCase(), port, protocol, formatSource(source)]),
        )
        expect(opened.toSorted()).toEqual([...new Set(asked(all))].sort())
      }),
    )
  })

  it('are the same whatever the order of the openings', () => {
    const shuffled = openings.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
    )
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(holesFrom(other)).toEqual(holesFrom(all))
      }),
    )
  })

  it('come sorted by key, with their grants sorted', () => {
    fc.assert(
      fc.property(openings, (all) => {
        const holes = holesFrom(all)
        expect(holes.map((hole) => hole.key)).toEqual(holes.map((hole) => hole.key).toSorted())
        for (const { grants } of holes) expect(grants).toEqual(grants.toSorted())
      }),
    )
  })

  it('of 20,000 people on one opening are reduced at once', () => {
    const crowd = Array.from({ length: 20_000 }, (_, index) => ({ ...anOpening(), grant: `g${index}` as GrantId }))
    const started = performance.now()
    expect(holesFrom(crowd)).toMatchObject([{ grants: { length: 20_000 } }])
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('a slot', () => {
  const machine = resourceKey(aMachineId())

  it('is shared by every opening to anywhere', () => {
    const slots = ['*', '0.0.0.0/0', '::/0'].map((text) => slotOf(machine, 22, aSource(text)))
    expect(new Set(slots).size).toBe(1)
    expect(slotOf(machine, 22, aSource('0.0.0.0/1'))).not.toBe(slots[0])
  })

  it('is shared by the protocols of one machine, port and source', () => {
    const [tcp] = slotsOf(anOpening({ protocol: 'TCP' }))
    const [any] = slotsOf(anOpening({ protocol: '*' }))
    expect(tcp).toBe(any)
  })

  it('tells machines, ports and sources apart, odd names too', () => {
    const place = fc.tuple(
      fc.constantFrom('a', 'a|22', 'a|22|any', 'b'),
      fc.constantFrom(22, 2),
      fc.constantFrom(...SOURCES),
    )
    fc.assert(
      fc.property(place, place, ([name, port, source], [otherName, otherPort, otherSource]) => {
        const wide = (text: string): string => (['*', '0.0.0.0/0', '::/0'].includes(text) ? 'any' : text)
        const same = name === otherName && port === otherPort && wide(source) === wide(otherSource)
        const slot = slotOf(resourceKey(aMachineId(name)), port, aSource(source))
        const other = slotOf(resourceKey(aMachineId(otherName)), otherPort, aSource(otherSource))
        expect(slot === other).toBe(same)
      }),
    )
  })

  it('belongs to each source of an opening', () => {
    expect(slotsOf(anOpening({ from: ['10.0.0.1', '10.0.0.2'] }))).toEqual(
      ['10.0.0.1', '10.0.0.2'].map((text) => slotOf(machine, 22, aSource(text))),
    )
  })
})
