import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Shield } from '../../src/domain/access/desired.ts'
import { slotsOf, type Opening } from '../../src/domain/access/hole.ts'
import { SECOND } from '../../src/domain/time.ts'
import type { DriverWorker, PassResult } from '../support/driver-worker.ts'
import type { NetProbe } from '../support/net-probe.ts'
import { ADDRESSES, type Place } from '../support/network-lab.ts'
import type { Remote } from '../support/remote.ts'
import { aHole, aShield, everything, only, openStage, type Stage } from './stage.ts'

const { friend: F, stranger: S } = ADDRESSES
const PATIENCE = { timeout: 5000 }

let stage: Stage
let host: Remote<NetProbe>
let friend: Remote<NetProbe>
let stranger: Remote<NetProbe>
let driver: Remote<DriverWorker>

beforeEach(async () => {
  stage = openStage()
  ;[host, friend, stranger, driver] = await Promise.all([
    stage.probe('host'),
    stage.probe('friend'),
    stage.probe('stranger'),
    stage.driver('library'),
  ])
  await host.call('listenTcp', [22, 3389])
})
afterEach(() => stage.remove())

function cutting(...ports: readonly number[]): Shield[] {
  return [{ ...aShield(), ports: ports.map((number) => ({ number, protocol: '*', onExpiry: 'cut' })) }]
}

/** The pass after a hole was taken back. */
function passWithout(shields: readonly Shield[], gone: Opening, ...left: readonly Opening[]): Promise<PassResult> {
  return driver.call('pass', { shields, openings: left, scope: new Set(slotsOf(gone)) })
}

describe('who is connected by a hole', () => {
  const shields = [aShield(22, 3389)]

  it('is told while the hole is open and after it, by either family, and no more once they hang up', async () => {
    const holes = [aHole(F.peer), aHole(F.peer6)]
    await driver.call('pass', everything(shields, ...holes))
    expect(await driver.call('flows')).toEqual([])
    await friend.call('dial', F.host, 22)
    expect(await driver.call('flows')).toMatchObject([{ protocol: 'TCP', from: F.peer, to: F.host, port: 22 }])
    await friend.call('dial', F.host6, 22)
    await driver.call('pass', everything(shields))
    expect((await driver.call('flows')).map(({ from }) => from).sort()).toEqual([F.peer, F.peer6])
    await friend.call('hangUp')
    await expect.poll(() => driver.call('flows'), PATIENCE).toMatchObject([{ from: F.peer }])
  })

  it('does not name who was there before the port was protected, nor who another firewall lets in', async () => {
    await friend.call('dial', F.host, 22)
    stage.nftFile(
      `table inet mine {
         chain in { type filter hook input priority 0; policy accept;
           ip saddr ${S.peer} tcp dport 22 accept
         }
       }`,
    )
    await driver.call('pass', everything(shields))
    await stranger.call('dial', S.host, 22)
    expect(await stranger.call('speak')).toBe(true)
    expect(await driver.call('flows')).toEqual([])
  })
})

const CHATTY = 5900

/** As containers are: no socket of the host has anything to do with it. */
function publish(port: number): void {
  stage.nftFile(
    `table ip nat {
       chain pre { type nat hook prerouting priority dstnat; policy accept;
         iifname != "to2" tcp dport ${port} dnat to ${ADDRESSES.guest.peer}
       }
     }`,
  )
}

function connectionsFrom(place: Place): string {
  return stage.lab.run(place, ['ss', '-Htn', 'state', 'established', 'dst', F.peer])
}

