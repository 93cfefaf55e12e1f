/**
 * Looks, while something is open, whether the machine stood still: the kernel's timers stood still with it, and what should
 * have ended meanwhile is open yet.
 */
import { SECOND, type Millis } from '../../domain/time.ts'
import { watchClock } from '../../drivers/nftables/kernel/clock-watch.ts'
import type { AgentClock, ClockSource } from '../agent-clock.ts'
import type { AgentLog } from '../agent-log.ts'
import type { HostKeeper } from './host-keeper.ts'

export interface StandstillDeps {
  readonly keeper: Pick<HostKeeper, 'isOpen' | 'clockMoved'>
  readonly clock: Pick<AgentClock, 'now' | 'askBattery'>
  readonly source: Pick<ClockSource, 'steady'>
  readonly log: AgentLog
}

/** Nothing tells a virtual machine that it was paused, nor a process that it slept: so often it is looked for. */
const STANDSTILL_WITHIN: Millis = 250

/** Returns how to stop. */
export function watchForStandstill({ keeper, clock, source, log }: StandstillDeps): () => void {
  const offset = (): Millis => {
    if (keeper.isOpen()) clock.askBattery()
    return clock.now() - source.steady()
  }
  const onMove = (moved: Millis): void => {
    if (!keeper.isOpen()) return
    if (moved > SECOND)
      log.warn(`the clock went on by ${moved} ms, as where this machine stood still; ends are set anew`)
    keeper.clockMoved()
  }
  return watchClock(offset, onMove, STANDSTILL_WITHIN)
}
