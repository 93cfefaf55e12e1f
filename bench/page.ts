/** A run as Markdown, so that no number is ever copied by hand. Pure. */
import { goalText, rounded, type Report } from './report.ts'
import type { Summary } from './summary.ts'
import type { Finding } from './verdict.ts'

export interface Run {
  readonly machine: Readonly<Record<string, string | number>>
  readonly reports: Readonly<Record<string, Report & { readonly title: string; readonly loadBefore: number }>>
}

/** Everything, for docs/reference/performance.md: what this run measured in the place of what stood there of the same letters. */
export function numbersInto(page: string, { machine, reports }: Run): string {
  const facts = Object.entries(machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
  const fresh = Object.entries(reports).map(([id, report]) => section(id, report, facts))
  const kept = between(page).split(/^(?=### \()/m)
  return replaced(page, [...kept.filter((text) => !(letterOf(text) in reports)), ...fresh], { gap: '\n\n' })
}

/** What has a goal, for the README. */
export function goalsInto(page: string, { reports }: Run): string {
  const rows = Object.entries(reports).flatMap(([id, { findings }]) =>
    findings.filter(({ goal }) => goal !== undefined).map((finding) => `| (${id}) ${findingRow(finding)}`),
  )
  const kept = between(page).split(/^(?=\| \()/m)
  const table = [...kept.filter((row) => !(letterOf(row) in reports)), ...rows]
  return replaced(page, table, { head: '| measured | | goal | |\n|---|---|---|---|\n', gap: '\n' })
}

const MARKS = ['<!-- bench -->', '<!-- /bench -->'] as const

function between(page: string): string {
  const [from, to] = MARKS.map((mark) => page.indexOf(mark)) as [number, number] // one each
  if (from < 0 || to < from) throw new Error(`expected the marks ${MARKS.join(' and ')} in the page`)
  return page.slice(from + MARKS[0].length, to)
}

interface Layout {
  readonly head?: string
  /** Between two parts. */
  readonly gap: string
}

/** In the order of their letters; what has none goes. */
function replaced(page: string, parts: readonly string[], { head = '', gap }: Layout): string {
  const lettered = parts.filter((part) => letterOf(part) !== '').map((part) => part.trim())
  const sorted = lettered.toSorted((a, b) => letterOf(a).localeCompare(letterOf(b)))
  const [before, after] = [page.indexOf(MARKS[0]) + MARKS[0].length, page.indexOf(MARKS[1])]
  return `${page.slice(0, before)}\n\n${head}${sorted.join(gap)}\n\n${page.slice(after)}`
}

function letterOf(part: string): string {
  return /^(?:###|\|) \((\w)\)/.exec(part)?.[1] ?? ''
}

function section(
  id: string,
  { title, loadBefore, findings, summaries, notes, skipped }: Run['reports'][string],
  machine: string,
): string {
  const lines = [
    `### (${id}) ${title}\n`,
    `Measured ${machine}; load average before it began: ${rounded(loadBefore)}.\n`,
  ]
  if (skipped !== undefined) lines.push(`Skipped: ${skipped}\n`)
  if (findings.length > 0)
    lines.push(
      '| result | | goal | |',
      '|---|---|---|---|',
      ...findings.map((finding) => `| ${findingRow(finding)}`),
      '',
    )
  const made = Object.entries(summaries)
  if (made.length > 0)
    lines.push(
      '| made from (ms) | n | p50 | p99 | min | max |',
      '|---|---|---|---|---|---|',
      ...made.map(summaryRow),
      '',
    )
  return [...lines, ...notes.map((note) => `- ${note}`)].join('\n')
}

function findingRow({ name, value, unit, goal, met }: Finding): string {
  const verdict = met === undefined ? '' : met ? 'met' : '**missed**'
  return `${name} | ${rounded(value)} ${unit} | ${goal === undefined ? '' : goalText(goal)} | ${verdict} |`
}

function summaryRow([name, { n, p50, p99, min, max }]: [string, Summary]): string {
  return `| ${[name, n, ...[p50, p99, min, max].map(rounded)].join(' | ')} |`
}
