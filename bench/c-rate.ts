/** (c) Granted requests a second, against the store's own ceiling for the same rows and as many callers. */
import { join } from 'node:path'
import type { Stage } from '../test/demo/stage.ts'
import type { CallerApi } from './caller.ts'
import { cpuMillis } from './cpu-time.ts'
import type { FloorWorkApi } from './floor-work.ts'
import type { Report } from './report.ts'
import { expectStatus, policyCall, onStage, startCaller, startServer, type Place } from './site.ts'
import { summaryOf } from './summary.ts'
import { fact, ratio } from './verdict.ts'
import { startWorker, type Worker } from './worker.ts'

const CALLERS = [1, 16, 64]
const SECONDS = 4
const WARM_UP_SECONDS = 2
const PORT = 2222
/** More than any machine asks for in one turn. */
const SOURCES_PER_TURN = 200_000

export const title = 'granted requests a second'

export const measure = onStage(measureOn)

async function measureOn(stage: Stage): Promise<Report> {
  const server = await startServer(stage, { data: 'c' })
  const caller = await startCaller(stage, server)
  await expectStatus(caller, policyCall(server.place, [PORT]))
  const floor = startWorker<FloorWorkApi>(stage, 'stranger', join(import.meta.dirname, 'floor-work.ts'))
  await floor.call('open', { folder: join(stage.folder, 'floor'), port: PORT })
  await rateOf(caller, { place: server.place, turn: 0, callers: 16, seconds: WARM_UP_SECONDS })
  const turns: Turn[] = []
  for (const [index, callers] of CALLERS.entries()) {
    const before = [cpuMillis(floor.pid), cpuMillis(server.pid)] as const
    const ceiling = await floor.call('rate', { callers, seconds: SECONDS })
    const between = cpuMillis(floor.pid)
    const rate = await rateOf(caller, { place: server.place, turn: index + 1, callers, seconds: SECONDS })
    const cpu = (cpuMillis(server.pid) - before[1]) / rate.times.length
    const floorCpu = (between - before[0]) / (ceiling * SECONDS)
    turns.push({ callers, ceiling, ...rate, cpu, floorCpu })
  }
  await server.stop()
  return judgeTurns(turns)
}

interface Turn {
  readonly callers: number
  readonly ceiling: number
  readonly perSecond: number
  readonly times: readonly number[]
  /** Milliseconds of any core for one grant: the server's, and the store's alone. */
  readonly cpu: number
  readonly floorCpu: number
}

interface Turned {
  readonly place: Place
  readonly turn: number
  readonly callers: number
  readonly seconds: number
}

function rateOf(caller: Worker<CallerApi>, { place, turn, callers, seconds }: Turned) {
  const firstSource = turn * SOURCES_PER_TURN
  return caller.call('rate', { name: 'server', callers, seconds, place, firstSource, port: PORT, duration: 'PT1H' })
}

export function judgeTurns(turns: readonly Turn[]): Report {
  return {
    findings: turns.flatMap(({ callers, perSecond, ceiling, cpu, floorCpu }) => [
      fact(`granted requests a second, ${callers} callers`, perSecond, '/s'),
      fact(`the store alone, ${callers} callers`, ceiling, '/s'),
      ratio(
        `share of the store’s ceiling, ${callers} callers`,
        { ours: perSecond, floor: ceiling },
        callers === 64 ? { atLeast: 0.5 } : undefined,
      ),
      fact(`processor time for one grant, ${callers} callers`, cpu, 'ms'),
      fact(`processor time for one grant, the store alone, ${callers} callers`, floorCpu, 'ms'),
    ]),
    summaries: Object.fromEntries(turns.map(({ callers, times }) => [`answer, ${callers} callers`, summaryOf(times)])),
    notes: [
      'ceiling: the same two transactions per request on the store’s own interface, in a process of its own, what arrives together recorded together',
      'callers share the machine’s cores with the server; the ceiling has no caller, no HTTP, no judgement and no kernel beside it',
      'holes last an hour, so that the set in the kernel grows all the time',
    ],
  }
}
