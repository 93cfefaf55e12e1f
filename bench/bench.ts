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
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MEASUREMENTS } from './measurements.ts'
import { goalsInto, numbersInto } from './page.ts'
import { reportText, type Report } from './report.ts'
import { isMissed } from './verdict.ts'

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, only: { type: 'string' }, page: { type: 'boolean' } },
})
const chosen = values.only?.split(',') ?? Object.keys(MEASUREMENTS)
const unknown = chosen.filter((id) => !(id in MEASUREMENTS))
if (unknown.length > 0)
  throw new Error(`expected some of ${Object.keys(MEASUREMENTS).join(',')}, got ${unknown.join(',')}`)
if (process.getuid?.() !== 0) throw new Error('the bench makes network namespaces: run it as root')

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
  const report = await measuredApart(id)
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

/** In a process of its own: from one that an earlier measurement left with a gigabyte, each program starts 50 ms later. */
async function measuredApart(id: string): Promise<Report> {
  const child = fork(join(import.meta.dirname, 'measure-child.ts'), [id], {
    stdio: ['ignore', values.json === true ? 2 : 1, 2, 'ipc'],
  })
  const pass = (signal: NodeJS.Signals): boolean => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, pass)
  let report: Report | undefined
  child.once('message', (told) => (report = told as Report)) // as measure-child.ts sends it
  const [exit] = await once(child, 'exit')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, pass)
  if (report === undefined || exit !== 0)
    throw new Error(`(${id}) ended with ${exit} and ${report === undefined ? 'no' : 'a'} report`)
  return report
}

function writeInto(page: string, put: typeof goalsInto): void {
  const path = join(import.meta.dirname, '..', page)
  writeFileSync(path, put(readFileSync(path, 'utf8'), { machine, reports }))
}
