import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Datagram, NetProbe } from '../support/net-probe.ts'
import { ADDRESSES } from '../support/network-lab.ts'
import type { Remote } from '../support/remote.ts'
import { aHole, aShield, everything, only, openStage, type Stage } from './stage.ts'

const { friend: F } = ADDRESSES

let stage: Stage
let host: Remote<NetProbe>
let friend: Remote<NetProbe>

beforeEach(async () => {
  stage = openStage()
  ;[host, friend] = await Promise.all([stage.probe('host'), stage.probe('friend')])
})
afterEach(() => stage.remove())

const HOLES = 24
const ENOUGH = 20
/** Linux counts in ticks: it may be two of them early, at 250 a second, and must never be late. */
const EARLIEST = 12
/** Between the ends of two holes, and around each: how long it is watched. */
const APART = 120
const WATCHED = 55

it('every hole closes by itself on time, never late, with every process of ours killed', async () => {
  const ports = Array.from({ length: HOLES }, (_, index) => 4000 + index)
  const shields = [aShield(...ports)]
  const driver = await stage.driver()
  await host.call('listenUdp', ports)
  await driver.call('pass', everything(shields))
  const first = Date.now() + 1500
  const ends = new Map(ports.map((port, index) => [port, first + index * APART]))
  const holes = ports.map((port) => aHole(F.peer, { port, protocol: 'UDP', until: ends.get(port) ?? 0 }))
  await driver.call('pass', only(shields, ...holes))
  await driver.kill()

  const windows = [...ends].map(([port, end]) => ({ port, from: end - WATCHED, to: end + WATCHED }))
  const sent = await friend.call('send', F.host, windows)
  const received = new Map((await host.call('received')).map((datagram) => [datagram.sequence, datagram]))

  const errors = [...ends].flatMap(([port, end]) =>
    closingError(
      sent.filter((one) => one.port === port),
      received,
      end,
    ),
  )
  expect(errors.length).toBeGreaterThanOrEqual(ENOUGH)
  expect(Math.max(...errors.map(({ late }) => late))).toBeLessThanOrEqual(0)
  expect(Math.min(...errors.map(({ early }) => early))).toBeGreaterThanOrEqual(-EARLIEST)
})

/**
 * `late`: the last that came through, minus the end. `early`: the first that did not, minus the end. Nothing for a hole
 * during whose end the prober did not get its turn.
 */
function closingError(
  sent: readonly Datagram[],
  received: ReadonlyMap<number, Datagram>,
  end: number,
): { late: number; early: number }[] {
  const through = sent.filter(({ sequence }) => received.has(sequence))
  const lost = sent.filter(({ sequence }) => !received.has(sequence))
  if (!sent.some(({ at }) => at < end - EARLIEST) || !sent.some(({ at }) => at > end)) return []
  expect(through.length).toBeGreaterThan(0)
  expect(lost.length).toBeGreaterThan(0)
  return [{ late: Math.max(...through.map(({ at }) => at)) - end, early: Math.min(...lost.map(({ by }) => by)) - end }]
}

it('moving the end of a hole, again and again, loses not one packet of those it lets in', async () => {
  const shields = [aShield(4000)]
  const driver = await stage.driver()
  await host.call('listenUdp', [4000])
  await driver.call('pass', everything(shields, aHole(F.peer, { port: 4000 })))
  const sending = sendFor(1500, 4000)
  let renewals = 0
  for (const end = Date.now() + 1500; Date.now() < end; renewals += 1) {
    await driver.call(
      'pass',
      only(shields, aHole(F.peer, { port: 4000, until: Date.now() + 60_000 + renewals * 1000 })),
    )
  }
  const sent = await sending
  expect(renewals).toBeGreaterThan(20)
  expect(sent.length).toBeGreaterThan(500)
  await expect.poll(() => host.call('received'), { timeout: 5000 }).toHaveLength(sent.length)
})

it('writing the table again, with a thousand holes, lets nothing through a closed port and loses nothing at an open one', async () => {
  const driver = await stage.driver('library', 'off')
  await host.call('listenUdp', [4000, 4001])
  const others = Array.from({ length: 1000 }, (_, index) => aHole(`10.9.${index >> 8}.${index & 255}`, { port: 4001 }))
  const openings = [aHole(F.peer, { port: 4001 }), ...others]
  await driver.call('pass', everything([aShield(4000, 4001)], ...openings))
  const sending = Promise.all([sendFor(2500, 4000), sendFor(2500, 4001)])
  let rewrites = 0
  for (const end = Date.now() + 2500; Date.now() < end; rewrites += 1) {
    // A port more, a port less: chains, rules and managed ports are all written anew.
    const shields = [rewrites % 2 === 0 ? aShield(4000, 4001, 4002) : aShield(4000, 4001)]
    await driver.call('pass', everything(shields, ...openings))
  }
  const [closed, open] = await sending
  expect(rewrites).toBeGreaterThan(5)
  expect(closed.length).toBeGreaterThan(500)
  const receivedOn = async (wanted: number): Promise<Datagram[]> =>
    (await host.call('received')).filter(({ port }) => port === wanted)
  await expect.poll(() => receivedOn(4001), { timeout: 5000 }).toHaveLength(open.length)
  expect(await receivedOn(4000)).toEqual([])
})

it('a hole whose kernel timer ran slow, as on a paused machine, gets its end back, and an expired one goes first', async () => {
  const shields = [aShield(4000)]
  const driver = await stage.driver()
  const holes = [
    aHole(F.peer, { port: 4000, until: Date.now() + 30_000 }),
    aHole('10.0.0.1', { port: 4000, until: Date.now() + 3_600_000 }),
  ]
  await driver.call('pass', everything(shields, ...holes))
  await driver.call('moveClock', 60_000)
  const { plans } = await driver.call('pass', everything(shields, ...holes))
  expect(plans[0]?.map(({ kind }) => kind)).toEqual(['close', 'close', 'close', 'extend'])
  expect(stage.nft('list', 'set', 'inet', 'sallyport', 'g4_32')).not.toContain(F.peer)
  expect(stage.nft('list', 'set', 'inet', 'sallyport', 'g4_32')).toMatch(/10\.0\.0\.1 \. tcp \. 4000 timeout 5[89]m/)
})

it('a clock that jumps is noticed within seconds', async () => {
  const driver = await stage.driver()
  await driver.call('pass', everything([aShield(4000)]))
  await driver.call('moveClock', 5000)
  await expect
    .poll(() => driver.call('changes'), { timeout: 5000 })
    .toMatchObject([{ by: expect.stringMatching(/^the clock, which moved by 5\d{3} ms$/) }])
})

it('a moment after its end a hole is proven to be gone by the kernel, not by the calendar', async () => {
  const shields = [aShield(4000)]
  const driver = await stage.driver('library', 'off')
  const hole = aHole(F.peer, { port: 4000, protocol: 'TCP', until: Date.now() + 300 })
  await driver.call('pass', everything(shields, hole))
  await setTimeout(hole.until - Date.now() + 20)
  const gone = await driver.call('pass', only(shields, hole))
  expect([...gone.lingering]).toEqual([])
  expect(gone.plans).toEqual([[]])
})

async function sendFor(millis: number, port: number): Promise<readonly Datagram[]> {
  const now = Date.now()
  return friend.call('send', F.host, [{ port, from: now, to: now + millis }])
}
