/** Windows of access out of requests: who had which port of which machine open, from when to when. Pure. */
import { portText } from '../../api/names.ts'
import type { WireRequest } from '../../../contract/request.ts'
import type { Span } from './lanes.ts'

export interface AccessWindow extends Span {
  readonly id: string
  readonly request: string
  readonly machine: string
  readonly port: string
  readonly who: string
  readonly sources: readonly string[]
  readonly justification: string
  readonly look: 'open' | 'over' | 'failed'
}

/** Those of `later` stand for what `requests` said of the same grant before. */
export function windowsOf(
  requests: readonly WireRequest[],
  later: readonly WireRequest[],
  now: number,
): AccessWindow[] {
  const windows = [...requests, ...later].flatMap(({ id, requestor, justification = '', grants }) =>
    grants.map((grant): AccessWindow => ({
      id: grant.id,
      request: id,
      machine: grant.machine,
      port: portText(grant),
      who: requestor,
      sources: grant.sources,
      justification,
      from: Date.parse(grant.openedAt ?? grant.from),
      to: grant.closedAt === undefined ? Math.max(Date.parse(grant.until), now) : Date.parse(grant.closedAt),
      look: grant.state === 'failed' ? 'failed' : grant.state === 'closed' ? 'over' : 'open',
    })),
  )
  return [...new Map(windows.map((window) => [window.id, window])).values()]
}

export interface MachineWindows {
  readonly machine: string
  readonly windows: readonly AccessWindow[]
}

/** A row for each machine: what is open now first, then what was opened last. */
export function rowsOfWindows(windows: readonly AccessWindow[], range: Span): MachineWindows[] {
  const shown = windows.filter(({ from, to }) => to > range.from && from < range.to)
  const rows = [...Map.groupBy(shown, ({ machine }) => machine.toLowerCase()).values()]
  return rows
    .map((of) => ({ machine: of[0]?.machine ?? '', windows: of, isOpen: of.some(({ look }) => look === 'open') }))
    .toSorted((a, b) => Number(b.isOpen) - Number(a.isOpen) || lastOf(b.windows) - lastOf(a.windows))
}

function lastOf(windows: readonly AccessWindow[]): number {
  return windows.reduce((last, { from }) => Math.max(last, from), 0)
}
