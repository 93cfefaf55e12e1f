/** How far the server's clock is, on the disk: a restart without the server goes on with it. */
import type { AgentClock } from '../agent-clock.ts'
import type { AgentLog } from '../agent-log.ts'
import { bestEffort } from './best-effort.ts'
import type { ClockReading, StateFolder } from './state-folder.ts'

/** Less is what the next measurement differs by anyway. */
const WORTH_WRITING = 5

export interface KeptClockDeps {
  readonly clock: Pick<AgentClock, 'reading'>
  readonly files: Pick<StateFolder, 'writeClock'>
  readonly log: Pick<AgentLog, 'error'>
}

/** To be called after each measurement: writes down what was measured, when it differs. */
export function keepClock({ clock, files, log }: KeptClockDeps): () => void {
  const keep = bestEffort(log, "the server's clock")
  let written: ClockReading | undefined
  return () => {
    const reading = clock.reading()
    const moved = Math.max(
      Math.abs(reading.steadyOffset - (written?.steadyOffset ?? 0)),
      Math.abs(reading.wallOffset - (written?.wallOffset ?? 0)),
    )
    if (moved < WORTH_WRITING) return
    if (keep(() => files.writeClock(reading))) written = reading
  }
}
