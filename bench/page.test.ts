import { describe, expect, it } from 'vitest'
import { between, goalsTable, numbersPage, type Run } from './page.ts'
import { summaryOf } from './summary.ts'
import { fact, judged } from './verdict.ts'

const RUN: Run = {
  machine: { cores: 2, kernel: '6.18' },
  reports: {
    a: {
      title: 'opening',
      loadBefore: 0.5,
      findings: [judged('p50 / floor', 1.61, '×', { atMost: 1.5 }), fact('memory', 178, 'MB')],
      summaries: { answer: summaryOf([1, 2, 3]) },
      notes: ['taken in turns'],
    },
  },
}

describe('the page of a run', () => {
  it('tells every number, its goal and whether it was met', () => {
    const page = numbersPage(RUN)
    expect(page).toContain('| p50 / floor | 1.61 × | ≤ 1.5 | **missed** |')
    expect(page).toContain('| memory | 178 MB |  |  |')
    expect(page).toContain('| answer | 3 | 2 | 3 | 1 | 3 |')
    expect(page).toContain('- taken in turns')
  })

  it('keeps to what has a goal in the short table', () => {
    expect(goalsTable(RUN)).toContain('| (a) p50 / floor | 1.61 × | ≤ 1.5 | **missed** |')
    expect(goalsTable(RUN)).not.toContain('memory')
  })

  it('replaces what stands between the marks and nothing else, and refuses a page without them', () => {
    expect(between('before\n<!-- x -->old<!-- /x -->\nafter', 'x', 'new')).toBe(
      'before\n<!-- x -->\n\nnew\n<!-- /x -->\nafter',
    )
    expect(() => between('no marks', 'x', 'new')).toThrow(/marks/)
  })
})
