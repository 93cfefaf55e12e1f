/** One part of the run: what was seen in it, and who was let in meanwhile. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Timeline } from '../demo/timeline.ts'
import type { Act, Answered, Grant } from './knocks.ts'
import { until, type Stage } from './stage.ts'

export interface Theatre {
  readonly stage: Stage
  readonly timeline: Timeline
  /** The package of the agent, on this computer. */
  readonly package: string
}

/** How long after an end a knock still comes too late to be answered by mistake. */
const AFTERWARDS = 1_000

/** The operator asks, and gets in. */
export async function openFor({ stage, timeline }: Theatre, seconds: number): Promise<Grant> {
  const asked = Date.now()
  let hole: Grant | undefined
  await timeline.see('the operator asks, and gets in', async () => {
    hole = await stage.request(seconds)
    return (
      (await stage.operatorGetsIn()) &&
      `open after ${Date.now() - asked} ms, for ${Math.round((hole.until - Date.now()) / 1_000)} s more`
    )
  })
  if (hole === undefined) throw new Error('what follows needs an open port')
  return hole
}

/** Waits until the last hole is over, and a little longer: the knocks tell whether it was. */
export async function endOf({ stage, timeline }: Theatre): Promise<void> {
  const end = Math.max(...stage.holes.map((hole) => hole.until))
  await pause(Math.max(0, end - Date.now() + AFTERWARDS))
  await timeline.see('it is shut at the end', async () => !(await stage.operatorGetsIn()))
}

/**
 * Judges every knock since the last time. That the machine could be reached meanwhile, the knocks at the port beside it
 * must prove.
 */
export async function nobodyElse({ stage, timeline }: Theatre, when: string): Promise<Act> {
  const act = await stage.knocks.judged(stage.holes)
  const control = `${act.unprotectedAnswered} of ${act.unprotected} were answered at the port beside it`
  await timeline.see(`nobody got in without a grant ${when}`, async () => {
    const [first] = act.wrong
    if (first !== undefined)
      throw new Error(`${act.wrong.length} of ${act.knocks} knocks got in, ${about(stage, act.wrong)}`)
    if (act.unprotectedAnswered === 0) throw new Error(`nothing was proven: ${control}`)
    return `${act.knocks} knocks, ${act.granted.length} with a grant; ${control}${lastIn(stage, act)}`
  })
  return act
}

/** Waits until whatever is going on with the agent is over: the machine is as it should be, and the server knows. */
export async function settled({ stage }: Theatre): Promise<void> {
  await stage.connected()
  await until(
    async () => (await stage.machine.run('sallyport-agent status')).includes('22/TCP'),
    'port 22 is protected',
  )
}

function about(stage: Stage, wrong: readonly Answered[]): string {
  return [wrong.at(0), wrong.at(-1)].map((one) => (one === undefined ? '' : sinceHole(stage, one))).join(' … ')
}

function sinceHole({ holes }: Stage, { from, sent, at }: Answered): string {
  const last = holes.filter((hole) => hole.from === from && hole.since <= at).at(-1)
  if (last === undefined) return `${from}, which never had a grant`
  return `${from} ${Math.round(at - last.until)} ms after the end of its last grant (sent ${Math.round(at - sent)} ms before)`
}

function lastIn({ holes }: Stage, { granted }: Act): string {
  const end = holes.at(-1)?.until
  const last = granted.filter(({ sent }) => end !== undefined && sent > end - 60_000).at(-1)
  if (last === undefined || end === undefined || Date.now() < end) return ''
  const early = Math.round(end - last.at)
  return `; the last ${Math.abs(early)} ms ${early < 0 ? 'after' : 'before'} the end`
}
