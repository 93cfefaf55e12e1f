import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { slotsOf, type Opening } from '../../src/domain/access/hole.ts'
import { MINUTE } from '../../src/domain/time.ts'
import type { DriverWorker, PassInput } from '../support/driver-worker.ts'
import { LINKS, PUBLIC } from '../support/gateway-lab.ts'
import { aMachineId } from '../support/builders.ts'
import type { NetProbe } from '../support/net-probe.ts'
import type { Remote } from '../support/remote.ts'
import { aWayIn, DB1, DB2, gatewayOf, openGatewayStage, reachOf, SHIELDS, type GatewayStage } from './gateway-stage.ts'

const all = (...openings: readonly Opening[]): PassInput => ({ shields: SHIELDS, openings, scope: 'all' })
const only = (...openings: readonly Opening[]): PassInput => ({
  shields: SHIELDS,
  openings,
  scope: new Set(openings.flatMap(slotsOf)),
})

const PATIENCE = { timeout: 15_000 }

let stage: GatewayStage
let client: Remote<NetProbe>
let stranger: Remote<NetProbe>
let db1: Remote<NetProbe>
let db2: Remote<NetProbe>

beforeEach(async () => {
  stage = openGatewayStage()
  ;[client, stranger, db1, db2] = await Promise.all([
    stage.probe('client'),
    stage.probe('stranger'),
    stage.probe('db1'),
    stage.probe('db2'),
  ])
  await Promise.all([db1.call('listenTcp', [22, 80]), db2.call('listenTcp', [22])])
})
afterEach(() => stage.remove())

describe.each(['library', 'process'] as const)('machines behind a gateway, through the %s backend', (backend) => {
  let driver: Remote<DriverWorker>

  beforeEach(async () => {
    driver = await stage.driver(gatewayOf(), { backend })
  })

  it('are reached by who has access, at the mapped port and at their own addresses, and by nobody else', async () => {
    expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('open')
    await driver.call('pass', all())
    expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('closed')
    expect(await client.call('connect', LINKS.db1.peer6, 22)).toBe('closed')
    expect(await client.call('connect', LINKS.db1.peer, 80)).toBe('open')
    const result = await driver.call('pass', only(aWayIn(), aWayIn({ from: LINKS.client.peer6, grant: 'six' })))
    expect(result.held.size).toBe(2)
    const { publicIpAddress, mappedPort } = await reachOf(driver)
    const six = await reachOf(driver, DB1, { family: 6 })
    expect([publicIpAddress, six.publicIpAddress]).toEqual([PUBLIC.v4, PUBLIC.v6])
    expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('open')
    expect(await client.call('connect', PUBLIC.v6, six.mappedPort)).toBe('open')
    expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('open')
    expect(await client.call('connect', LINKS.db1.peer6, 22)).toBe('open')
    expect(await client.call('connect', LINKS.db2.peer, 22)).toBe('closed')
    expect(await stranger.call('connect', LINKS.db1.peer, 22)).toBe('closed')
    // To anybody else the mapped port is one where nothing listens.
    expect(await stranger.call('connect', PUBLIC.v4, mappedPort)).toBe('refused')
    expect(await stranger.call('connect', PUBLIC.v6, six.mappedPort)).toBe('refused')
  })
})

describe('machines behind a gateway', () => {
  let driver: Remote<DriverWorker>

  beforeEach(async () => {
    driver = await stage.driver()
  })

  it('see the client’s own address, also where everything that leaves is masqueraded', async () => {
    stage.nftFile('table ip nat { chain post { type nat hook postrouting priority srcnat; masquerade\n }\n }\n')
    await driver.call('pass', all())
    const { plans } = await driver.call('pass', only(aWayIn()))
    expect(plans[0]?.map(({ text }) => text).join()).toMatch(
      /open 22\/TCP on db1 from 10\.77\.1\.2 through 198\.51\.100\.1:4000\d until .*; db1 sees the client's own address/,
    )
    const { mappedPort } = await reachOf(driver)
    expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('open')
    expect(await db1.call('callers')).toEqual([{ address: LINKS.client.peer, port: 22 }])
  })

  it('are closed to new connections at the end, and keep those that live', async () => {
    await driver.call('pass', all())
    await driver.call('pass', only(aWayIn({ until: Date.now() + 2500 })))
    const { mappedPort } = await reachOf(driver)
    await client.call('dial', PUBLIC.v4, mappedPort)
    expect(await client.call('speak')).toBe(true)
    await driver.kill() // the kernel needs nobody to close
    await expect.poll(() => client.call('connect', PUBLIC.v4, mappedPort), PATIENCE).toBe('refused')
    expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('closed')
    expect(await client.call('speak')).toBe(true)
  })
})

