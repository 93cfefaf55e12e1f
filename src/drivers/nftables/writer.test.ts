import { describe, expect, it } from 'vitest'
import { elementIdsFor, type ElementId } from './element.ts'
import type { NftOperation } from './operation.ts'
import { batchOf, groupOperations } from './writer.ts'

const id = (host: number): ElementId =>
  elementIdsFor('grant', { family: 4, bits: BigInt(host), length: 32 }, 'TCP', 22)[0] ?? ('' as ElementId)
const clock = { now: () => 1000 }

describe('a plan on its way to the kernel', () => {
  it('closes before it opens, and writes the structure together with the first of them', () => {
    const operations: NftOperation[] = [
      { kind: 'create', id: id(1), until: 5000 },
      { kind: 'remove' },
      ...Array.from({ length: 150 }, (_, index): NftOperation => ({ kind: 'revoke', id: id(10 + index) })),
    ]
    const groups = groupOperations(operations)
    expect(groups.map((group) => group.length)).toEqual([101, 51])
    expect(groups[0]?.[0]?.kind).toBe('remove')
    expect(groups.at(-1)?.at(-1)?.kind).toBe('create')
  })

  it('computes what remains when it is written, less what the clock does not tell and the way to the kernel take', () => {
    const { statements } = batchOf({
      operations: [{ kind: 'create', id: id(1), until: 5000 }],
      sessions: [],
      clock,
      lead: 0,
    })
    expect(statements).toEqual([{ kind: 'create', id: id(1), timeout: 3998 }])
    const many = Array.from({ length: 100 }, (_, index): NftOperation => ({
      kind: 'upsert',
      id: id(index),
      until: 5000,
    }))
    for (const statement of batchOf({ operations: many, sessions: [], clock, lead: 0 }).statements) {
      expect('timeout' in statement && statement.timeout).toBeLessThan(3998)
    }
  })

  it('a transaction that took as long as was allowed for started no timer too late, had the clock just been about to tick', () => {
    const until = 5000
    const { statements, allowance } = batchOf({
      operations: [{ kind: 'create', id: id(1), until }],
      sessions: [],
      clock,
      lead: 0,
    })
    const [statement] = statements
    const timeout = statement !== undefined && 'timeout' in statement ? statement.timeout : Number.NaN
    expect(clock.now() + 0.999 + allowance + timeout).toBeLessThanOrEqual(until)
  })

  it.each([1000, 999, 1000.5])('closes what has ended by then: an end at %d', (until) => {
    const { statements, ends } = batchOf({
      operations: [{ kind: 'upsert', id: id(1), until }],
      sessions: [],
      clock,
      lead: 0,
    })
    expect(statements).toEqual([{ kind: 'revoke', id: id(1) }])
    expect(ends).toEqual([undefined])
  })
})
