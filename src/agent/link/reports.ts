/**
 * The reports of one conversation: what was seen, numbered. The first says what this host is too; what is around it takes
 * its time to find out, and goes with a later one.
 */
import type { HostFacts, HostReport } from '../../contract/agent.ts'
import type { Seen } from '../keeper/teller.ts'

type SurroundingsOnWire = Pick<HostReport, 'findings' | 'exposures'>

export interface ReportsDeps {
  readonly nextSequence: () => number
  readonly bootId: string
  readonly facts: () => HostFacts
  readonly clockFacts: () => HostReport['clock']
  /** What is told at the beginning, and takes its time to find out. */
  readonly surroundings: () => Promise<SurroundingsOnWire>
  /** The next report has more to say than was seen. */
  readonly onMore: () => void
}

export interface Reports {
  /** None was written yet. */
  isFirst(): boolean
  next(seen: Seen): HostReport
  /** The first begins with what is around anyway. */
  surroundingsChanged(): void
}

export function createReports(deps: ReportsDeps): Reports {
  let isFirst = true
  /** Goes with the next report. */
  let extra: Partial<HostReport> = {}

  const lookAround = async (): Promise<void> => {
    extra = { ...(await deps.surroundings()), ...extra }
    deps.onMore()
  }

  const hello = (): void => {
    isFirst = false
    extra = { facts: deps.facts(), clock: deps.clockFacts() }
    void lookAround()
  }

  return {
    isFirst: () => isFirst,
    next: (seen) => {
      if (isFirst) hello()
      const report = { sequence: deps.nextSequence(), bootId: deps.bootId, ...seenOnWire(seen), ...extra }
      extra = {}
      return report
    },
    surroundingsChanged: () => {
      if (!isFirst) void lookAround()
    },
  }
}

function seenOnWire({ state, answers, drift, cut, flows }: Seen): Omit<HostReport, 'sequence' | 'bootId'> {
  return {
    state,
    looks: [...answers],
    ...(drift.length === 0 ? {} : { drift }),
    ...(cut.length === 0 ? {} : { cut }),
    ...(flows === undefined ? {} : { flows: [...flows] }),
  }
}
