/** (a) From the request to the first packet let in, against the least that its three parts cost by themselves. */
import { join } from 'node:path'
import type { Stage } from '../test/demo/stage.ts'
import type { CallerApi } from './caller.ts'
import { openEyes } from './eyes.ts'
import type { FloorHttpApi } from './floor-http.ts'
import type { FloorWorkApi } from './floor-work.ts'
import { openOnce, type Opened, type Opening } from './open-once.ts'
import type { Report } from './report.ts'
import { expectStatus, initiateCall, policyCall, onStage, startCaller, startServer } from './site.ts'
import { sourceAt } from './sources.ts'
import { summaryOf, sumByRound } from './summary.ts'
import { ratio, type Finding } from './verdict.ts'
import { startWorker, type Worker } from './worker.ts'

const ROUNDS = 1_000
const WARM_UP = 200
const PORT = 2222
const FLOOR_PORT = 8480
const DURATION = 'PT1H'

export const title = 'from the request to the first packet let in'

export const measure = onStage(measureOn)

interface Round extends Opened {
  readonly http: number
  readonly store: number
  readonly kernel: number
}

async function measureOn(stage: Stage): Promise<Report> {
  const server = await startServer(stage, { data: 'a' })
  const caller = await startCaller(stage, server)
  await expectStatus(caller, policyCall(server.place, [PORT]))
  const sample = await expectStatus(caller, initiateCall(server.place, askedFor(0)), 202)
  await openFloorHttp(stage, caller, { tokenFile: server.tokenFile, sample })
  const floor = startWorker<FloorWorkApi>(stage, 'stranger', join(import.meta.dirname, 'floor-work.ts'))
  await floor.call('open', { folder: join(stage.folder, 'floor'), port: PORT })
  const eyes = await openEyes(stage, [PORT])
  const bench: Bench = { caller, floor, eyes, place: server.place, port: PORT }
  const rounds: Round[] = []
  for (let round = 0; round < WARM_UP + ROUNDS; round++) rounds.push(await oneRound(bench, round + 1))
  const pace = await eyes.prober.call('pace', { ids: rounds.map((_, round) => round + 1), below: 5 })
  await server.stop()
  return { ...judgeRounds(rounds.slice(WARM_UP), pace.p50 / 2), notes: notes(pace.p50, pace.p99) }
}

interface Bench extends Opening {
  readonly floor: Worker<FloorWorkApi>
}

function askedFor(n: number) {
  return { source: sourceAt(n), port: PORT, duration: DURATION }
}

async function openFloorHttp(
  stage: Stage,
  caller: Worker<CallerApi>,
  { tokenFile, sample }: { tokenFile: string; sample: string },
): Promise<void> {
  const http = startWorker<FloorHttpApi>(stage, 'host', join(import.meta.dirname, 'floor-http.ts'))
  await http.call('listen', { port: FLOOR_PORT, body: JSON.parse(sample) })
  await caller.call('open', { name: 'floor', host: '10.117.1.1', port: FLOOR_PORT, tokenFile })
}

/** Floor and product in turn, so that whatever else the machine does falls on both. The prober sends all the time. */
async function oneRound({ floor, ...opening }: Bench, n: number): Promise<Round> {
  const parts = { http: Number.NaN, store: Number.NaN, kernel: Number.NaN }
  const opened = await openOnce(opening, n, async () => {
    const calls = [initiateCall(opening.place, askedFor(n))]
    const [http = Number.NaN] = await opening.caller.call('time', { name: 'floor', calls, status: 202 })
    Object.assign(parts, { http }, await floor.call('once', { source: sourceAt(n) }))
  })
  return { ...opened, ...parts }
}

/**
 * The verdict, from the rounds alone. Whoever probes sees an opening at the next packet: `wait`, half of what lies between
 * two, is in what was seen and is added to the floor.
 */
export function judgeRounds(rounds: readonly Round[], wait: number): Pick<Report, 'findings' | 'summaries'> {
  const of = (part: keyof Round): number[] => rounds.map((round) => round[part])
  const parts = sumByRound(of('http'), of('store'), of('kernel'))
  const floor = summaryOf(parts.map((sum) => sum + wait))
  const opened = summaryOf(of('opened'))
  const findings: Finding[] = [
    ratio('p50 of the first packet let in / p50 of the floor', { ours: opened.p50, floor: floor.p50 }, { atMost: 1.5 }),
    ratio('p99 of the first packet let in / p99 of the floor', { ours: opened.p99, floor: floor.p99 }, { atMost: 3 }),
  ]
  const summaries = {
    'floor: HTTP round trip, empty handler': summaryOf(of('http')),
    'floor: one durable transaction of the same rows': summaryOf(of('store')),
    'floor: one libnftables transaction': summaryOf(of('kernel')),
    'floor: the three of a round and the wait for a packet': floor,
    'first packet let in': opened,
    'answer to the request': summaryOf(of('answered')),
  }
  return { findings, summaries }
}

function notes(p50: number, p99: number): string[] {
  return [
    'floor and product take turns in every round, under the same prober; the floor’s p99 is that of the rounds’ sums',
    'store floor: raw prepared statements on the product’s schema and settings (WAL, synchronous=FULL), no hashing, no building',
    'kernel floor: libnftables in process on the same table and sets, in another namespace: the one statement that the product writes for a new hole',
    `the first packet counts from when it was sent; the prober’s pace (${p50.toFixed(3)} ms p50, ${p99.toFixed(3)} ms p99 between packets) is half in the floor, as it is in our time on average`,
  ]
}