describe('a port whose policy says cut', () => {
  const shields = cutting(22, 3389)

  it('ends what a hole let in when the hole is taken back, at both ends, and nothing else', async () => {
    // The operator's own was there before; the stranger has a grant of their own, on the same port.
    const operator = await stage.probe('guest')
    await operator.call('dial', ADDRESSES.guest.host, 22)
    const [mine, theirs] = [aHole(F.peer), aHole(S.peer)]
    await driver.call('pass', everything(shields, mine, theirs))
    await friend.call('dial', F.host, 22)
    await stranger.call('dial', S.host, 22)
    const { plans } = await passWithout(shields, mine)
    expect(plans.flat().map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^cut 10\.77\.1\.2:\d+ to 22\/TCP: the hole it came by is closed$/),
    )
    expect(await friend.call('speak')).toBe(false)
    expect(await stranger.call('speak')).toBe(true)
    expect(await operator.call('speak')).toBe(true)
    // The host's side is gone as well: what it would still say cannot bring the connection back.
    expect(connectionsFrom('host')).toBe('')
    expect((await driver.call('flows')).map(({ from }) => from)).toEqual([S.peer])
  })

  it('ends it when the hole has ended by itself, also if no process was there at the end', async () => {
    const hole = aHole(F.peer, { until: Date.now() + 1.5 * SECOND })
    await driver.call('pass', everything(shields, hole))
    await friend.call('dial', F.host, 22)
    await driver.kill()
    await expect.poll(() => friend.call('connect', F.host, 22), PATIENCE).toBe('closed')
    expect(await friend.call('speak')).toBe(true)
    driver = await stage.driver('library')
    await driver.call('pass', everything(shields))
    expect(await friend.call('speak')).toBe(false)
  })

  it('leaves a connection alone that another hole still lets in, until that ends too', async () => {
    const [narrow, wide] = [aHole(F.peer), aHole('10.77.1.0/24', { grant: 'wide' })]
    await driver.call('pass', everything(shields, narrow, wide))
    await friend.call('dial', F.host, 22)
    await passWithout(shields, narrow)
    expect(await friend.call('speak')).toBe(true)
    await passWithout(shields, wide)
    expect(await friend.call('speak')).toBe(false)
  })

  it.each(['the host', 'a machine behind it'])('is not outlived by what %s goes on saying', async (who) => {
    const speaker = who === 'the host' ? host : await stage.probe('guest')
    await speaker.call('listenChatty', CHATTY)
    if (who !== 'the host') publish(CHATTY)
    const hole = aHole(F.peer, { port: CHATTY })
    await driver.call('pass', everything(cutting(CHATTY), hole))
    await friend.call('dial', F.host, CHATTY)
    expect(await friend.call('hear')).toBe(true)
    await passWithout(cutting(CHATTY), hole)
    await expect.poll(() => connectionsFrom(who === 'the host' ? 'host' : 'guest'), PATIENCE).toBe('')
    expect(await friend.call('hear')).toBe(false)
  })

  it('ends an exchange of datagrams too, and begins it again by a new hole from the very same port', async () => {
    await host.call('echoUdp', 5353)
    const hole = aHole(F.peer, { port: 5353 })
    await driver.call('pass', everything(cutting(5353), hole))
    expect(await friend.call('askUdp', F.host, 5353)).toBe(true)
    expect(await driver.call('flows')).toMatchObject([{ protocol: 'UDP', from: F.peer, port: 5353 }])
    await passWithout(cutting(5353), hole)
    expect(await friend.call('askUdp', F.host, 5353)).toBe(false)
    expect(await driver.call('flows')).toEqual([])
    await driver.call('pass', only(cutting(5353), hole))
    expect(await friend.call('askUdp', F.host, 5353)).toBe(true)
  })

  it('lets somebody in again by a new hole', async () => {
    const hole = aHole(F.peer)
    await driver.call('pass', everything(shields, hole))
    await friend.call('dial', F.host, 22)
    await passWithout(shields, hole)
    expect(await friend.call('connect', F.host, 22)).toBe('closed')
    await driver.call('pass', only(shields, hole))
    await friend.call('dial', F.host, 22)
    expect(await friend.call('speak')).toBe(true)
  })

  it('is told as a failure where the kernel’s connections cannot be reached', async () => {
    const other = await stage.driver('process', 'off')
    await driver.kill()
    await other.call('pass', everything(cutting(22)))
    const failed = (await other.call('doctor')).filter(({ name }) => name === 'connections')
    expect(failed).toMatchObject([{ status: 'failed', text: expect.stringContaining('port 22') as unknown }])
    await expect(other.call('flows')).rejects.toThrow(/cannot tell who is connected/)
  })

  it('lets it live where the policy says nothing, and ends it once the policy says cut', async () => {
    const hole = aHole(F.peer)
    const keeping = [aShield(22)]
    await driver.call('pass', everything(keeping, hole))
    await friend.call('dial', F.host, 22)
    await passWithout(keeping, hole)
    expect(await friend.call('speak')).toBe(true)
    await driver.call('pass', everything(cutting(22)))
    expect(await friend.call('speak')).toBe(false)
  })
})
