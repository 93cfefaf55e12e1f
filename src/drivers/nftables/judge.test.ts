import { tellStep } from '../../domain/access/step.ts'
import { describe, expect, it } from 'vitest'
import type { Scope } from '../../app/ports/driver.ts'
import { holesFrom, slotsOf, type Opening } from '../../domain/access/hole.ts'
import { resourceKey } from '../../domain/resource-id.ts'
import { HOUR, MINUTE, type Instant } from '../../domain/time.ts'
import { aMachineId, anOpening, aPrefix, NOON } from '../../../test/support/builders.ts'
import { elementIdsFor, managedKeys, type ElementId, type ManagedKey } from './element.ts'
import { NOTHING_FOREIGN } from './foreign/foreign.ts'
import { judge, type NftablesPlan } from './judge.ts'
import { SET_SIZE } from './nft-text.ts'
import type { Observed } from './observed.ts'
import { setsIn } from './kernel/structure.ts'

const machine = resourceKey(aMachineId())
const SSH = managedKeys({ number: 22, protocol: 'TCP' })
const shields = [{ machine: aMachineId(), policy: 'default', ports: [{ number: 22, protocol: 'TCP' as const }] }]
const done = [{ key: 'sessions', value: JSON.stringify(Object.fromEntries(SSH.map((key) => [key, 'done']))) }]

function standing(): Observed['structure'] {
  return {
    state: 'exact',
    form: 'none',
    sets: setsIn(undefined, 'none'),
    strays: { chains: [], sets: [] },
    differences: [],
  }
}

function seen(elements: Iterable<[ElementId, Instant]> = [], rest: Partial<Observed> = {}): Observed {
  return {
    scope: 'all',
    at: NOON,
    structure: standing(),
    hasBaseTable: false,
    managed: new Set<ManagedKey>(SSH),
    behind: new Set(),
    elements: new Map(elements),
    keeps: new Set(),
    counts: new Map(),
    foreign: NOTHING_FOREIGN,
    adrift: [],
    ...rest,
  }
}

interface Wish {
  readonly openings?: readonly Opening[]
  readonly scope?: Scope
  readonly shields?: typeof shields
  readonly journal?: typeof done
}

function planFor(
  observed: Observed,
  { openings = [], scope = 'all', journal = done, ...rest }: Wish = {},
): NftablesPlan {
  const desired = { shields: rest.shields ?? shields, holes: holesFrom(openings) }
  return judge({ machine, tolerance: 50, resolution: 1 }, { desired, observed, scope, journal, now: NOON })
}

const opening = anOpening({ protocol: 'TCP', until: NOON + HOUR })
const [ID] = elementIdsFor('grant', opening.sources[0] ?? '*', 'TCP', 22) as [ElementId] // one source, one protocol

describe('who is connected although the hole is gone', () => {
  const [peer, here] = [aPrefix('203.0.113.7'), aPrefix('198.51.100.4')]
  const adrift = [
    {
      protocol: 6 as const,
      peer,
      peerPort: 50_000,
      local: here,
      localPort: 22,
      near: here,
      nearPort: 22,
      isConnected: true,
      isCut: false,
      tuple: Buffer.of(1),
    },
  ]
  const ending = (onExpiry: 'keep' | 'warn' | 'cut') =>
    shields.map((shield) => ({ ...shield, ports: [{ number: 22, protocol: 'TCP' as const, onExpiry }] }))

  it.each([
    ['keep', 0],
    ['warn', 0],
    ['cut', 1],
  ] as const)('is cut off only where the policy says so: %s', (onExpiry, count) => {
    const plan = planFor(seen([], { adrift }), { shields: ending(onExpiry) })
    expect([plan.operations.length, plan.cut?.length]).toEqual([count, count])
  })

  it('is not cut off while another hole lets the same port and source in', () => {
    const plan = planFor(seen([[ID, NOON + HOUR]], { adrift }), { shields: ending('cut'), openings: [opening] })
    expect(plan.operations).toEqual([])
  })
})

