import { describe, expect, it } from 'vitest'
import { elementIdsFor, type ElementId } from './element.ts'
import { baseTableText } from './base-table.ts'
import { baselineSets, BASE_TABLE, TABLE, textOf } from './nft-text.ts'
import type { Statement } from './operation.ts'

const ids = (from: bigint, count: number): ElementId[] =>
  Array.from({ length: count }, (_, index) =>
    elementIdsFor('grant', { family: 4, bits: from + BigInt(index), length: 32 }, 'TCP', 22),
  ).flat()

const text = (...statements: Statement[]): string => textOf(statements, { table: TABLE, declareTable: true })

describe('the text for the kernel', () => {
  it('writes a changed end as add, delete, add: Linux 6.1 ignores an element that is added again', () => {
    expect(text(...ids(0x0a00_0001n, 2).map((id): Statement => ({ kind: 'upsert', id, timeout: 3_600_500 })))).toBe(
      'add element inet sallyport g4_32 { 10.0.0.1 . 6 . 22, 10.0.0.2 . 6 . 22 }\n' +
        'delete element inet sallyport g4_32 { 10.0.0.1 . 6 . 22, 10.0.0.2 . 6 . 22 }\n' +
        'add element inet sallyport g4_32 { 10.0.0.1 . 6 . 22 timeout 3600s500ms, 10.0.0.2 . 6 . 22 timeout 3600s500ms }\n',
    )
  })

  it('takes an element away whether or not it is still there', () => {
    expect(text(...ids(0x0a00_0001n, 1).map((id): Statement => ({ kind: 'revoke', id })))).toBe(
      'add element inet sallyport g4_32 { 10.0.0.1 . 6 . 22 }\ndelete element inet sallyport g4_32 { 10.0.0.1 . 6 . 22 }\n',
    )
  })

  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a timeout of %s: nft would read it as for ever, or fail',
    (timeout) => {
      const [id] = ids(1n, 1)
      expect(() => text({ kind: 'create', id: id ?? ('' as ElementId), timeout })).toThrow(
        /expected a timeout of at least 1 ms/,
      )
    },
  )

  it.each([
    'g4_32:xyz',
    'g4_32:',
    'managed:0600000000160000',
    'g4_32 { 0.0.0.0/0 }:0a0000010600000000160000',
    'g4_24:0a0000010600000000',
  ])('refuses what is not an element of ours: %s', (id) => {
    expect(() => text({ kind: 'revoke', id: id as ElementId })).toThrow(/expected the id of one of our elements/)
  })

  it('refuses to name what somebody else gave a name that is more than a word', () => {
    const structure = { sets: baselineSets('none'), managed: [], gateway: 'none' as const, behind: [] }
    const strays = { chains: ['x; delete table inet filter'], sets: [] }
    expect(() => text({ kind: 'structure', structure, strays, rebuild: false })).toThrow(/cannot be named safely/)
  })

  it('never deletes the table that it writes, and never declares one that is held by its owner', () => {
    const structure = { sets: baselineSets('none'), managed: [], gateway: 'none' as const, behind: [] }
    const statement: Statement = { kind: 'structure', structure, strays: { chains: [], sets: [] }, rebuild: false }
    expect(text(statement)).not.toContain('delete table inet sallyport\n')
    expect(textOf([statement], { table: TABLE, declareTable: false })).not.toMatch(/^add table inet sallyport$/m)
  })
})

describe('the table for boot', () => {
  it('has every shield and no hole, in a table of its own', () => {
    const machine = '' as never // not looked at
    const written = baseTableText([
      {
        machine,
        policy: 'p',
        ports: [
          { number: 22, protocol: 'TCP' },
          { number: 53, protocol: '*' },
        ],
      },
    ])
    expect(written).toContain(`add element inet ${BASE_TABLE} managed { 6 . 22, 6 . 53, 17 . 53, 132 . 53 }`)
    expect(written).not.toContain('timeout 1')
    expect(written).not.toMatch(/inet sallyport /)
  })

  it('removes what an earlier boot loaded when nothing is protected any more', () => {
    expect(baseTableText([])).toMatch(/add table inet sallyport_base\ndelete table inet sallyport_base\n$/)
  })
})
