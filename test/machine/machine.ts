/**
 * `npm run test:machine`: what a network namespace cannot show, on a machine that boots. Somebody knocks at port 22 all the
 * time, and nobody may get in without a grant while the agent is killed and upgraded, the machine reset, its clocks set and
 * stopped, its cable pulled, its rules flushed. Exits with 0 only if every statement was observed, and with 69 where the
 * computer lacks something that is needed: then nothing was tried.
 *
 *   npm run test:machine -- [--only reboots,clocks] [--json]
 */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Timeline } from '../demo/timeline.ts'
import type { Theatre } from './act.ts'
import { CANNOT_RUN, hasKvm, whatIsMissing } from './ground.ts'
import { theImage } from './image.ts'
import { installing } from './installing.ts'
import { clocks } from './clocks.ts'
import { firewalls } from './firewalls.ts'
import { lives } from './lives.ts'
import { packaging } from './packaging.ts'
import { reboots } from './reboots.ts'
import { silences } from './silences.ts'
import { setStage } from './stage.ts'

const ROOT = join(import.meta.dirname, '../..')
const ACTS: Readonly<Record<string, (theatre: Theatre) => Promise<void>>> = {
  lives,
  firewalls,
  clocks,
  silences,
  reboots,
  packaging,
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
  },
})
const asJson = values.json
const say = (text: string): void => void (asJson ? process.stderr : process.stdout).write(text)
const wished = values.only?.split(',') ?? Object.keys(ACTS)
// In the order of the play, however they are named: the last one takes the agent away.
const chosen = Object.keys(ACTS).filter((name) => wished.includes(name))
const unknown = wished.filter((name) => ACTS[name] === undefined)
if (unknown.length > 0) throw new Error(`--only takes ${Object.keys(ACTS).join(', ')}; got ${unknown.join(', ')}`)

const missing = whatIsMissing()
if (missing.length > 0) {
  say(
    `Nothing was tried: this needs what the computer does not have.\n${missing.map((line) => `  ${line}\n`).join('')}`,
  )
  process.exit(CANNOT_RUN)
}

if (!values['no-build']) build()
const timeline = new Timeline(say)
const stage = await setStage(theImage((text) => say(`${text}\n`)))
process.once('SIGINT', () => void stage.leave().finally(() => process.exit(130)))
try {
  const theatre = { stage, timeline, package: packageOfAgent() }
  if (!hasKvm()) timeline.say('The processor cannot run a virtual machine here: it is emulated, and slow.')
  await installing(theatre).catch(notSeen('the host is protected'))
  if (timeline.ok) for (const name of chosen) await ACTS[name]?.(theatre).catch(notSeen(`${name}, to its end`))
} finally {
  await stage.leave()
}
const { knocks, wrong } = stage.knocks.total()
if (asJson) process.stdout.write(`${JSON.stringify({ steps: timeline.steps, knocks, wrong, ok: timeline.ok })}\n`)
else
  timeline.say(
    `${knocks} knocks, ${wrong} got in without a grant. ${timeline.ok ? 'Everything was observed.' : 'Not everything was observed: see the lines marked ✗.'}`,
  )
process.exitCode = timeline.ok ? 0 : 1

/** What follows is tried all the same. */
function notSeen(what: string): (reason: unknown) => Promise<void> {
  return async (reason) => void (await timeline.see(what, () => Promise.reject(reason)))
}

/** What is tried is what the sources say now. */
function build(): void {
  say('Building the server, and the agent with its package.\n')
  for (const script of [['script/build.ts'], ['script/build-agent.ts', '--deb']])
    execFileSync(process.execPath, script, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
}

function packageOfAgent(): string {
  const name = readdirSync(join(ROOT, 'dist')).find((one) => /^sallyport-agent_.*\.deb$/.test(one))
  if (name === undefined) throw new Error('expected the package of the agent in dist; run: npm run build:agent')
  return join(ROOT, 'dist', name)
}
