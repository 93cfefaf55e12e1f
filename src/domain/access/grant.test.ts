import { describe, expect, it } from 'vitest'
import {
  GRANT_STATES,
  isLive,
  isWanted,
  transition,
  wireStatus,
  type GrantReason,
  type GrantState,
  type Sightings,
} from './grant.ts'
import { aGrant, NOON } from '../../../test/support/builders.ts'

const REASONS: readonly GrantReason[] = ['UserRequested', 'Expired', 'UserManuallyRevoked', 'Failed']

const TIMES = { before: NOON - 1, at: NOON, after: NOON + 1 } as const
type When = keyof typeof TIMES

/** What up to three points, each wanted, held or gone, can be seen to do. */
const SIGHTINGS: readonly Sightings[] = [0, 1, 2, 3].flatMap((points) =>
  range(points).flatMap((held) => range(points - held).map((gone) => ({ points, held, gone }))),
)

function range(last: number): number[] {
  return Array.from({ length: last + 1 }, (_, index) => index)
}

const everywhere = ({ points, gone }: Sightings): boolean => gone === points
const heldEverywhere = ({ points, held }: Sightings): boolean => points > 0 && held === points

interface Row {
  readonly from: GrantState
  readonly when: readonly When[]
  readonly seen: (sightings: Sightings) => boolean
  readonly because?: (reason: GrantReason) => boolean
  readonly to: (reason: GrantReason) => readonly [GrantState, GrantReason]
}

/** The table above the type, row by row; the rows that somebody else writes are not here. */
const TABLE: readonly Row[] = [
  { from: 'opening', when: ['before'], seen: heldEverywhere, to: () => ['open', 'UserRequested'] },
  { from: 'awaiting', when: ['at', 'after'], seen: everywhere, to: () => ['failed', 'Failed'] },
  { from: 'opening', when: ['at', 'after'], seen: everywhere, to: () => ['failed', 'Failed'] },
  { from: 'open', when: ['at', 'after'], seen: everywhere, to: () => ['closed', 'Expired'] },
  {
    from: 'closing',
    when: ['before', 'at', 'after'],
    seen: everywhere,
    because: (reason) => reason === 'Failed',
    to: () => ['failed', 'Failed'],
  },
  {
    from: 'closing',
    when: ['before', 'at', 'after'],
    seen: everywhere,
    because: (reason) => reason !== 'Failed',
    to: (reason) => ['closed', reason],
  },
]

const CASES = GRANT_STATES.flatMap((state) =>
  REASONS.flatMap(
    (reason) =>
      (Object.keys(TIMES) as When[]).flatMap((when) => SIGHTINGS.map((seen) => ({ state, reason, when, seen }))), // its keys
  ),
)

function rowsFor({ state, reason, when, seen }: (typeof CASES)[number]): Row[] {
  return TABLE.filter(
    (row) => row.from === state && row.when.includes(when) && row.seen(seen) && (row.because?.(reason) ?? true),
  )
}

describe('the state of a grant', () => {
  it('changes as the table says and in no other case', () => {
    for (const one of CASES) {
      const [row] = rowsFor(one)
      const moved = transition({ state: one.state, reason: one.reason, until: NOON }, one.seen, TIMES[one.when])
      const [state, reason] = row?.to(one.reason) ?? []
      expect({ ...one, moved }).toEqual({ ...one, moved: row === undefined ? undefined : { state, reason } })
    }
  })

  it('is never in doubt: no case has two rows, and no row is without a case', () => {
    for (const one of CASES) expect(rowsFor(one).length).toBeLessThan(2)
    for (const row of TABLE) expect(CASES.some((one) => rowsFor(one).includes(row))).toBe(true)
  })

  it('does not change any more once it is closed or failed', () => {
    const ended = CASES.filter(({ state }) => state === 'closed' || state === 'failed')
    const moved = ended.map(({ state, reason, when, seen }) =>
      transition({ state, reason, until: NOON }, seen, TIMES[when]),
    )
    expect(new Set(moved)).toEqual(new Set([undefined]))
  })

  it('is not open before every point holds it, nor when there is no point to hold it', () => {
    const grant = { state: 'opening', reason: 'UserRequested', until: NOON } as const
    expect(transition(grant, { points: 2, held: 1, gone: 0 }, NOON - 1)).toBeUndefined()
    expect(transition(grant, { points: 0, held: 0, gone: 0 }, NOON - 1)).toBeUndefined()
    expect(transition(grant, { points: 2, held: 2, gone: 0 }, NOON - 1)).toEqual({
      state: 'open',
      reason: 'UserRequested',
    })
  })

  it('is not closed while any point may still let somebody in', () => {
    const grant = { state: 'open', reason: 'UserRequested', until: NOON } as const
    expect(transition(grant, { points: 2, held: 0, gone: 1 }, NOON + 1)).toBeUndefined()
    expect(transition(grant, { points: 2, held: 0, gone: 2 }, NOON + 1)).toEqual({ state: 'closed', reason: 'Expired' })
  })

  it('stays open when a point that lost the hole has not been mended yet', () => {
    const grant = { state: 'open', reason: 'UserRequested', until: NOON } as const
    expect(transition(grant, { points: 1, held: 0, gone: 1 }, NOON - 1)).toBeUndefined()
  })
})

describe('a grant', () => {
  it('asks for its hole while it is opening or open, until just before its end', () => {
    const wanted = GRANT_STATES.filter((state) => isWanted({ state, until: NOON }, NOON - 1))
    expect(wanted).toEqual(['opening', 'open'])
    expect(GRANT_STATES.some((state) => isWanted({ state, until: NOON }, NOON))).toBe(false)
    expect(isWanted({ state: 'open', until: Number.NaN }, NOON)).toBe(false)
    expect([isWanted(aGrant(), NOON), isWanted(aGrant({}, { state: 'closing' }), NOON)]).toEqual([true, false])
  })

  it('is live until it is closed or failed', () => {
    expect(GRANT_STATES.filter(isLive)).toEqual(['awaiting', 'opening', 'open', 'closing'])
  })

  it.each([
    ['awaiting', undefined, 'Initiating'],
    ['opening', undefined, 'Initiating'],
    ['open', NOON, 'Initiated'],
    ['closing', undefined, 'Initiating'],
    ['closing', NOON, 'Initiated'],
    ['closed', NOON, 'Revoked'],
    ['failed', undefined, 'Revoked'],
  ] as const)('that is %s (opened at %s) is %s in the original’s words', (state, openedAt, status) => {
    expect(wireStatus({ state, ...(openedAt === undefined ? {} : { openedAt }) })).toBe(status)
  })
})
