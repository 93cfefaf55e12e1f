/** (f) The peer in the field, fwknop, in the same run, on the same wire, seen by the same prober. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { HOST_SEEN_BY, type Stage } from '../test/demo/stage.ts'
import type { CallerApi, Rate } from './caller.ts'
import { openEyes, flowOf, type Eyes } from './eyes.ts'
import { missingPeer, SPA_PORT, startPeer, type Peer, type PeerMode } from './fwknop.ts'
import type { KnockerApi } from './knocker.ts'
import { monotonic, wallMinusMonotonic } from './monotonic.ts'
import type { Report } from './report.ts'
import { expectStatus, initiateCall, policyCall, onStage, startCaller, startServer, type Place } from './site.ts'
import { sourceAt } from './sources.ts'
import { summaryOf, type Summary } from './summary.ts'
import { fact, judged, ratio } from './verdict.ts'
import { startWorker, type Worker } from './worker.ts'

const PORT = 2222
const KNOCKS = 30
const WINDOW_SECONDS = 3
/** Around the end of each window, in milliseconds: the peer closes up to a second early. */
const BEFORE_END = 1_200
const AFTER_END = 400
const PER_SECOND = 100
const LOAD_SECONDS = 10
const RATE_SECONDS = 4

export const title = 'beside fwknop, by the same prober'

export async function measure(): Promise<Report> {
  const missing = missingPeer()
  if (missing !== undefined) return { findings: [], summaries: {}, notes: [], skipped: missing }
  return measureOnStage()
}

const measureOnStage = onStage(measureOn)

async function measureOn(stage: Stage): Promise<Report> {
  const eyes = await openEyes(stage, [PORT])
  const knocker = startWorker<KnockerApi>(stage, 'operator', join(import.meta.dirname, 'knocker.ts'))
  const ours = await measureOurs(stage, eyes)
  const defaults = await measurePeer(stage, { eyes, knocker, mode: 'defaults', firstId: 100_000 })
  const fastest = await measurePeer(stage, { eyes, knocker, mode: 'udp-server', firstId: 200_000 })
  return judge({ ours, defaults, fastest })
}

/** Of one side. */
interface Seen {
  /** From the request, or the start of the client, to the first packet let in. */
  readonly open: Summary
  /** The last packet let in, against the end that was promised. */
  readonly close: Summary
  /** Grants a second, and the share of requests that never opened, at {@link PER_SECOND} requests a second. */
  readonly perSecond: number
  readonly lost: number
}

/** One request at a time; the rest of what a side does to be measured. */
export interface Asking {
  readonly eyes: Eyes
  readonly firstId: number
  /** When it was asked; when the window ends, where the side says so. */
  readonly ask: (source: string) => Promise<{ asked: number; ends?: number }>
}

export async function windows({ eyes, firstId, ask }: Asking): Promise<Pick<Seen, 'open' | 'close'>> {
  const knocks = []
  for (let index = 0; index < KNOCKS; index++) knocks.push(await oneWindow({ eyes, firstId, ask }, firstId + index))
  await pause(WINDOW_SECONDS * 1_000 + AFTER_END)
  const seen = await eyes.listener.call('seen', { ids: knocks.map(({ id }) => id) })
  return {
    open: summaryOf(knocks.map(({ opened }) => opened)),
    close: summaryOf(knocks.map(({ ends }, index) => (seen[index]?.last ?? Number.NaN) - ends)),
  }
}

async function oneWindow({ eyes, ask }: Asking, id: number): Promise<{ id: number; opened: number; ends: number }> {
  const flow = { id, source: sourceAt(id), port: PORT }
  const now = monotonic()
  await eyes.prober.call('add', { flows: [flowOf({ ...flow, from: now, until: now + 10_000 })] })
  const { asked, ends: promised } = await ask(flow.source)
  const first = await eyes.listener.call('first', { id, patience: 5_000 })
  await eyes.prober.call('drop', { ids: [id] })
  if (first === null) throw new Error(`the port did not open for ${flow.source}`)
  const ends = promised ?? first + WINDOW_SECONDS * 1_000
  await eyes.prober.call('add', {
    flows: [flowOf({ ...flow, from: ends - BEFORE_END, until: ends + AFTER_END, every: 1 })],
  })
  await pause(100)
  return { id, opened: first - asked, ends }
}

async function measureOurs(stage: Stage, eyes: Eyes): Promise<Seen> {
  const server = await startServer(stage, { data: 'f' })
  const caller = await startCaller(stage, server)
  await expectStatus(caller, policyCall(server.place, [PORT]))
  // Somebody who begins to measure has used it before: the same for the peer, whose daemon has nothing to warm up.
  await rateOf(caller, server.place, { firstSource: 2_000_000, callers: 1, seconds: 1 })
  const offset = wallMinusMonotonic()
  const ask = async (source: string): Promise<{ asked: number; ends: number }> => {
    const endTimeUtc = new Date(Date.now() + WINDOW_SECONDS * 1_000).toISOString()
    const call = initiateCall(server.place, { source, port: PORT, endTimeUtc })
    const { sentAt, status } = await caller.call('send', { name: 'server', call })
    if (status !== 202) throw new Error(`expected 202, got ${status}`)
    return { asked: sentAt, ends: Date.parse(endTimeUtc) - offset }
  }
  const opened = await windows({ eyes, firstId: 1, ask })
  const count = PER_SECOND * LOAD_SECONDS
  const lost = await lostOf(eyes, 10_000, async (sources) => {
    const calls = sources.map((source) => initiateCall(server.place, { source, port: PORT, duration: 'PT60S' }))
    await caller.call('pace', { name: 'server', calls, every: 1_000 / PER_SECOND })
  })
  const { perSecond } = await rateOf(caller, server.place, {
    firstSource: 3_000_000,
    callers: 64,
    seconds: RATE_SECONDS,
  })
  await server.stop()
  await stage.run('host', ['nft', 'flush', 'ruleset'])
  return { ...opened, lost: lost.lost / count, perSecond }
}

