import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAgentClock, type AgentClock, type ClockSource } from './agent-clock.ts'

/** A host and its server, whose clocks a test moves. */
function aHost(bootId = 'boot 1') {
  const at = { server: 1_800_000_000_000, steady: 5_000, wall: 1_800_000_000_000, unslewed: 4_900, battery: 400 }
  const source: ClockSource = {
    wall: () => at.wall,
    steady: () => at.steady,
    unslewed: () => at.unslewed,
    battery: () => Math.floor(at.battery / 1_000) * 1_000,
    bootId,
  }
  /** `rate`: how fast somebody makes the clocks go that can be slewed. */
  const pass = (millis: number, rate = 1): void => {
    at.server += millis
    at.unslewed += millis
    at.battery += millis
    at.steady += millis * rate
    at.wall += millis * rate
  }
  const measure = (clock: AgentClock, there: number, back: number): void => {
    const sent = at.steady
    pass(there)
    const { server } = at
    pass(back)
    clock.measured({ sent, server })
  }
  return { at, source, pass, measure }
}

describe('the server’s clock on a host', () => {
  it('is not known before it was measured in this boot', () => {
    const { source, measure } = aHost()
    const clock = createAgentClock(source, undefined)
    expect(clock.isKnown()).toBe(false)
    measure(clock, 10, 10)
    expect(clock.isKnown()).toBe(true)
    expect(createAgentClock(source, clock.reading()).isKnown()).toBe(true)
    expect(createAgentClock({ ...source, bootId: 'boot 2' }, clock.reading()).isKnown()).toBe(false)
  })

  it('goes ahead at once when the server was set ahead and says so in passing', () => {
    const { at, source, pass, measure } = aHost()
    const clock = createAgentClock(source, undefined)
    measure(clock, 1, 1)
    at.server += 60_000
    clock.atLeast(at.server)
    pass(1_000)
    expect(clock.now()).toBe(at.server)
    clock.atLeast(0)
    expect(clock.now()).toBe(at.server)
  })

  it('goes on over a restart of the agent without the server', () => {
    const { at, source, pass, measure } = aHost()
    const clock = createAgentClock(source, undefined)
    measure(clock, 3, 4)
    pass(60_000)
    expect(createAgentClock(source, clock.reading()).now()).toBe(at.server + 3)
  })

  it('runs ahead when the wall clock is set ahead, and comes back with the next measurement', () => {
    const { at, source, pass, measure } = aHost()
    const clock = createAgentClock(source, undefined)
    measure(clock, 1, 1)
    at.wall += 3_600_000
    expect(clock.now()).toBeGreaterThanOrEqual(at.server + 3_600_000)
    pass(1_000)
    measure(clock, 1, 1)
    expect(clock.now() - at.server).toBeLessThanOrEqual(2)
  })

  it('does not go back when the wall clock is set back', () => {
    const { at, source, measure } = aHost()
    const clock = createAgentClock(source, undefined)
    measure(clock, 1, 1)
    const before = clock.now()
    at.wall -= 3_600_000
    expect(clock.now()).toBe(before)
  })

  it('counts the time that the machine slept', () => {
    const { at, source, measure } = aHost()
    const clock = createAgentClock(source, undefined)
    measure(clock, 1, 1)
    at.server += 7_200_000
    at.wall += 7_200_000 // the steady clock stood still
    expect(clock.now()).toBeGreaterThanOrEqual(at.server)
  })

  it('does not fall behind while somebody makes this host’s clocks go slowly, over a restart of the agent neither', () => {
    const { at, source, pass, measure } = aHost()
    const clock = createAgentClock(source, undefined)
    measure(clock, 1, 1)
    pass(60_000, 0.9)
    expect(clock.now()).toBe(at.server + 1)
    expect(createAgentClock(source, clock.reading()).now()).toBe(at.server + 1)
  })

  it('counts the time that the whole machine stood still, as far as the clock on its battery tells', () => {
    const { at, source, measure } = aHost()
    const clock = createAgentClock(source, undefined)
    measure(clock, 1, 1)
    at.server += 60_000
    at.battery += 60_000
    clock.askBattery()
    expect(clock.now()).toBeGreaterThanOrEqual(at.server - 2_100)
    expect(clock.now()).toBeLessThanOrEqual(at.server + 2)
  })

  it('is not moved by a clock that counts whole seconds while nothing stood still', () => {
    const { at, source, pass, measure } = aHost()
    const clock = createAgentClock(source, undefined)
    measure(clock, 1, 1)
    for (let millis = 0; millis < 5_000; millis += 100) {
      pass(100)
      clock.askBattery()
      expect(clock.now()).toBe(at.server + 1)
    }
  })

  it('gets by without the clocks that cannot be read', () => {
    const { at, source, pass, measure } = aHost()
    const clock = createAgentClock({ ...source, unslewed: () => undefined, battery: () => undefined }, undefined)
    measure(clock, 1, 1)
    pass(60_000)
    clock.askBattery()
    expect(clock.now()).toBe(at.server + 1)
  })

  it('is never earlier than the server’s, whatever the network and the wall clock do', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('pass' as const), millis: fc.integer({ min: 0, max: 100_000 }) }),
      fc.record({ kind: fc.constant('wall' as const), millis: fc.integer({ min: -10_000_000, max: 10_000_000 }) }),
      fc.record({ kind: fc.constant('sleep' as const), millis: fc.integer({ min: 0, max: 100_000 }) }),
      fc.record({ kind: fc.constant('slow' as const), millis: fc.integer({ min: 0, max: 100_000 }) }),
      fc.record({ kind: fc.constant('restart' as const) }),
      fc.record({
        kind: fc.constant('measure' as const),
        there: fc.integer({ min: 0, max: 5_000 }),
        back: fc.integer({ min: 0, max: 5_000 }),
      }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const { at, source, pass, measure } = aHost()
        let clock = createAgentClock(source, undefined)
        measure(clock, 20, 20)
        let wallIsTrue = true
        for (const one of events) {
          if (one.kind === 'pass') pass(one.millis)
          else if (one.kind === 'slow') {
            pass(one.millis, 0.9)
            wallIsTrue = false
          } else if (one.kind === 'wall') {
            at.wall += one.millis
            // Asleep with a wall clock that somebody set back, or slowed, nothing on the host can tell how long it was.
            wallIsTrue &&= one.millis >= 0
          } else if (one.kind === 'sleep' && wallIsTrue) {
            at.server += one.millis
            at.wall += one.millis
            at.battery += one.millis
          } else if (one.kind === 'restart') clock = createAgentClock(source, clock.reading())
          else if (one.kind === 'measure') {
            measure(clock, one.there, one.back)
            wallIsTrue = true
          }
          expect(clock.now()).toBeGreaterThanOrEqual(at.server)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is as exact as the quickest answer of late, and does not swing with slow ones', () => {
    const { at, source, pass, measure } = aHost()
    const clock = createAgentClock(source, undefined)
    measure(clock, 1, 1)
    for (let round = 0; round < 10; round += 1) {
      pass(30_000)
      measure(clock, 200, 100)
      expect(clock.now() - at.server).toBeLessThanOrEqual(2 + 16 * (round + 1))
    }
  })
})
