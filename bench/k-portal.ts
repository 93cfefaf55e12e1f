/**
 * (k) The portal's first page in Chromium on a processor four times slower: until its heading stands and nothing keeps the
 * page from answering any more, against an empty page of the same libraries, built and served by the same code.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import type { Browser, BrowserContext } from 'playwright-core'
import { buildPortal } from '../script/build-portal.ts'
import { mountPortal } from '../src/server/portal.ts'
import { furnish } from '../test/portal/furnish.ts'
import { startStage } from '../test/portal/stage.ts'
import type { Report } from './report.ts'
import { summaryOf } from './summary.ts'
import { fact, judged, ratio } from './verdict.ts'

const ROUNDS = 11
const WARM_UP = 1
const SLOWER = 4
const MOST = 1_500

export const title = 'the portal’s first page, on a processor four times slower'

export async function measure(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-bench-portal-${process.pid}-`))
  await buildPortal(join(folder, 'empty'), join(import.meta.dirname, 'empty-page'))
  const empty = await serve(join(folder, 'empty'))
  const stage = await startStage()
  try {
    await furnish(stage)
    const { context } = await stage.signIn('ada@example.org')
    const state = await context.storageState()
    await context.close()
    const times: Record<'ours' | 'floor', Looked[]> = { ours: [], floor: [] }
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      const looks = {
        ours: await look(stage.browser, `${stage.server.url}/`, state),
        floor: await look(stage.browser, `${empty.url}/`, state),
      }
      if (round < WARM_UP) continue
      times.ours.push(looks.ours)
      times.floor.push(looks.floor)
    }
    return reportOf(times)
  } finally {
    await stage.stop()
    await empty.close()
    await rm(folder, { recursive: true })
  }
}

function reportOf({ ours, floor }: Readonly<Record<'ours' | 'floor', readonly Looked[]>>): Report {
  const of = (looks: readonly Looked[], what: keyof Looked) => summaryOf(looks.map((each) => each[what]))
  const interactive = of(ours, 'interactive')
  return {
    summaries: {
      'the overview, until something is seen': of(ours, 'painted'),
      'the overview, until its heading stands': of(ours, 'heading'),
      'the overview, until nothing keeps it from answering': interactive,
      'the empty page, until its heading stands': of(floor, 'heading'),
      'the empty page, until nothing keeps it from answering': of(floor, 'interactive'),
    },
    findings: [
      judged('the overview is interactive after', interactive.p50, 'ms', { atMost: MOST }),
      ratio('the same, to an empty page of the same libraries', {
        ours: interactive.p50,
        floor: of(floor, 'interactive').p50,
      }),
      fact('the overview’s heading stands after', of(ours, 'heading').p50, 'ms'),
    ],
    notes: [
      `Chromium without a screen, a fresh profile each time (nothing cached), processor slowed ${SLOWER} times; medians, in turn.`,
      'Interactive: the heading stands, and the last task of more than 50 ms is over, with half a second of quiet after it.',
      'The overview comes from the real server over HTTPS with a furnished fleet; the empty page over HTTP, from the code that serves the portal.',
    ],
  }
}

type Cookies = Awaited<ReturnType<BrowserContext['storageState']>>

/** Milliseconds since the page was asked for. */
interface Looked {
  readonly painted: number
  readonly heading: number
  readonly interactive: number
}

const WATCH = `
  window.longTasksEnd = 0
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.longTasksEnd = startTime + duration
  }).observe({ type: 'longtask', buffered: true })
  new MutationObserver((_, observer) => {
    if (document.querySelector('h1') === null) return
    window.headingAt = performance.now()
    observer.disconnect()
  }).observe(document, { childList: true, subtree: true })
`
const QUIET = `new Promise((resolve) => {
  const ask = () => {
    const last = Math.max(window.longTasksEnd, window.headingAt ?? Infinity)
    const [paint] = performance.getEntriesByName('first-contentful-paint')
    if (paint === undefined || performance.now() - last < 500) return setTimeout(ask, 50)
    resolve({ painted: paint.startTime, heading: window.headingAt, interactive: Math.max(last, paint.startTime) })
  }
  ask()
})`

async function look(browser: Browser, url: string, storageState: Cookies): Promise<Looked> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en', storageState })
  try {
    const page = await context.newPage()
    const debug = await context.newCDPSession(page)
    await debug.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
    await page.addInitScript(WATCH)
    await page.goto(url)
    return await page.evaluate<Looked>(QUIET)
  } finally {
    await context.close()
  }
}

async function serve(folder: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const fastify = Fastify()
  mountPortal(fastify, { folder, document: await readFile(join(folder, 'index.html'), 'utf8') })
  const url = await fastify.listen({ host: '127.0.0.1', port: 0 })
  return { url, close: () => fastify.close() }
}
