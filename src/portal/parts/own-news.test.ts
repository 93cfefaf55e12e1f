import { describe, expect, it } from 'vitest'
import type { WireGrant } from '../../contract/request.ts'
import { newsOf } from './own-news.ts'

function aGrant(more: Partial<WireGrant>): WireGrant {
  const until = '2026-11-21T10:00:00Z'
  return {
    id: 'g1',
    machine: '/m',
    port: 22,
    protocol: 'TCP',
    sources: [],
    from: '2026-11-21T09:00:00Z',
    until,
    endTimeUtc: until,
    state: 'open',
    status: 'Initiated',
    reason: 'UserRequested',
    ...more,
  }
}

describe('what a reader is told of their own access', () => {
  it.each([
    ['that it opened', 'opening', 'open', 'opened'],
    ['that it opened within one look', undefined, 'open', 'opened'],
    ['that it closed', 'closing', 'closed', 'closed'],
    ['that it closed by itself', 'open', 'closed', 'closed'],
    ['that it could not be opened', 'opening', 'failed', 'failed'],
    ['nothing while it is being opened', 'awaiting', 'opening', undefined],
    ['nothing while it is being closed', 'open', 'closing', undefined],
    ['nothing when nothing changed', 'open', 'open', undefined],
  ] as const)('is %s', (_, before, now, kind) => {
    expect(newsOf(before && aGrant({ state: before }), aGrant({ state: now }))?.kind).toBe(kind)
  })

  it('is that it stays open for longer', () => {
    expect(newsOf(aGrant({}), aGrant({ until: '2026-11-21T11:00:00Z' }))?.kind).toBe('extended')
  })
})