describe('what a hole needs', () => {
  it('is nothing when the kernel holds it to its end, give or take what timers do', () => {
    for (const error of [-50, -8, 0, 8, 50]) {
      const plan = planFor(seen([[ID, opening.until + error]]), { openings: [opening] })
      expect(plan.steps).toEqual([])
      expect(plan.held.size).toBe(1)
    }
  })

  it.each([
    ['too late', MINUTE],
    ['a little too late', 51],
    ['too early', -MINUTE],
    ['never', Number.POSITIVE_INFINITY],
  ])('is its end, when the kernel would close it %s', (_title, error) => {
    const plan = planFor(seen([[ID, opening.until + error]]), { openings: [opening] })
    expect(plan.operations).toEqual([{ kind: 'upsert', id: ID, until: opening.until }])
    expect(plan.held.size).toBe(0)
  })

  it('is to be made when it is not there', () => {
    const plan = planFor(seen(), { openings: [opening] })
    expect(plan.operations).toEqual([{ kind: 'create', id: ID, until: opening.until }])
    expect(plan.steps).toMatchObject([
      { kind: 'open', text: 'open 22/TCP from 203.0.113.7 until 2026-01-31T13:00:00.0000000Z' },
    ])
  })

  it('is not to be made again for the last ticks of its time', () => {
    const ending = { ...opening, until: NOON + 10 }
    const plan = planFor(seen(), { openings: [ending] })
    expect(plan.steps).toEqual([])
    expect(plan.held.size).toBe(0)
  })

  it('is to be closed when nobody holds it, before anything opens', () => {
    const other = anOpening({ grant: 'b', protocol: 'TCP', from: '203.0.113.8', until: NOON + HOUR })
    const plan = planFor(seen([[ID, NOON + HOUR]]), { openings: [other] })
    expect(plan.operations.map(({ kind }) => kind)).toEqual(['revoke', 'create'])
    expect([...plan.lingering]).toEqual(slotsOf(opening))
  })

  it('is impossible when the kernel’s set is full, and the others still open', () => {
    const wide = anOpening({ grant: 'b', protocol: 'TCP', from: '203.0.112.0/24', until: NOON + HOUR })
    const plan = planFor(seen([], { counts: new Map([['g4_32', SET_SIZE]]) }), { openings: [opening, wide] })
    expect([...plan.impossible.values()].map(({ code }) => code)).toEqual(['TooManyHoles'])
    expect(plan.operations).toHaveLength(1)
  })

  it('is not looked for outside the scope', () => {
    const other = anOpening({ grant: 'b', protocol: 'TCP', from: '203.0.113.8', until: NOON + HOUR })
    expect(planFor(seen(), { openings: [opening, other], scope: new Set(slotsOf(other)) }).operations).toHaveLength(1)
  })
})

describe('the table', () => {
  const absent = seen([], { structure: { ...seen().structure, state: 'absent' }, managed: new Set() })

  it('is written, with the connections of its ports, when a port is protected for the first time', () => {
    const plan = planFor(absent, { journal: [] })
    expect(plan.operations.map(({ kind }) => kind)).toEqual(['structure', 'seed'])
    expect(plan.steps).toMatchObject([{ kind: 'protect', text: 'close 22/TCP on this host (policy default)' }])
    expect(plan.journal[0]?.value).toContain('due')
  })

  it('lets connections go on again when that may not have happened, because a process died between', () => {
    const due = planFor(absent, { journal: [] }).journal
    expect(planFor(absent, { journal: [...due] }).operations.map(({ kind }) => kind)).toEqual(['structure', 'seed'])
  })

  it('is written without them when somebody took it away', () => {
    const plan = planFor(absent)
    expect(plan.operations.map(({ kind }) => kind)).toEqual(['structure'])
    expect(plan.steps.map(({ kind }) => kind)).toEqual(['repair'])
  })

  it('is not removed by a look at one hole, whatever that look was told', () => {
    const plan = planFor(seen([[ID, opening.until]]), {
      shields: [],
      openings: [opening],
      scope: new Set(slotsOf(opening)),
    })
    expect(plan.steps).toEqual([])
  })

  it('goes when nothing is protected, and what was open then is no longer possible', () => {
    const plan = planFor(seen([[ID, opening.until]]), { shields: [], openings: [opening] })
    expect(plan.operations).toEqual([{ kind: 'remove' }])
    expect([...plan.impossible.values()].map(({ code }) => code)).toEqual(['PortNotProtected'])
    expect(plan.journal).toEqual([])
    expect(planFor(absent, { shields: [] }).steps).toEqual([])
  })

  it('is built anew only by a look at everything, which puts every hole back', () => {
    const broken = seen([], {
      structure: {
        ...seen().structure,
        state: 'unusable',
        differences: [tellStep('SetMisshapen', { set: 'managed' })],
      },
    })
    const rebuilds = (scope: Scope): unknown[] =>
      planFor(broken, { openings: [opening], scope }).operations.map(
        (operation) => operation.kind === 'structure' && operation.rebuild,
      )
    expect(rebuilds('all')).toContain(true)
    expect(rebuilds(new Set(slotsOf(opening)))).not.toContain(true)
  })
})
