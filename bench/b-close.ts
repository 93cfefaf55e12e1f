/** (b) When holes close, seen from the network: with the server alive, and with every process of ours killed. */
import type { Stage } from '../test/demo/stage.ts'
import { openEyes, flowOf, type Eyes, type Probe } from './eyes.ts'
import { monotonic, wallMinusMonotonic } from './monotonic.ts'
import type { Report } from './report.ts'
import { expectStatus, initiateCall, policyCall, onStage, startCaller, startServer } from './site.ts'
import { sourceAt } from './sources.ts'
import { summaryOf } from './summary.ts'
import { fact, judged, type Finding } from './verdict.ts'

const PORTS = [2222, 2223, 2224, 2225, 2226, 2227, 2228, 2229]
/** A few more than are needed: a prober that had to wait at the wrong moment did not see when a hole closed. */
const HOLES = 220
const NEEDED = 200
/** Between the last packet let in and the first refused, in milliseconds, for a closing that was seen. */
const SEEN_TO = 1
/** From the first request to the first end, and from one end to the next, in milliseconds. */
const LEAD = 4_000
const STAGGER = 23
/** Around each end every packet counts; before and after, one now and then shows that the hole is as it should be. */
const CLOSE_LOOK = 40
const SPARSE = 20
const AFTERWARDS = 500

export const title = `when ${NEEDED} holes close`

export const measure = onStage(measureOn)

async function measureOn(stage: Stage): Promise<Report> {
  const server = await startServer(stage, { data: 'b' })
  const caller = await startCaller(stage, server)
  await expectStatus(caller, policyCall(server.place, PORTS))
  const eyes = await openEyes(stage, PORTS)
  const ask = async (hole: Hole): Promise<void> => {
    const endTimeUtc = new Date(hole.ends).toISOString()
    await expectStatus(caller, initiateCall(server.place, { source: hole.source, port: hole.port, endTimeUtc }), 202)
  }
  const alive = await watchHoles(eyes, { firstId: 1, ask, afterwards: () => Promise.resolve() })
  const dead = await watchHoles(eyes, { firstId: HOLES + 1, ask, afterwards: () => server.kill() })
  const reports = [judgeClosings('server alive', alive.closings), judgeClosings('all killed', dead.closings)]
  return {
    findings: [
      ...reports.flatMap(({ findings }) => findings),
      fact('how far wall and monotonic clock drifted while watching', Math.max(alive.drift, dead.drift), 'ms'),
    ],
    summaries: Object.assign({}, ...reports.map(({ summaries }) => summaries)) as Report['summaries'], // objects of summaries, joined
    notes: [
      `${HOLES} holes at once, each of its own source, on ${PORTS.length} ports, ends ${STAGGER} ms apart; a packet each 0.25 ms in the ${CLOSE_LOOK} ms before and after each end`,
      `a closing counts where the prober saw it to ${SEEN_TO} ms; a packet let in after the end counts always`,
      'closed: when the last packet that was let in had been sent, minus the end that was granted; less than 0 is early',
      'ends are wall clock and packets monotonic; the difference of the two was taken before and after, and the less favourable counts',
    ],
  }
}

interface Hole {
  readonly id: number
  readonly source: string
  readonly port: number
  /** Wall clock, whole milliseconds. */
  readonly ends: number
}

interface Watch {
  readonly firstId: number
  readonly ask: (hole: Hole) => Promise<void>
  /** When all are open. */
  readonly afterwards: () => Promise<void>
}

export interface Closing {
  /** Against the end, in milliseconds: the last packet let in, and the first one after it, which was not. */
  readonly lastLetIn: number
  readonly firstRefused: number
  /** Packets sent while the hole was open that were not let in. */
  readonly lost: number
}

async function watchHoles(
  { prober, listener }: Eyes,
  { firstId, ask, afterwards }: Watch,
): Promise<{ closings: Closing[]; drift: number }> {
  const offset = wallMinusMonotonic()
  const begin = Date.now() + LEAD
  const holes = Array.from({ length: HOLES }, (_, index): Hole => {
    const id = firstId + index
    const port = PORTS[index % PORTS.length] ?? 0
    return { id, source: sourceAt(id), port, ends: begin + index * STAGGER }
  })
  for (const hole of holes) await ask(hole)
  await afterwards()
  const opened = monotonic()
  const flows = holes.flatMap((hole) => probesOf(hole, { opened, end: hole.ends - offset })).map(flowOf)
  await prober.call('add', { flows })
  await past(begin + HOLES * STAGGER + AFTERWARDS + 100)
  const drift = wallMinusMonotonic() - offset
  const seen = await listener.call('seen', { ids: holes.map(({ id }) => id) })
  const letIn = seen.map((each, index) => {
    if (each === null) throw new Error(`hole ${index} was never seen open`)
    return { id: firstId + index, ...each }
  })
  const around = await prober.call('around', { flows: letIn })
  const closings = holes.map((hole, index): Closing => {
    const [seenOpen, sent] = [letIn[index], around[index]]
    if (seenOpen === undefined || sent?.next == null) throw new Error(`hole ${index} was still open at the end`)
    const end = hole.ends - offset
    // A drift moves the end one way or the other: take what makes us later, and what makes us earlier.
    const late = seenOpen.last - end + Math.max(0, drift)
    return { lastLetIn: late, firstRefused: sent.next - end + Math.min(0, drift), lost: sent.between - seenOpen.count }
  })
  return { closings, drift: Math.abs(drift) }
}

function probesOf({ id, source, port }: Hole, { opened, end }: { opened: number; end: number }): Probe[] {
  const flow = { id, source, port }
  return [
    { ...flow, from: opened, until: end - CLOSE_LOOK, every: SPARSE },
    { ...flow, from: end - CLOSE_LOOK, until: end + CLOSE_LOOK },
    { ...flow, from: end + CLOSE_LOOK, until: end + AFTERWARDS, every: SPARSE },
  ]
}

/** The bench waits for the world here; nothing is asserted about this time. */
async function past(wall: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, wall - Date.now()))
}

export function judgeClosings(how: string, closings: readonly Closing[]): Pick<Report, 'findings' | 'summaries'> {
  const seen = closings.filter(({ lastLetIn, firstRefused }) => firstRefused - lastLetIn <= SEEN_TO)
  if (seen.length < NEEDED)
    throw new Error(`${seen.length} closings were seen to ${SEEN_TO} ms, and ${NEEDED} are needed`)
  const closed = summaryOf(seen.map(({ lastLetIn }) => lastLetIn))
  // What was let in too late is too late, however well the closing was seen.
  const latest = Math.max(...closings.map(({ lastLetIn }) => lastLetIn))
  const findings: Finding[] = [
    judged(`latest closing, ${how}`, latest, 'ms', { atMost: 0 }),
    judged(`earliest closing, ${how}`, closed.min, 'ms', { atLeast: -12 }),
    fact(
      `packets lost while open, ${how}`,
      closings.reduce((sum, { lost }) => sum + lost, 0),
      '',
    ),
  ]
  const summaries = {
    [`closed minus end, ${how}`]: closed,
    [`first refused minus end, ${how}`]: summaryOf(seen.map(({ firstRefused }) => firstRefused)),
  }
  return { findings, summaries }
}
