import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { slotsOf } from '../../src/domain/access/hole.ts'
import type { DriverWorker } from '../support/driver-worker.ts'
import type { NetProbe } from '../support/net-probe.ts'
import { ADDRESSES } from '../support/network-lab.ts'
import type { Remote } from '../support/remote.ts'
import { aHole, aShield, everything, only, openStage, type Stage } from './stage.ts'

const { friend: F, stranger: S } = ADDRESSES

describe.each(['library', 'process'] as const)('a host protected through the %s backend', (backend) => {
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
      stage.driver(backend),
    ])
    await host.call('listenTcp', [22, 80, 3389])
  })
  afterEach(() => stage.remove())

  const shields = [aShield(22, 3389)]

  it('is closed on its protected ports and on no other', async () => {
    expect(await friend.call('connect', F.host, 22)).toBe('open')
    await driver.call('pass', everything(shields))
    expect(await friend.call('connect', F.host, 22)).toBe('closed')
    expect(await friend.call('connect', F.host6, 22)).toBe('closed')
    expect(await friend.call('connect', F.host, 80)).toBe('open')
    expect(await friend.call('connect', F.host, 81)).toBe('refused')
    expect(await host.call('connect', '127.0.0.1', 22)).toBe('open')
  })

  it('opens one port for one source and one family, and for nobody else', async () => {
    await driver.call('pass', everything(shields))
    const hole = aHole(F.peer)
    const result = await driver.call('pass', only(shields, hole))
    expect(result.held.size).toBe(1)
    expect(await friend.call('connect', F.host, 22)).toBe('open')
    expect(await friend.call('connect', F.host, 3389)).toBe('closed')
    expect(await friend.call('connect', F.host6, 22)).toBe('closed')
    expect(await stranger.call('connect', S.host, 22)).toBe('closed')
  })

  it('opens a prefix of any length, of either family', async () => {
    await driver.call('pass', everything(shields))
    const holes = [aHole('10.77.1.0/25'), aHole('fd77:1::/57', { port: 3389 })]
    await driver.call('pass', only(shields, ...holes))
    expect(await friend.call('connect', F.host, 22)).toBe('open')
    expect(await friend.call('connect', F.host6, 3389)).toBe('open')
    expect(await friend.call('connect', F.host6, 22)).toBe('closed')
    expect(await stranger.call('connect', S.host6, 3389)).toBe('closed')
  })

  it('opens a port for everybody when that was granted', async () => {
    await driver.call('pass', everything(shields))
    await driver.call('pass', only(shields, aHole('*', { protocol: 'TCP' })))
    expect(await stranger.call('connect', S.host, 22)).toBe('open')
    expect(await stranger.call('connect', S.host6, 22)).toBe('open')
  })

  it('tells UDP from TCP', async () => {
    await host.call('listenUdp', [22])
    await driver.call('pass', everything(shields))
    await driver.call('pass', only(shields, aHole(F.peer, { protocol: 'UDP' })))
    const now = Date.now()
    await friend.call('send', F.host, [{ port: 22, from: now, to: now + 20 }])
    await stranger.call('send', S.host, [{ port: 22, from: now, to: Date.now() + 20 }])
    const sent = await friend.call('send', F.host, [{ port: 22, from: Date.now(), to: Date.now() + 20 }])
    expect(sent.length).toBeGreaterThan(0)
    const before = (await host.call('received')).length
    expect(before).toBeGreaterThan(0)
    await stranger.call('send', S.host, [{ port: 22, from: Date.now(), to: Date.now() + 20 }])
    expect(await host.call('received')).toHaveLength(before)
    expect(await friend.call('connect', F.host, 22)).toBe('closed')
  })

  it('guards a port that is published from behind the host, and opens it by the same grant', async () => {
    const guest = await stage.probe('guest')
    await guest.call('listenTcp', [3389])
    stage.nftFile(
      `table ip nat {
         chain pre { type nat hook prerouting priority dstnat; policy accept;
           iifname != "to2" tcp dport 3389 dnat to ${ADDRESSES.guest.peer}
         }
       }`,
    )
    expect(await friend.call('connect', F.host, 3389)).toBe('open')
    await driver.call('pass', everything(shields))
    expect(await friend.call('connect', F.host, 3389)).toBe('closed')
    await driver.call('pass', only(shields, aHole(F.peer, { port: 3389 })))
    expect(await friend.call('connect', F.host, 3389)).toBe('open')
    expect(await stranger.call('connect', S.host, 3389)).toBe('closed')
  })

  it('keeps a hole open to the latest end when grants overlap, and closes what nobody holds any more', async () => {
    await driver.call('pass', everything(shields))
    const [tcp, any] = [aHole(F.peer, { protocol: 'TCP', grant: 'a' }), aHole(F.peer, { protocol: '*', grant: 'b' })]
    await driver.call('pass', only(shields, tcp, any))
    const scope = new Set(slotsOf(tcp))
    const left = await driver.call('pass', { shields, openings: [tcp], scope })
    expect(left.held.size).toBe(1)
    expect(await friend.call('connect', F.host, 22)).toBe('open')
    expect(stage.nft('list', 'set', 'inet', 'sallyport', 'g4_32')).not.toContain('udp')
    const closed = await driver.call('pass', { shields, openings: [], scope })
    expect([...closed.lingering]).toEqual([])
    expect(await friend.call('connect', F.host, 22)).toBe('closed')
  })

  it('plans nothing on a second look, and knows its holes again after a restart', async () => {
    const holes = [aHole(F.peer), aHole('10.0.0.0/9', { port: 3389 })]
    await driver.call('pass', everything(shields, ...holes))
    expect((await driver.call('pass', everything(shields, ...holes))).plans).toEqual([[]])
    await driver.kill()
    const next = await stage.driver(backend)
    const seen = await next.call('pass', everything(shields, ...holes))
    expect(seen.plans).toEqual([[]])
    expect(seen.held.size).toBe(2)
  })

  it('lets nobody begin anew from the port of a connection that was there before', async () => {
    await friend.call('dial', F.host, 22)
    await driver.call('pass', everything(shields))
    expect(await friend.call('speak')).toBe(true)
    expect(await friend.call('dialAnew')).toBe('closed')
  })

  it('lets connections go on that are older than the protection, and shuts out new ones', async () => {
    await friend.call('dial', F.host, 22)
    await driver.call('pass', everything(shields))
    expect(await friend.call('speak')).toBe(true)
    expect(await friend.call('connect', F.host, 22)).toBe('closed')
  })

  it('lets a connection go on that was opened under a grant, after the grant has ended', async () => {
    await driver.call('pass', everything(shields))
    const hole = aHole(F.peer)
    await driver.call('pass', only(shields, hole))
    await friend.call('dial', F.host, 22)
    await driver.call('pass', { shields, openings: [], scope: new Set(slotsOf(hole)) })
    expect(await friend.call('speak')).toBe(true)
    expect(await friend.call('connect', F.host, 22)).toBe('closed')
  })

  it('leaves the ruleset exactly as it was when nothing is protected any more', async () => {
    stage.nftFile(
      'table ip mine {\n chain in { type filter hook input priority 0; policy accept;\n tcp dport 80 accept\n }\n}\n',
    )
    const before = stage.nft('list', 'ruleset')
    await driver.call('pass', everything(shields, aHole(F.peer)))
    expect(stage.nft('list', 'ruleset')).not.toBe(before)
    await driver.call('pass', everything([]))
    expect(stage.nft('list', 'ruleset')).toBe(before)
    expect(await friend.call('connect', F.host, 22)).toBe('open')
  })

  it('protects one port more and one less in place, without touching the holes of the others', async () => {
    const hole = aHole(F.peer)
    await driver.call('pass', everything([aShield(22)], hole))
    await driver.call('pass', everything([aShield(22, 3389)], hole))
    expect(await friend.call('connect', F.host, 3389)).toBe('closed')
    expect(await friend.call('connect', F.host, 22)).toBe('open')
    await driver.call('pass', everything([aShield(3389)]))
    expect(await stranger.call('connect', S.host, 22)).toBe('open')
    expect(await stranger.call('connect', S.host, 3389)).toBe('closed')
  })

  it('keeps a narrower allow of another table open, says so, and closes an allow from anywhere', async () => {
    stage.nftFile(
      `table inet mine {
         chain in { type filter hook input priority 0; policy drop;
           ct state established,related accept
           ip saddr ${S.peer} tcp dport 22 accept
           tcp dport 3389 accept
         }
       }`,
    )
    const steps = await driver.call('preview', everything(shields))
    expect(steps.filter(({ kind }) => kind === 'import').map(({ text }) => text)).toEqual([
      expect.stringMatching(/^keep 22\/TCP from 10\.77\.2\.2 open: table inet mine, chain in, handle \d+ allows it$/),
    ])
    expect(steps.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(
        /^close 3389\/TCP .*table inet mine, chain in, handle \d+ accepts it from anywhere, and that ends now$/,
      ),
    )
    await driver.call('pass', everything(shields))
    expect(await stranger.call('connect', S.host, 22)).toBe('open')
    expect(await friend.call('connect', F.host, 22)).toBe('closed')
    expect(await friend.call('connect', F.host, 3389)).toBe('closed')
  })

  it('says when another table drops what is granted here, and the rule it names mends that', async () => {
    stage.nftFile(
      'table inet mine {\n chain in { type filter hook input priority 0; policy drop;\n ct state established accept\n }\n}\n',
    )
    await driver.call('pass', everything(shields, aHole(F.peer)))
    expect(await friend.call('connect', F.host, 22)).toBe('closed')
    const dropped = (await driver.call('doctor')).filter(({ status }) => status === 'failed')
    expect(dropped.map(({ text }) => text)).toContain(
      '22/TCP: what is granted here is dropped by table inet mine, chain in',
    )
    stage.lab.run('host', ['sh', '-c', dropped[0]?.remedy ?? 'false'])
    expect(await friend.call('connect', F.host, 22)).toBe('open')
    expect((await driver.call('doctor')).filter(({ status }) => status === 'failed')).toEqual([])
  })

  it('refuses to protect a port that carries the caller’s own connection', async () => {
    await friend.call('dial', F.host, 22)
    const ports = [{ number: 22, protocol: 'TCP' as const }]
    const own = await driver.call('preflight', ports, { address: F.peer })
    expect(own.map(({ code }) => code)).toEqual(['WouldCutYourOwnConnection'])
    expect(own[0]?.message).toMatch(
      /^port 22 of .* carries your own live connection from 10\.77\.1\.2, port \d+; .*force/,
    )
    expect(await driver.call('preflight', ports, { address: S.peer })).toEqual([])
    expect(await driver.call('preflight', [{ number: 80, protocol: 'TCP' }], { address: F.peer })).toEqual([])
  })

  it('finds nothing missing on this host', async () => {
    expect(await driver.call('probe')).toEqual([])
  })
})