describe('the mapped port', () => {
  it('is another one for each machine, stays through an extension and a restart, and is given back at the end', async () => {
    const first = await stage.driver()
    await first.call('pass', all())
    const ways = [aWayIn(), aWayIn({ machine: DB2, grant: 'two' })]
    await first.call('pass', only(...ways))
    const told = [await reachOf(first, DB1), await reachOf(first, DB2)]
    expect(told[0]?.mappedPort).not.toBe(told[1]?.mappedPort)
    const longer = ways.map((way) => ({ ...way, until: way.until + MINUTE }))
    const extended = await first.call('pass', only(...longer))
    expect(extended.plans[0]?.map(({ kind }) => kind)).toEqual(['extend', 'extend'])
    const journal = await first.call('journal')
    await first.kill()
    const second = await stage.driver()
    await second.call('setJournal', journal)
    expect((await second.call('pass', all(...longer))).plans).toEqual([[]])
    expect([await reachOf(second, DB1), await reachOf(second, DB2)]).toEqual(told)
    expect(await client.call('connect', PUBLIC.v4, told[1]?.mappedPort ?? 0)).toBe('open')
    await second.call('pass', all())
    expect((await second.call('journal')).filter(({ key }) => key.startsWith('reach|'))).toEqual([])
    expect(await client.call('connect', PUBLIC.v4, told[1]?.mappedPort ?? 0)).toBe('refused')
  })

  it('is the one on record after a reboot, whatever range new ones come from', async () => {
    const first = await stage.driver(gatewayOf(), { ownTable: 'off' })
    await first.call('pass', all(aWayIn()))
    const told = await reachOf(first)
    const journal = await first.call('journal')
    await first.kill()
    stage.nft('flush', 'ruleset')
    const second = await stage.driver(gatewayOf({ mappedPorts: { from: 45_000, to: 45_000 } }), { ownTable: 'off' })
    await second.call('setJournal', journal)
    await second.call('pass', all(aWayIn()))
    expect(await reachOf(second)).toEqual(told)
    expect(await client.call('connect', PUBLIC.v4, told.mappedPort)).toBe('open')
  })

  it('is known again from the kernel itself when the record of it is lost', async () => {
    const first = await stage.driver()
    await first.call('pass', all(aWayIn()))
    const told = await reachOf(first)
    await first.kill()
    const second = await stage.driver(gatewayOf({ mappedPorts: { from: 45_000, to: 45_000 } }))
    await second.call('pass', all(aWayIn()))
    expect(await reachOf(second)).toEqual(told)
  })

  it('is never one that the gateway listens on, or that others send on to somebody, and no other is made up', async () => {
    const gateway = await stage.probe('gateway')
    await gateway.call('listenTcp', [40_000])
    stage.nftFile(
      `table ip nat { chain pre { type nat hook prerouting priority dstnat
         tcp dport 40001 dnat to ${LINKS.db2.peer}:80
         dnat to tcp dport map { 40002 : ${LINKS.db2.peer} }
       } }`.replace(' } }', '\n }\n }\n'),
    )
    const driver = await stage.driver(gatewayOf({ mappedPorts: { from: 40_000, to: 40_003 } }))
    await driver.call('pass', all())
    const result = await driver.call('pass', only(aWayIn(), aWayIn({ machine: DB2, grant: 'two' })))
    const { mappedPort } = await reachOf(driver, result.held.size > 0 && hasReach(result.held, DB1) ? DB1 : DB2)
    expect(mappedPort).toBe(40_003)
    expect([...result.impossible.values()].map(({ code }) => code)).toEqual(['NoMappedPort'])
    expect(await client.call('connect', PUBLIC.v4, 40_000)).toBe('open')
  })
})

