import { describe, expect, it } from 'vitest'
import type { Scope } from '../../app/ports/driver.ts'
import type { HostState, WireHole } from '../../contract/agent.ts'
import type { Shield } from '../../domain/access/desired.ts'
import { holesFrom, slotOf, type Hole, type Opening } from '../../domain/access/hole.ts'
import { tellStep } from '../../domain/access/step.ts'
import { resourceKey } from '../../domain/resource-id.ts'
import { HOUR, MINUTE } from '../../domain/time.ts'
import { aMachineId, anOpening, aSource, NOON } from '../../../test/support/builders.ts'
import { toldHole, wireFromHole, wireFromShield } from './hole-wire.ts'
import { judgeReport, type HostObserved, type HostPlan } from './judge-report.ts'

const WEB = aMachineId('web1')
const SSH: Shield = { machine: WEB, policy: 'people', ports: [{ number: 22, protocol: 'TCP' }] }
const RDP: Shield = { machine: WEB, policy: 'desktops', ports: [{ number: 3389, protocol: 'TCP' }] }

const slot = (from: string) => slotOf(resourceKey(WEB), 22, aSource(from))
const holes = (...froms: readonly string[]): Hole[] => holesFrom(froms.map((from) => anOpening({ machine: WEB, from })))
const wires = (...froms: readonly string[]): WireHole[] => holes(...froms).map(wireFromHole)

interface Told extends Partial<Omit<HostObserved, 'report'>> {
  readonly state?: Partial<HostState>
}

function told({ state = {}, ...rest }: Told): HostObserved {
  const nothing = { version: 'v1', shields: [], held: [], lingering: [], impossible: [], left: [] }
  return {
    report: { sequence: 1, bootId: 'boot-1', state: { ...nothing, ...state } },
    holes: state.held ?? [],
    isAcknowledged: true,
    knowsItsPlace: true,
    ...rest,
  }
}

interface Wish {
  readonly shields?: readonly Shield[]
  readonly openings?: readonly Opening[]
  readonly scope?: Scope
}

function planFor(observed: HostObserved, { shields = [SSH], openings = [], scope = 'all' }: Wish = {}): HostPlan {
  return judgeReport({ desired: { shields, holes: holesFrom(openings) }, observed, scope, journal: [], now: NOON })
}

const texts = ({ steps }: HostPlan): string[] => steps.map(({ text }) => text)
const froms = ({ next }: HostPlan): string[] => next.holes.map(({ source }) => source).toSorted()
const policies = ({ next }: HostPlan): string[] => next.shields.map(({ policy }) => policy).toSorted()

describe('a look at some holes of a host', () => {
  const standing = { shields: [SSH, RDP].map(wireFromShield), held: wires('203.0.113.7', '203.0.113.8') }

  it('hands over every other hole as it was said before', () => {
    const plan = planFor(told({ state: standing }), {
      openings: [anOpening({ machine: WEB, from: '203.0.113.9' })],
      scope: new Set([slot('203.0.113.9')]),
    })
    expect([plan.steps.length, froms(plan)]).toEqual([1, ['203.0.113.7', '203.0.113.8', '203.0.113.9']])
  })

  it('leaves out another one that has ended', () => {
    const ended = [{ ...wires('203.0.113.7')[0], until: NOON }] as WireHole[] // there is one
    const scope = new Set([slot('203.0.113.9')])
    expect(froms(planFor(told({ state: { ...standing, held: ended } }), { scope }))).toEqual([])
  })

  it('unprotects nothing, whatever it was told of the policies', () => {
    expect(policies(planFor(told({ state: standing }), { scope: new Set([slot('203.0.113.9')]) }))).toEqual([
      'desktops',
      'people',
    ])
  })

  it('that is at everything takes away what is not wanted', () => {
    const plan = planFor(told({ state: standing }))
    expect([policies(plan), froms(plan)]).toEqual([['people'], []])
    expect(texts(plan)).toEqual([
      'stop protecting 3389/TCP of web1 (policy desktops)',
      'close 22/* on web1 to 203.0.113.7',
      'close 22/* on web1 to 203.0.113.8',
    ])
  })
})

