/**
 * A driver whose calls go wrong when a schedule says so: the ways in which a remote firewall goes wrong. It is wrapped
 * around a real driver by whoever tests or simulates; no driver knows of it.
 */
import type { Driver, Plan } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { Millis } from '../../src/domain/time.ts'

export type Fault =
  /** Fails, and nothing was done. */
  | { readonly kind: 'error before effect' }
  /** Fails although it was done. */
  | { readonly kind: 'error after effect' }
  /** It is done, and no answer ever comes. */
  | { readonly kind: 'lost answer' }
  /** It takes this long before it is done. */
  | { readonly kind: 'slow'; readonly millis: Millis }

export interface Call {
  readonly operation: 'observe' | 'apply'
  readonly point: PointId
}

export interface FaultSchedule {
  next(call: Call): Fault | undefined
  /** Resolves after the time, rejects when the signal aborts. */
  sleep(millis: Millis, signal: AbortSignal): Promise<void>
}

export function withFaults<O, P extends Plan>(driver: Driver<O, P>, schedule: FaultSchedule): Driver<O, P> {
  const run = async <T>(call: Call, act: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    const fault = schedule.next(call)
    if (fault?.kind === 'error before effect') throw new FaultError(call)
    if (fault?.kind === 'slow') await schedule.sleep(fault.millis, signal)
    const answer = await act()
    if (fault?.kind === 'error after effect') throw new FaultError(call)
    if (fault?.kind === 'lost answer') await aborted(signal)
    return answer
  }
  return {
    kind: driver.kind,
    closesByItself: driver.closesByItself,
    heartbeat: driver.heartbeat,
    observe: (point, scope, signal) =>
      run({ operation: 'observe', point }, () => driver.observe(point, scope, signal), signal),
    plan: (input) => driver.plan(input),
    apply: (point, plan, signal) => run({ operation: 'apply', point }, () => driver.apply(point, plan, signal), signal),
    preflight: (point, wanted, caller) => driver.preflight(point, wanted, caller),
    flowsAt: (point, signal) => driver.flowsAt?.(point, signal) ?? Promise.resolve([]),
    watch: (onChange) => driver.watch(onChange),
    traitsOf: (point) => driver.traitsOf?.(point) ?? {},
  }
}

class FaultError extends Error {
  constructor({ operation, point }: Call) {
    super(`${operation} of '${point}' failed, as scheduled`)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
