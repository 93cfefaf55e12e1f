import { array, assert, asyncProperty, constantFrom, nat, oneof, record } from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { slotsOf, type Opening } from '../../src/domain/access/hole.ts'
import { sourceContains, type Protocol, type Source } from '../../src/domain/net.ts'
import { aSource } from '../support/builders.ts'
import type { DriverWorker } from '../support/driver-worker.ts'
import type { NetProbe } from '../support/net-probe.ts'
import { ADDRESSES } from '../support/network-lab.ts'
import type { Remote } from '../support/remote.ts'
import { aHole, aShield, everything, openStage, type Stage } from './stage.ts'

const { friend: F, stranger: S } = ADDRESSES
const PORTS = [22, 3389]
const shields = [aShield(...PORTS)]

let stage: Stage
let driver: Remote<DriverWorker>
let probes: { readonly who: Remote<NetProbe>; readonly address: string; readonly to: string }[]

beforeAll(async () => {
  stage = openStage()
  const [host, friend, stranger, started] = await Promise.all([
    stage.probe('host'),
    stage.probe('friend'),
    stage.probe('stranger'),
    stage.driver(),
  ])
  driver = started
  probes = [
    { who: friend, address: F.peer, to: F.host },
    { who: friend, address: F.peer6, to: F.host6 },
    { who: stranger, address: S.peer, to: S.host },
    { who: stranger, address: S.peer6, to: S.host6 },
  ]
  await host.call('listenTcp', PORTS)
})
afterAll(() => stage.remove())

const SOURCES = [
  '*',
  '0.0.0.0/0',
  '::/0',
  '10.77.0.0/16',
  '10.77.1.0/24',
  F.peer,
  S.peer,
  'fd77::/16',
  'fd77:1::/64',
  F.peer6,
  S.peer6,
  '10.77.1.1/31',
]

/** Adds a grant, or ends one of those that live. */
const action = oneof(
  {
    weight: 3,
    arbitrary: record({
      from: constantFrom(...SOURCES),
      port: constantFrom(...PORTS),
      protocol: constantFrom<Protocol>('TCP', 'UDP', '*'),
    }),
  },
  { weight: 2, arbitrary: record({ end: nat() }) },
)

it('whatever grants overlap, begin and end, exactly those get in whom a live grant covers', async () => {
  await assert(
    asyncProperty(array(action, { minLength: 1, maxLength: 12 }), async (actions) => {
      await driver.call('pass', everything(shields))
      let live: Opening[] = []
      for (const [index, act] of actions.entries()) {
        const touched =
          'end' in act ? live[act.end % Math.max(live.length, 1)] : aHole(act.from, { ...act, grant: `g${index}` })
        if (touched === undefined) continue
        live = 'end' in act ? live.filter((opening) => opening !== touched) : [...live, touched]
        await driver.call('pass', { shields, openings: live, scope: new Set(slotsOf(touched)) })
      }
      expect((await driver.call('pass', everything(shields, ...live))).plans).toEqual([[]])
      expect(await observed()).toEqual(expected(live))
    }),
    { numRuns: 40 },
  )
}, 120_000)

async function observed(): Promise<boolean[]> {
  const tries = probes.flatMap(({ who, to }) => PORTS.map((port) => who.call('connect', to, port, 120)))
  return (await Promise.all(tries)).map((result) => result === 'open')
}

/** The model: one line of set theory. */
function expected(live: readonly Opening[]): boolean[] {
  return probes.flatMap(({ address }) =>
    PORTS.map((port) =>
      live.some(
        (one) => one.port === port && one.protocol !== 'UDP' && one.sources.some((source) => covers(source, address)),
      ),
    ),
  )
}

function covers(source: Source, address: string): boolean {
  return sourceContains(source, aSource(address))
}
