/** (d) 100,000 live holes on one host: memory, the price of one more, and starting again with all of them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stage } from '../test/demo/stage.ts'
import { openEyes, type Eyes } from './eyes.ts'
import type { FloorWorkApi } from './floor-work.ts'
import { monotonic } from './monotonic.ts'
import { openOnce, type Opened } from './open-once.ts'
import { passRecorded, untilRecorded } from './passes-recorded.ts'
import type { Report } from './report.ts'
import { seedHoles } from './seed-holes.ts'
import { expectStatus, policyCall, onStage, startCaller, startServer, type RunningServer } from './site.ts'
import { summaryOf } from './summary.ts'
import { fact, ratio } from './verdict.ts'
import { startWorker } from './worker.ts'

const HOLES = 100_000
const ADDED = 300
const WARM_UP = 100
const STARTS = 3
const PORT = 2222
const DATA = 'd'

export const title = `${HOLES} live holes on one host`

export const measure = onStage(measureOn)

async function measureOn(stage: Stage): Promise<Report> {
  const eyes = await openEyes(stage, [PORT])
  const folder = join(stage.folder, DATA)
  const empty = await addHoles(stage, eyes, { firstSource: HOLES, protect: true })
  const emptyStart = empty.server.startedIn
  await empty.server.stop()
  const { place } = empty.server
  await seedHoles({ folder, place, port: PORT, firstSource: 0, count: HOLES })
  const before = passRecorded(folder)
  const adopting = await startServer(stage, { data: DATA })
  await untilRecorded(folder, before)
  await adopting.stop()
  const full = await addHoles(stage, eyes, { firstSource: HOLES + ADDED + WARM_UP, protect: false })
  await full.server.stop()
  eyes.end()
  return judge({ empty, full, emptyStart, starts: await startAgain(stage, folder) })
}

interface Added {
  readonly server: RunningServer
  readonly holes: readonly Opened[]
  /** The server's resident memory, in MB. */
  readonly memory: number
}

async function addHoles(
  stage: Stage,
  eyes: Eyes,
  { firstSource, protect }: { firstSource: number; protect: boolean },
): Promise<Added> {
  const folder = join(stage.folder, DATA)
  const before = protect ? 0 : passRecorded(folder)
  const server = await startServer(stage, { data: DATA })
  if (!protect) await untilRecorded(folder, before)
  const caller = await startCaller(stage, server)
  if (protect) await expectStatus(caller, policyCall(server.place, [PORT]))
  const opening = { caller, eyes, place: server.place, port: PORT }
  const holes: Opened[] = []
  for (let n = 0; n < WARM_UP + ADDED; n++) holes.push(await openOnce(opening, firstSource + n))
  caller.end()
  return { server, holes: holes.slice(WARM_UP), memory: residentMb(server.pid) }
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}

interface Starts {
  /** Milliseconds from the start of the process until everything was seen to be right. */
  readonly warm: number[]
  readonly cold: number[]
  /** Milliseconds of one bulk load of as many elements, the quicker of the two ways. */
  readonly bulk: number[]
  readonly bulkChunked: number[]
  /** What the kernel's slabs grew by with the elements in, in MB. */
  readonly kernelMb: number[]
}

/** In turns, so that what else the machine does falls on all of them. */
async function startAgain(stage: Stage, folder: string): Promise<Starts> {
  const floor = startWorker<FloorWorkApi>(stage, 'stranger', join(import.meta.dirname, 'floor-work.ts'))
  await floor.call('open', { folder: join(stage.folder, 'floor'), port: PORT })
  const starts: Starts = { warm: [], cold: [], bulk: [], bulkChunked: [], kernelMb: [] }
  for (let turn = 0; turn < STARTS; turn++) {
    starts.warm.push(await timeStart(stage, folder))
    await stage.run('host', ['nft', 'flush', 'ruleset'])
    starts.cold.push(await timeStart(stage, folder))
    const whole = await floor.call('load', { count: HOLES, chunk: HOLES })
    const chunked = await floor.call('load', { count: HOLES, chunk: 1_000 })
    starts.bulk.push(whole.took)
    starts.bulkChunked.push(chunked.took)
    starts.kernelMb.push(whole.slabMb)
  }
  floor.end()
  return starts
}

/** Killed afterwards, as a crash would: the next start finds the kernel as it was left. */
async function timeStart(stage: Stage, folder: string): Promise<number> {
  const pass = passRecorded(folder)
  const began = monotonic()
  const server = await startServer(stage, { data: DATA })
  await untilRecorded(folder, pass)
  const took = monotonic() - began
  await server.kill()
  return took
}

interface Measured {
  readonly empty: Added
  readonly full: Added
  readonly emptyStart: number
  readonly starts: Starts
}

function judge({ empty, full, emptyStart, starts }: Measured): Report {
  const [openedEmpty, openedFull] = [empty, full].map(({ holes }) => summaryOf(holes.map(({ opened }) => opened)))
  const [answeredEmpty, answeredFull] = [empty, full].map(({ holes }) =>
    summaryOf(holes.map(({ answered }) => answered)),
  )
  if (!openedEmpty || !openedFull || !answeredEmpty || !answeredFull) throw new Error('nothing was measured')
  const [warm, cold] = [summaryOf(starts.warm), summaryOf(starts.cold)]
  const bulk = Math.min(summaryOf(starts.bulk).p50, summaryOf(starts.bulkChunked).p50)
  return {
    findings: [
      fact('the server’s memory, few holes', empty.memory, 'MB'),
      fact(`the server’s memory, ${HOLES} holes`, full.memory, 'MB'),
      fact(`the kernel’s memory for the set of ${HOLES}`, summaryOf(starts.kernelMb).p50, 'MB'),
      ratio(
        'first packet let in, one more / on an empty set (p50)',
        { ours: openedFull.p50, floor: openedEmpty.p50 },
        { atMost: 1.2 },
      ),
      ratio('answer, one more / on an empty set (p50)', { ours: answeredFull.p50, floor: answeredEmpty.p50 }),
      ratio('restart after a crash, and converge / one bulk load', { ours: warm.p50, floor: bulk }, { atMost: 2 }),
      ratio(
        'start after a reboot (empty kernel), and converge / one bulk load',
        { ours: cold.p50, floor: bulk },
        { atMost: 2 },
      ),
      fact('start of the server without holes', emptyStart, 'ms'),
    ],
    summaries: {
      'first packet let in, empty set': openedEmpty,
      [`first packet let in, ${HOLES} in the set`]: openedFull,
      'answer, empty set': answeredEmpty,
      [`answer, ${HOLES} in the set`]: answeredFull,
      'restart after a crash, and converge': warm,
      'start after a reboot, and converge': cold,
      'bulk load of the same elements, one transaction': summaryOf(starts.bulk),
      'bulk load of the same elements, 1000 at a time': summaryOf(starts.bulkChunked),
    },
    notes: [
      `the ${HOLES} were written as rows by the store, and put into the kernel by the next start of the server`,
      'starting counts from the start of the process (Node’s own start included) until the pass over all holes was recorded; seen within 5 ms',
      'the bulk load is libnftables in process, its text written beforehand; the quicker of its two ways is the floor',
      'the kernel’s memory is what the whole machine’s slabs grew by',
    ],
  }
}