describe('what a host tells of itself', () => {
  it('is not taken for closed while it says that it is open, nor while its document asks for it', () => {
    const open = { shields: [wireFromShield(SSH)], held: wires('203.0.113.7') }
    expect([...planFor(told({ state: open })).lingering]).toEqual([slot('203.0.113.7')])
    const asked = told({ state: { ...open, held: [] }, holes: wires('203.0.113.7') })
    expect([...planFor(asked).lingering]).toEqual([slot('203.0.113.7')])
  })

  it('is not taken for open with another end than was granted', () => {
    const openings = [anOpening({ machine: WEB, until: NOON + 2 * HOUR })]
    const plan = planFor(told({ state: { shields: [wireFromShield(SSH)], held: wires('203.0.113.7') } }), { openings })
    expect([plan.held.size, texts(plan)]).toEqual([
      0,
      ['keep 22/* on web1 open to 203.0.113.7 until 2026-01-31T14:00:00.0000000Z'],
    ])
  })

  it('leaves something to do until it knows of its last document, and how it is reached', () => {
    const state = { shields: [wireFromShield(SSH)] }
    expect(texts(planFor(told({ state })))).toEqual([])
    expect(texts(planFor(told({ state, isAcknowledged: false })))).toEqual([
      'hand the host its document again: it has not told of the last one',
    ])
    expect(texts(planFor(told({ state, knowsItsPlace: false })))).toEqual([
      'tell the gateway how it is reached and what is behind it',
    ])
  })

  it('is said by its code where this version knows it, and else as the agent said it', () => {
    const known = tellStep('SetMissing', { set: 'managed' })
    const state = {
      shields: [wireFromShield(SSH)],
      left: [known.text, 'wake the dog', 'cut short'],
      leftSteps: [
        { text: known.text, code: known.code, facts: { ...known.facts } },
        { text: 'wake the dog', code: 'WakeDog' },
        { text: 'another sentence', code: 'SetMissing' },
      ],
    }
    expect(planFor(told({ state })).steps).toEqual([
      { kind: 'repair', ...known },
      { kind: 'repair', text: 'wake the dog', code: 'HostSays', facts: { says: 'wake the dog' } },
      { kind: 'repair', text: 'cut short', code: 'HostSays', facts: { says: 'cut short' } },
    ])
  })

  it('that it cannot is said by its code with all that it speaks of, and else as the agent said it', () => {
    const openings = [anOpening({ machine: WEB, until: NOON + HOUR })]
    const [hole] = wires('203.0.113.7')
    if (hole === undefined) throw new Error('expected a hole')
    const because = (impossible: HostState['impossible']): unknown[] => [
      ...planFor(told({ state: { shields: [wireFromShield(SSH)], impossible } }), { openings }).impossible.values(),
    ]
    const key = toldHole(hole).key
    const full = { hole: key, code: 'TooManyHoles', message: 'full' }
    expect(because([{ ...full, facts: { most: 7 } }])).toEqual([
      { code: 'TooManyHoles', message: 'full', facts: { most: 7 } },
    ])
    expect(because([full])).toEqual([{ code: 'HostCannot', message: 'full', facts: { says: 'full' } }])
  })

  it('is not asked to open anew what its clock has just ended', () => {
    const openings = [anOpening({ machine: WEB, until: NOON + 1_000 })]
    const state = { shields: [wireFromShield(SSH)] }
    expect(texts(planFor(told({ state }), { openings }))).toEqual([])
    const later = [anOpening({ machine: WEB, until: NOON + MINUTE })]
    expect(texts(planFor(told({ state }), { openings: later }))).toHaveLength(1)
  })

  it('is believed by nobody where it tells of what no server ever sent', () => {
    const [hole] = wires('203.0.113.7')
    const held = [{ ...hole, source: 'everybody' }] as WireHole[] // there is one
    expect(() => planFor(told({ state: { held } }))).toThrow("'everybody', which is not a source")
  })
})
