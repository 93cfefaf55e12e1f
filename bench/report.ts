/** What a measurement hands over, and how it is shown to people: one line per number, goal and verdict beside it. */
import type { Summary } from './summary.ts'
import type { Finding, Goal } from './verdict.ts'

export interface Report {
  readonly findings: readonly Finding[]
  /** What the findings were made from, in milliseconds unless the name says otherwise. */
  readonly summaries: Readonly<Record<string, Summary>>
  /** How it was measured, and what a reader must know to judge it. */
  readonly notes: readonly string[]
  /** Why there is nothing, where there is nothing. */
  readonly skipped?: string
}

export function reportText(id: string, title: string, { findings, summaries, notes, skipped }: Report): string {
  const lines = [
    `(${id}) ${title}`,
    ...(skipped === undefined ? [] : [`  SKIPPED: ${skipped}`]),
    ...Object.entries(summaries).map(([name, summary]) => `    ${name.padEnd(58)} ${summaryText(summary)}`),
    ...findings.map((finding) => `  ${mark(finding)} ${finding.name.padEnd(58)} ${valueText(finding)}`),
    ...notes.map((note) => `    · ${note}`),
  ]
  return `${lines.join('\n')}\n`
}

function summaryText({ n, p50, p99, min, max }: Summary): string {
  return `n ${n}  p50 ${rounded(p50)}  p99 ${rounded(p99)}  min ${rounded(min)}  max ${rounded(max)}`
}

function mark({ met }: Finding): string {
  return met === undefined ? ' ' : met ? '✓' : '✗'
}

function valueText({ value, unit, goal, met }: Finding): string {
  const text = `${rounded(value)} ${unit}`
  return goal === undefined ? text : `${text.padEnd(14)} goal ${goalText(goal)}: ${met === true ? 'met' : 'MISSED'}`
}

export function goalText(goal: Goal): string {
  return 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`
}

/** Three digits that matter. */
export function rounded(value: number): string {
  if (value === 0 || Number.isNaN(value)) return String(value)
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
}
