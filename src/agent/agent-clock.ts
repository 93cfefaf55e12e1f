/**
 * The server's clock, as a host that cannot see it must estimate it: never too early, so that a hole closes early rather
 * than late. What a measurement proves is an upper bound, carried forward by the steady clock of this boot. Others are
 * believed only where they say that it is later still: the wall clock (the machine slept, or somebody set it), the one that
 * nobody can slew (chrony slows the steady one by up to a tenth), the one on the battery (a virtual machine was paused,
 * and everything else stood still with it). Only the next measurement takes a jump back.
 */
import type { Clock } from '../app/ports/clock.ts'
import type { Instant, Millis } from '../domain/time.ts'
import type { ClockReading } from './state/state-folder.ts'

export interface ClockSource {
  /** Milliseconds since the epoch; may jump. */
  wall(): number
  /** Milliseconds since this boot; never jumps, and stands still while the machine sleeps. May be slewed. */
  steady(): number
  /** The same, as the hardware counts; undefined where it cannot be read. */
  unslewed(): number | undefined
  /** Milliseconds, in whole seconds; goes on while the machine is paused. Undefined where there is none. */
  battery(): number | undefined
  readonly bootId: string
}

export interface Measurement {
  /** The steady clock before the question was sent. */
  readonly sent: Millis
  /** The server's clock, at some moment after that. */
  readonly server: Instant
}

export interface AgentClock extends Clock {
  /** False until the server's clock was measured in this boot: whether a hole has ended cannot be told until then. */
  isKnown(): boolean
  measured(measurement: Measurement): void
  /** The server's clock was this before now, as it said in passing. */
  atLeast(server: Instant): void
  /** Asks the clock on the battery too, which takes about as long as a file. */
  askBattery(): void
  /** How far the wall clock is behind the server's. */
  wallOffset(): Millis
  /** How far the steady clock is, for the record. */
  reading(): ClockReading
}

/** How much faster the server's clock may go than this host's: more than any quartz is off (500 ppm is NTP's own limit). */
const DRIFT = 0.0005

/** Between two readings of a clock of whole seconds, and some for the reading. */
const BATTERY_SLACK = 1_100

export function createAgentClock(source: ClockSource, kept: ClockReading | undefined): AgentClock {
  // After a boot the steady clock began anew, and the wall clock may be anything.
  const isOfThisBoot = kept?.bootId === source.bootId
  let isKnown = isOfThisBoot
  let steadyOffset = isOfThisBoot ? kept.steadyOffset : source.wall() - source.steady()
  let wallOffset = kept?.wallOffset ?? 0
  let measuredAt = source.steady()
  let witnesses: Witnesses = (isOfThisBoot ? kept.witnesses : undefined) ?? {}

  const atLeast = (server: Instant): void => {
    steadyOffset = Math.max(steadyOffset, server - source.steady())
  }
  const estimate = (): number => {
    const unslewed = source.unslewed()
    atLeast(toldBy(witnesses.unslewed, unslewed))
    // What the wall clock said once stays said, although somebody may set it back meanwhile.
    atLeast(source.wall() + wallOffset)
    const now = source.steady() + steadyOffset
    witnesses = { ...witnesses, unslewed: witnessed(now, unslewed) }
    return now
  }
  return {
    now: () => Math.ceil(estimate()),
    isKnown: () => isKnown,
    measured: ({ sent, server }) => {
      const steady = source.steady()
      const known = estimate() + (steady - measuredAt) * DRIFT
      measuredAt = steady
      // The server told its clock after `sent`, so by now it is at most this, and at least what it told.
      const most = server + steady - sent
      const best = isKnown && known >= server && known <= most ? known : most
      steadyOffset = best - steady
      wallOffset = best - source.wall()
      witnesses = { unslewed: witnessed(best, source.unslewed()), battery: witnessed(best, source.battery()) }
      isKnown = true
    },
    atLeast,
    askBattery: () => atLeast(toldBy(witnesses.battery, source.battery()) - BATTERY_SLACK),
    wallOffset: () => wallOffset,
    reading: () => ({ bootId: source.bootId, steadyOffset, wallOffset, witnesses }),
  }
}

type Witnesses = NonNullable<ClockReading['witnesses']>
type Witness = NonNullable<Witnesses['battery']>

function witnessed(server: Instant, at: number | undefined): Witness | undefined {
  return at === undefined ? undefined : { at, server }
}

/** The server's clock by how far another one went on since both were read. */
function toldBy(witness: Witness | undefined, now: number | undefined): Instant {
  return witness === undefined || now === undefined ? Number.NEGATIVE_INFINITY : witness.server + now - witness.at
}
