import { describe, expect, it } from 'vitest'
import type { WireGrant, WireRequest } from '../../../contract/request.ts'
import { rowsOfWindows, windowsOf } from './windows.ts'

const AT = (hour: number): string => `2026-11-21T${String(hour).padStart(2, '0')}:00:00Z`
const MILLIS = (hour: number): number => Date.parse(AT(hour))

function aRequest(id: string, grant: Partial<WireGrant>): WireRequest {
  const whole: WireGrant = {
    id: `${id}-grant`,
    machine: '/vm/web1',
    port: 22,
    protocol: 'TCP',
    sources: [],
    from: AT(9),
    until: AT(10),
    endTimeUtc: AT(10),
    state: 'closed',
    status: 'Revoked',
    reason: 'Expired',
    closedAt: AT(10),
    ...grant,
  }
  return { id, requestor: 'ada', address: '', startTimeUtc: AT(9), grants: [whole] }
}

describe('the rows of the timeline', () => {
  it('are one for each machine, what is open first, then what was opened last', () => {
    const requests = [
      aRequest('a', { machine: '/vm/early' }),
      aRequest('b', { machine: '/vm/late', from: AT(11), until: AT(12), closedAt: AT(12) }),
      aRequest('c', { machine: '/vm/open', from: AT(8), until: AT(20), state: 'open' }),
      aRequest('d', { machine: '/VM/EARLY' }),
    ]
    const rows = rowsOfWindows(windowsOf(requests, [], MILLIS(13)), { from: MILLIS(0), to: MILLIS(23) })
    expect(rows.map(({ machine, windows }) => [machine, windows.length])).toEqual([
      ['/vm/open', 1],
      ['/vm/late', 1],
      ['/vm/early', 2],
    ])
  })

  it('have what was heard last of a window, once', () => {
    const [before, later] = [AT(12), AT(15)].map((until) => withoutEnd(aRequest('a', { state: 'open', until })))
    if (before === undefined || later === undefined) throw new Error('expected two requests')
    expect(windowsOf([before], [later], MILLIS(11)).map(({ to }) => to)).toEqual([MILLIS(15)])
  })

  it('show what is open past its end as still open', () => {
    const [window] = windowsOf([aRequest('a', { state: 'open', until: AT(10) })].map(withoutEnd), [], MILLIS(11))
    expect([window?.look, window?.to]).toEqual(['open', MILLIS(11)])
  })

  it('leave out what lies outside of what is shown', () => {
    const windows = windowsOf([aRequest('a', {})], [], MILLIS(13))
    expect(rowsOfWindows(windows, { from: MILLIS(10), to: MILLIS(20) })).toEqual([])
  })
})

function withoutEnd(request: WireRequest): WireRequest {
  return { ...request, grants: request.grants.map(({ closedAt: _closedAt, ...grant }) => grant) }
}
