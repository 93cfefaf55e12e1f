/**
 * The server's clock, as a host that cannot see it must estimate it: never too early, so that a hole closes early rather
 * than late. What a measurement proves is an upper bound, carried forward by the steady clock of this boot; the wall
 * clock is believed only where it says that it is later still (the machine slept, or somebody set it). Only the next
 * measurement takes a jump back.
 */
import type { Clock } from '../app/ports.ts'
import type { Instant, Millis } from '../domain/time.ts'
import type { ClockReading } from './state-folder.ts'

export interface ClockSource {
  /** Milliseconds since the epoch; may jump. */
  wall(): number
  /** Milliseconds since this boot; never jumps, and stands still while the machine sleeps. */
  steady(): number
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
  /** How far the wall clock is behind the server's. */
  wallOffset(): Millis
  /** How far the steady clock is, for the record. */
  reading(): ClockReading
}

/** How much faster the server's clock may go than this host's: more than any quartz is off (500 ppm is NTP's own limit). */
const DRIFT = 0.0005

export function createAgentClock(source: ClockSource, kept: ClockReading | undefined): AgentClock {
  // After a boot the steady clock began anew, and the wall clock may be anything.
  const isOfThisBoot = kept?.bootId === source.bootId
  let isKnown = isOfThisBoot
  let steadyOffset = isOfThisBoot ? kept.steadyOffset : source.wall() - source.steady()
  let wallOffset = kept?.wallOffset ?? 0
  let measuredAt = source.steady()

  const estimate = (): number => {
    const steady = source.steady()
    // What the wall clock said once stays said, although somebody may set it back meanwhile.
    steadyOffset = Math.max(steadyOffset, source.wall() + wallOffset - steady)
    return steady + steadyOffset
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
      isKnown = true
    },
    atLeast: (server) => {
      steadyOffset = Math.max(steadyOffset, server - source.steady())
    },
    wallOffset: () => wallOffset,
    reading: () => ({ bootId: source.bootId, steadyOffset, wallOffset }),
  }
}
