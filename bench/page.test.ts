import { describe, expect, it } from 'vitest'
import { goalsInto, numbersInto, type Run } from './page.ts'
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

const PAGE = 'before\n<!-- bench -->\n\n<!-- /bench -->\nafter\n'

describe('the page of a run', () => {
  it('tells every number, its goal and whether it was met', () => {
    const page = numbersInto(PAGE, RUN)
    expect(page).toContain('| p50 / floor | 1.61 × | ≤ 1.5 | **missed** |')
    expect(page).toContain('| memory | 178 MB |  |  |')
    expect(page).toContain('| answer | 3 | 2 | 3 | 1 | 3 |')
    expect(page).toContain('- taken in turns')
    expect(page).toContain('cores 2, kernel 6.18; load average before it began: 0.5.')
  })

  it('keeps to what has a goal in the short table', () => {
    expect(goalsInto(PAGE, RUN)).toContain('| (a) p50 / floor | 1.61 × | ≤ 1.5 | **missed** |')
    expect(goalsInto(PAGE, RUN)).not.toContain('memory')
  })

  it.each([numbersInto, goalsInto])(
    'replaces what was measured anew and nothing else, in the order of the letters',
    (into) => {
      const [a] = Object.values(RUN.reports)
      if (a === undefined) throw new Error('no report')
      const both = into(into(PAGE, { ...RUN, reports: { c: { ...a, title: 'third' } } }), RUN)
      const again = into(both, {
        ...RUN,
        reports: { a: { ...a, findings: [judged('anew', 1, '×', { atMost: 1.5 })] } },
      })
      expect(both.indexOf('(a)')).toBeLessThan(both.indexOf('(c)'))
      expect(both.match(/p50 \/ floor/g)).toHaveLength(2)
      expect(again.match(/p50 \/ floor/g)).toHaveLength(1)
      expect(again.replaceAll('\n', ' ')).toMatch(/^before .*\(a\).*anew.*\(c\).* after $/)
      expect(into(again, { ...RUN, reports: {} })).toBe(again)
    },
  )

  it('refuses a page without the marks', () => {
    expect(() => numbersInto('no marks', RUN)).toThrow(/marks/)
  })
})
