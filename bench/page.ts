/** A run as Markdown, so that no number is ever copied by hand. Pure. */
import { goalText, rounded, type Report } from './report.ts'
import type { Summary } from './summary.ts'
import type { Finding } from './verdict.ts'

export interface Run {
  readonly machine: Readonly<Record<string, string | number>>
  readonly reports: Readonly<Record<string, Report & { readonly title: string; readonly loadBefore: number }>>
}

/** Everything, for docs/reference/performance.md. */
export function numbersPage({ machine, reports }: Run): string {
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`)
  return [
    `Measured on: ${facts.join(', ')}.\n`,
    ...Object.entries(reports).map(([id, report]) => section(id, report)),
  ].join('\n')
}

/** What has a goal, for the README. */
export function goalsTable({ reports }: Run): string {
  const rows = Object.entries(reports).flatMap(([id, { findings }]) =>
    findings.filter(({ goal }) => goal !== undefined).map((finding) => `| (${id}) ${findingRow(finding)}`),
  )
  return ['| measured | | goal | |', '|---|---|---|---|', ...rows, ''].join('\n')
}

/** Puts the text between the two marks of that name; throws when they are not there. */
export function between(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`expected the marks ${begin} and ${end} in the page`)
  return `${page.slice(0, from + begin.length)}\n\n${text}\n${page.slice(to)}`
}

function section(
  id: string,
  { title, loadBefore, findings, summaries, notes, skipped }: Run['reports'][string],
): string {
  const lines = [`### (${id}) ${title}\n`, `Load average before it began: ${rounded(loadBefore)}.\n`]
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
  return [...lines, ...notes.map((note) => `- ${note}`), ''].join('\n')
}

function findingRow({ name, value, unit, goal, met }: Finding): string {
  const verdict = met === undefined ? '' : met ? 'met' : '**missed**'
  return `${name} | ${rounded(value)} ${unit} | ${goal === undefined ? '' : goalText(goal)} | ${verdict} |`
}

function summaryRow([name, { n, p50, p99, min, max }]: [string, Summary]): string {
  return `| ${[name, n, ...[p50, p99, min, max].map(rounded)].join(' | ')} |`
}