function hasReach(held: ReadonlySet<string>, machine: string): boolean {
  return [...held].some((key) => key.startsWith(machine.toLowerCase()))
}

describe('a gateway', () => {
  it('shows machines its own address when it is told to', async () => {
    const driver = await stage.driver(gatewayOf({ snat: true }))
    await driver.call('pass', all())
    const { plans } = await driver.call('pass', only(aWayIn()))
    expect(plans[0]?.map(({ text }) => text).join()).toMatch(/; db1 sees this gateway as the client/)
    const { mappedPort } = await reachOf(driver)
    expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('open')
    expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('open')
    expect((await db1.call('callers')).map(({ address }) => address)).toEqual([LINKS.db1.host, LINKS.db1.host])
  })

  it('guards what others publish, opens that by the same grant, and leaves every rule of theirs', async () => {
    stage.nftFile(
      `table ip nat { chain pre { type nat hook prerouting priority dstnat\n tcp dport 2222 dnat to ${LINKS.db1.peer}:22\n }\n }\n`,
    )
    const before = stage.nft('-s', 'list', 'ruleset')
    expect(await stranger.call('connect', PUBLIC.v4, 2222)).toBe('open')
    const driver = await stage.driver()
    const { plans } = await driver.call('pass', all())
    expect(plans[0]?.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(
        /close 22\/TCP on db1 \(10\.78\.1\.2\) behind this gateway \(policy databases\); table ip nat, .* that ends now/,
      ),
    )
    expect(await stranger.call('connect', PUBLIC.v4, 2222)).toBe('closed')
    await driver.call('pass', only(aWayIn()))
    expect(await client.call('connect', PUBLIC.v4, 2222)).toBe('open')
    expect(await stranger.call('connect', PUBLIC.v4, 2222)).toBe('closed')
    await driver.call('pass', { shields: [], openings: [], scope: 'all' })
    expect(stage.nft('-s', 'list', 'ruleset')).toBe(before)
  })

  it('keeps what others let through from somewhere alone, ends what they let through for everybody, and says which', async () => {
    stage.nftFile(
      `table inet mine { chain passing { type filter hook forward priority filter; policy drop
         ct state established,related accept
         ip saddr ${LINKS.stranger.peer} ip daddr 10.78.0.0/16 tcp dport 22 accept
         ip daddr ${LINKS.db1.peer} tcp dport { 22, 80 } accept
         iifname "to0" tcp dport 22 accept
       }\n }\n`,
    )
    const driver = await stage.driver()
    const { plans } = await driver.call('pass', all())
    const texts = (plans[0] ?? []).map(({ kind, text }) => `${kind}: ${text}`)
    expect(texts).toContainEqual(
      expect.stringMatching(
        /^import: keep 10\.78\.2\.2:22\/TCP from 10\.77\.2\.2 open: table inet mine, chain passing/,
      ),
    )
    expect(texts).toContainEqual(
      expect.stringMatching(
        /^protect: close 22\/TCP on db1 \(10\.78\.1\.2\).* lets everybody through to it, and that ends now/,
      ),
    )
    expect(texts).toContainEqual(expect.stringMatching(/handle \d+ may let something through .* confirm by hand/))
    expect(await stranger.call('connect', LINKS.db1.peer, 22)).toBe('open')
    expect(await stranger.call('connect', LINKS.db2.peer, 22)).toBe('open')
    expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('closed')
    expect((await driver.call('pass', all())).plans).toEqual([[]])
    expect(await driver.call('doctor')).toContainEqual(
      expect.objectContaining({
        name: 'other firewall',
        remedy: expect.stringMatching(/^nft insert rule inet mine passing/),
      }),
    )
  })

  it('that is one no more has nothing of it left, and goes on guarding itself', async () => {
    const first = await stage.driver()
    await first.call('pass', all(aWayIn()))
    await first.kill()
    const second = await stage.driver('no gateway')
    const own = [{ machine: aMachineId(), policy: 'own', ports: [{ number: 22, protocol: 'TCP' as const }] }]
    await second.call('pass', { shields: own, openings: [], scope: 'all' })
    const left = stage.nft('list', 'table', 'inet', 'sallyport')
    expect(left).toContain('chain guard')
    expect(left).not.toMatch(/forward|publish|behind|map |f4_32/)
    expect(await client.call('connect', LINKS.db1.peer, 22)).toBe('open')
  })

  it('that does not forward says so, and promises nothing', async () => {
    stage.lab.run('gateway', ['sysctl', '-qw', 'net.ipv4.ip_forward=0'])
    const driver = await stage.driver()
    await driver.call('pass', all())
    const result = await driver.call('pass', only(aWayIn()))
    expect([...result.impossible.values()]).toMatchObject([
      { code: 'ForwardingOff', message: expect.stringContaining('net.ipv4.ip_forward is 0 on this gateway') },
    ])
    expect(await driver.call('doctor')).toContainEqual(
      expect.objectContaining({ name: 'forwarding', status: 'failed', remedy: 'sysctl -w net.ipv4.ip_forward=1' }),
    )
    stage.lab.run('gateway', ['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
    expect((await driver.call('pass', only(aWayIn()))).held.size).toBe(1)
  })

  it('lets nobody through at any moment of its life: an attacker tries everything, all the time', async () => {
    const driver = await stage.driver()
    await driver.call('pass', all())
    const mapped = Array.from({ length: 8 }, (_, index) => 40_000 + index)
    await stranger.call('attack', [
      ...mapped.flatMap((port) => [PUBLIC.v4, PUBLIC.v6].map((address) => ({ address, port }))),
      ...[LINKS.db1, LINKS.db2].flatMap(({ peer, peer6 }) => [peer, peer6].map((address) => ({ address, port: 22 }))),
    ])
    const ways = [aWayIn(), aWayIn({ machine: DB2, grant: 'two' })]
    await driver.call('pass', only(...ways))
    await driver.call('heal', all(...ways))
    stage.nft('flush', 'ruleset')
    const longer = ways.map((way) => ({ ...way, until: way.until + MINUTE }))
    await driver.call('pass', only(...longer))
    const journal = await driver.call('journal')
    await driver.kill()
    const again = await stage.driver()
    await again.call('setJournal', journal)
    await again.call('pass', all(...longer))
    await again.call('setGateway', gatewayOf({ snat: true }))
    await again.call('pass', all(...longer))
    const { mappedPort } = await reachOf(again)
    expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('open')
    await expect.poll(() => stranger.call('attacked').then(({ probes }) => probes), PATIENCE).toBeGreaterThan(1000)
    await again.call('pass', all())
    const { probes, through } = await stranger.call('attacked')
    console.log(`${probes} probes of a stranger against a gateway, ${through.length} got through`)
    expect(through).toEqual([])
  })

  it.each([
    [
      'takes a mapped port away',
      (port: number) => `delete element inet sallyport d4_32 { 10.77.1.2 . ${PUBLIC.v4} . 6 . ${port} }`,
    ],
    [
      'sends a mapped port on to another machine',
      (port: number) =>
        `delete element inet sallyport d4_32 { 10.77.1.2 . ${PUBLIC.v4} . 6 . ${port} }
         add element inet sallyport d4_32 { 10.77.1.2 . ${PUBLIC.v4} . 6 . ${port} timeout 1h : ${LINKS.db2.peer} . 22 }`,
    ],
    ['lets everything be forwarded', () => 'insert rule inet sallyport forward accept'],
    ['forgets a machine', () => 'flush set inet sallyport behind4'],
  ])('puts it right when somebody %s', async (_what, change) => {
    const driver = await stage.driver(gatewayOf(), { ownTable: 'off' }) // anybody can change it
    const wanted = all(aWayIn())
    await driver.call('pass', wanted)
    const { mappedPort } = await reachOf(driver)
    await driver.call('heal', wanted)
    stage.nftFile(`${change(mappedPort)}\n`)
    await expect.poll(() => driver.call('changes'), PATIENCE).not.toEqual([])
    await expect.poll(() => driver.call('preview', wanted), PATIENCE).toEqual([])
    expect(await client.call('connect', PUBLIC.v4, mappedPort)).toBe('open')
    expect(await stranger.call('connect', LINKS.db1.peer, 22)).toBe('closed')
    expect((await db2.call('callers')).filter(({ port }) => port === 22)).toEqual([])
  })
})
