/**
 * A belt that never holds up a pass: after a failure it counts as off for some minutes, and says why. What it could not
 * schedule is scheduled when it works again.
 */
import type { Clock } from '../../app/ports/clock.ts'
import { found } from '../../domain/check.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { MINUTE, type Instant, type Millis } from '../../domain/time.ts'
import type { Belt } from './belt.ts'

export interface PatientBelt extends Pick<Belt, 'put' | 'remove'> {
  /** Undefined while it fails. */
  list(prefix: string, signal: AbortSignal): Promise<string[] | undefined>
  /** Why it fails, as long as it does. */
  problem(): Refusal | undefined
}

const PAUSE: Millis = 5 * MINUTE

export function patientBelt(open: (signal: AbortSignal) => Promise<Belt>, clock: Clock): PatientBelt {
  let failed: { readonly at: Instant; readonly message: string } | undefined
  const attempt = async <T>(signal: AbortSignal, act: (belt: Belt) => Promise<T>): Promise<T | undefined> => {
    if (failed !== undefined && clock.now() < failed.at + PAUSE) return undefined
    try {
      const value = await act(await open(signal))
      failed = undefined
      return value
    } catch (cause) {
      failed = { at: clock.now(), message: cause instanceof Error ? cause.message : String(cause) }
      return undefined
    }
  }
  return {
    list: (prefix, signal) => attempt(signal, (belt) => belt.list(prefix, signal)),
    put: async (schedule, signal) => {
      await attempt(signal, (belt) => belt.put(schedule, signal))
    },
    remove: async (name, signal) => {
      await attempt(signal, (belt) => belt.remove(name, signal))
    },
    problem: () => (failed === undefined ? undefined : beltFailed(failed.message)),
  }
}

function beltFailed(problem: string): Refusal {
  const { text, because } = found('BeltFailed', { problem })
  return { code: 'BeltFailed', message: text, ...(because?.facts !== undefined && { facts: because.facts }) }
}