function rateOf(
  caller: Worker<CallerApi>,
  place: Place,
  turn: { firstSource: number; callers: number; seconds: number },
): Promise<Rate> {
  return caller.call('rate', { name: 'server', place, port: PORT, duration: 'PT1H', ...turn })
}

interface PeerTurn {
  readonly eyes: Eyes
  readonly knocker: Worker<KnockerApi>
  readonly mode: PeerMode
  readonly firstId: number
}

async function measurePeer(
  stage: Stage,
  { eyes, knocker, mode, firstId }: PeerTurn,
): Promise<Seen & { readonly fromSent: Summary }> {
  const peer = await startPeer(stage, { mode, port: PORT, seconds: WINDOW_SECONDS })
  const ended: number[] = []
  const ask = async (source: string): Promise<{ asked: number }> => {
    const { began, ended: end } = await knocker.call('run', { command: peer.command(source) })
    ended.push(end - began)
    return { asked: began }
  }
  const opened = await windows({ eyes, firstId, ask })
  const load = await loadPeer(peer, { eyes, knocker, mode, firstId: firstId + 10_000 })
  await peer.stop()
  return { ...opened, ...load, fromSent: summaryOf(ended) }
}

/** The packets are made before: what is measured is the daemon, not the client's process. */
async function loadPeer(peer: Peer, { eyes, knocker, firstId }: PeerTurn): Promise<Pick<Seen, 'lost' | 'perSecond'>> {
  const count = PER_SECOND * LOAD_SECONDS
  const packets = Array.from({ length: count }, (_, index) => peer.packet(sourceAt(firstId + index)))
  const { lost, took } = await lostOf(eyes, firstId, async () => {
    await knocker.call('send', { packets, host: HOST_SEEN_BY.operator, port: SPA_PORT, every: 1_000 / PER_SECOND })
  })
  return { lost: lost / count, perSecond: ((count - lost) / took) * 1_000 }
}

/** Asks for each source in turn and sees whether a packet from it was ever let in, and how long it took until the last. */
async function lostOf(
  { prober, listener }: Eyes,
  firstId: number,
  send: (sources: readonly string[]) => Promise<void>,
): Promise<{ lost: number; took: number }> {
  const ids = Array.from({ length: PER_SECOND * LOAD_SECONDS }, (_, index) => firstId + index)
  const begun = monotonic() + 500
  const flows = ids.map((id, index) => {
    const from = begun + (index * 1_000) / PER_SECOND
    return flowOf({ id, source: sourceAt(id), port: PORT, from, until: from + 6_000, every: 100 })
  })
  await prober.call('add', { flows })
  await pause(Math.max(0, begun - monotonic()))
  await send(ids.map(sourceAt))
  await pause(6_200)
  const firsts = (await listener.call('seen', { ids })).flatMap((seen) => (seen === null ? [] : [seen.first]))
  await prober.call('forget', undefined)
  return { lost: ids.length - firsts.length, took: Math.max(...firsts) - begun }
}

interface Sides {
  readonly ours: Seen
  readonly defaults: Seen & { readonly fromSent: Summary }
  readonly fastest: Seen & { readonly fromSent: Summary }
}

function judge({ ours, defaults, fastest }: Sides): Report {
  const times = (peer: Seen) => ({ ours: peer.open.p50, floor: ours.open.p50 })
  return {
    findings: [
      ratio('fwknop’s defaults / ours, time to open (p50)', times(defaults), { atLeast: 20 }),
      ratio('fwknop’s fastest mode / ours, time to open (p50)', times(fastest), { atLeast: 4 }),
      ratio(
        'ours / fwknop’s better mode, grants a second',
        { ours: ours.perSecond, floor: Math.max(defaults.perSecond, fastest.perSecond) },
        { atLeast: 100 },
      ),
      fact('grants a second, ours (64 callers)', ours.perSecond, '/s'),
      fact('grants a second, fwknop’s defaults', defaults.perSecond, '/s'),
      fact('grants a second, fwknop’s fastest mode', fastest.perSecond, '/s'),
      judged(`lost of ${PER_SECOND} requests a second, ours`, ours.lost * 100, '%', { atMost: 0 }),
      fact(`lost of ${PER_SECOND} requests a second, fwknop’s defaults`, defaults.lost * 100, '%'),
      fact(`lost of ${PER_SECOND} requests a second, fwknop’s fastest mode`, fastest.lost * 100, '%'),
    ],
    summaries: {
      'time to open, ours': ours.open,
      'time to open, fwknop’s defaults': defaults.open,
      'time to open, fwknop’s fastest mode': fastest.open,
      'of which fwknop’s client ran (defaults)': defaults.fromSent,
      'of which fwknop’s client ran (fastest mode)': fastest.fromSent,
      'closed minus end, ours': ours.close,
      'closed minus end, fwknop’s defaults': defaults.close,
      'closed minus end, fwknop’s fastest mode': fastest.close,
    },
    notes: [
      'ours counts from the request on a kept-open connection, fwknop from the start of its client, which makes and encrypts a packet',
      `${KNOCKS} windows of ${WINDOW_SECONDS} s a side; fwknop’s end counts from the first packet that it let in; closings are seen to 1 ms`,
      'under load fwknop is sent packets that its client made before, so that only its daemon is measured; its grants a second are what it opened of them',
      'fwknop judges no policy, keeps no record and asks nobody; ours does all of it before it opens',
    ],
  }
}
