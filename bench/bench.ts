/**
 * The bench: every number is a ratio, in one run, against a floor or a peer that was measured beside it.
 *
 *   npm run bench                      all, as a table
 *   npm run bench -- --only a,b        some of them
 *   npm run bench -- --json            one JSON object on standard output
 *   npm run bench -- --page            writes the numbers into the README and docs/reference/performance.md too, in the
 *                                      place of older ones of the same letters
 *
 * Exits with 0 when everything was measured, met or not; a goal that was missed says so in the table.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as open from './a-open.ts'
import * as close from './b-close.ts'
import * as rate from './c-rate.ts'
import * as many from './d-many.ts'
import * as history from './e-history.ts'
import * as peer from './f-peer.ts'
import * as permission from './g-permission.ts'
import * as tokens from './h-tokens.ts'
import * as start from './i-start.ts'
import * as posture from './j-posture.ts'
import * as portal from './k-portal.ts'
import * as agents from './l-agents.ts'
import * as agent from './m-agent.ts'
import * as fleet from './n-fleet.ts'
import { goalsInto, numbersInto } from './page.ts'
import { reportText, type Report } from './report.ts'
import { isMissed } from './verdict.ts'

interface Measurement {
  readonly title: string
  measure(): Promise<Report>
}

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  a: open,
  b: close,
  c: rate,
  d: many,
  e: history,
  f: peer,
  g: permission,
  h: tokens,
  i: start,
  j: posture,
  k: portal,
  l: agents,
  m: agent,
  n: fleet,
}

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, only: { type: 'string' }, page: { type: 'boolean' } },
})
const chosen = values.only?.split(',') ?? Object.keys(MEASUREMENTS)
const unknown = chosen.filter((id) => !(id in MEASUREMENTS))
if (unknown.length > 0)
  throw new Error(`expected some of ${Object.keys(MEASUREMENTS).join(',')}, got ${unknown.join(',')}`)
if (process.getuid?.() !== 0) throw new Error('the bench makes network namespaces: run it as root')

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const say = (text: string): unknown => (values.json === true ? process.stderr : process.stdout).write(text)
const machine = {
  at: new Date().toISOString(),
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? '',
  kernel: release(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
}
say(
  `${Object.entries(machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}\n`,
)

const reports: Record<string, Report & { title: string; loadBefore: number }> = {}
for (const id of chosen) {
  const measurement = MEASUREMENTS[id]
  if (measurement === undefined) continue
  const [loadBefore = 0] = loadavg()
  const report = await measurement.measure()
  reports[id] = { title: measurement.title, loadBefore, ...report }
  say(`\n${reportText(id, measurement.title, report)}`)
}
const missed = Object.entries(reports)
  .filter(([, report]) => isMissed(report.findings))
  .map(([id]) => id)
say(`\n${missed.length === 0 ? 'Every goal was met.' : `Goals were missed in: ${missed.join(', ')}.`}\n`)
if (values.json === true) process.stdout.write(`${JSON.stringify({ machine, reports, missed })}\n`)
if (values.page === true) {
  writeInto('README.md', goalsInto)
  writeInto('docs/reference/performance.md', numbersInto)
}

function writeInto(page: string, put: typeof goalsInto): void {
  const path = join(import.meta.dirname, '..', page)
  writeFileSync(path, put(readFileSync(path, 'utf8'), { machine, reports }))
}
