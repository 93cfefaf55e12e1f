/**
 * Other firewalls on the same host, the real ones: what they let in is told, and what they do when they load their rules anew
 * opens nothing for longer than a second.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { postureOf } from '../../src/domain/posture.ts'
import type { DriverWorker } from '../support/driver-worker.ts'
import type { NetProbe } from '../support/net-probe.ts'
import { ADDRESSES } from '../support/network-lab.ts'
import { isInstalled, startFirewall, type FirewallName, type OtherFirewall } from '../support/other-firewalls.ts'
import type { Remote } from '../support/remote.ts'
import { serveOn, type ServedStage } from './served-stage.ts'
import { aHole, aShield, everything, openStage, type Stage } from './stage.ts'

const { friend: F, stranger: S } = ADDRESSES
const PATIENCE = { timeout: 5000 }
const SECOND = 1000
const shields = [aShield(22, 4000)]
const PORTS = [22, 3389].map((number) => ({ number, protocol: 'TCP' as const }))

let stage: Stage
let host: Remote<NetProbe>
let stranger: Remote<NetProbe>
let firewall: OtherFirewall | undefined

beforeEach(async () => {
  stage = openStage()
  ;[host, stranger] = await Promise.all([stage.probe('host'), stage.probe('stranger')])
  await host.call('listenTcp', [22, 3389])
})
afterEach(async () => {
  firewall?.stop()
  firewall = undefined
  await stage.remove()
})

async function start(name: FirewallName): Promise<OtherFirewall> {
  firewall = await startFirewall(name, stage.lab.name('host'))
  return firewall
}

async function whoGetsIn(driver: Remote<DriverWorker>): Promise<string[]> {
  const exposures = await driver.call('exposures', PORTS)
  return exposures.map(
    ({ port, from, letIn, through }) => `${port} ${from.join()} ${letIn}: ${through.map(({ of }) => of).join()}`,
  )
}

/** For how long a stranger's datagrams came through while something was done: the first that did, to the last. */
async function gapWhile(act: () => void, watched = SECOND): Promise<number> {
  await host.call('listenUdp', [4000])
  const from = Date.now()
  const sending = stranger.call('send', S.host, [{ port: 4000, from, to: from + watched, pace: 'calm' }])
  await expect.poll(() => Date.now() - from).toBeGreaterThan(100)
  act()
  await sending
  const through = (await host.call('received')).map(({ at }) => at)
  return through.length === 0 ? 0 : Math.max(...through) - Math.min(...through)
}

describe.skipIf(!isInstalled('ufw'))('beside ufw', () => {
  it('who gets in is read from its rules, and its reload opens nothing', async () => {
    const ufw = await start('ufw')
    const driver = await stage.driver('library', 'off')
    expect(await whoGetsIn(driver)).toEqual([])
    ufw.run('ufw', 'allow', 'from', '10.77.1.0/24', 'to', 'any', 'port', '22', 'proto', 'tcp')
    ufw.run('ufw', 'allow', '3389/tcp')
    ufw.run('ufw', 'allow', '4000/udp')
    expect(await whoGetsIn(driver)).toEqual([
      '22 10.77.1.0/24 yes: table ip filter, chain ufw-user-input',
      '3389 * yes: table ip filter, chain ufw-user-input',
      '3389 * yes: table ip6 filter, chain ufw6-user-input',
    ])
    const wanted = everything([aShield(3389, 4000)], aHole(F.peer, { port: 3389 }))
    await driver.call('pass', wanted)
    await driver.call('heal', wanted)
    expect(await whoGetsIn(driver)).toEqual(['22 10.77.1.0/24 yes: table ip filter, chain ufw-user-input'])
    expect(await gapWhile(() => ufw.run('ufw', 'reload'), 2 * SECOND)).toBe(0)
    const friend = await stage.probe('friend')
    expect(await friend.call('connect', F.host, 3389)).toBe('open')
    expect(await stranger.call('connect', S.host, 3389)).toBe('closed')
    expect(ufw.run('ufw', 'status')).toContain('3389/tcp')
  })
})

describe.skipIf(!isInstalled('firewalld'))('beside firewalld', () => {
  it('who gets in is read from its rules, and its reload opens nothing', async () => {
    const firewalld = await start('firewalld')
    const driver = await stage.driver('library', 'off')
    firewalld.run('firewall-cmd', '--permanent', '--add-port=4000/udp')
    firewalld.run('firewall-cmd', '--reload')
    const ssh = 'table inet firewalld, chain filter_IN_public_allow'
    expect(await whoGetsIn(driver)).toEqual([`22 * yes: ${ssh}`, `22 * yes: ${ssh}`])
    const wanted = everything(shields, aHole(F.peer, { port: 22 }))
    await driver.call('pass', wanted)
    await driver.call('heal', wanted)
    expect(await whoGetsIn(driver)).toEqual([])
    expect(await gapWhile(() => firewalld.run('firewall-cmd', '--reload'))).toBe(0)
    const friend = await stage.probe('friend')
    expect(await friend.call('connect', F.host, 22)).toBe('open')
    expect(await stranger.call('connect', S.host, 22)).toBe('closed')
    expect(firewalld.run('firewall-cmd', '--list-services')).toContain('ssh')
  })
})

describe.skipIf(!isInstalled('iptables'))('beside iptables', () => {
  const RULES = `*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m multiport --dports 22,80 -s 10.77.2.0/24 -j ACCEPT
-A INPUT -p udp --dport 4000 -j ACCEPT
-A INPUT -p tcp --dport 3389 -m recent --name knocked --rcheck -j ACCEPT
COMMIT
`

  it('who gets in is read from its rules, what cannot be read counts as open, and loading them anew opens nothing', async () => {
    await start('iptables')
    const load = (): string => stage.lab.run('host', ['iptables-restore'], RULES)
    load()
    stage.lab.run('host', ['ip6tables', '-P', 'INPUT', 'DROP'])
    const driver = await stage.driver('library', 'off')
    expect(await whoGetsIn(driver)).toEqual([
      '22 10.77.2.0/24 yes: table ip filter, chain INPUT',
      '3389 * maybe: table ip filter, chain INPUT',
    ])
    const unread = (await driver.call('exposures', PORTS)).flatMap(({ unread: why }) => why ?? [])
    expect(unread).toMatchObject([{ code: 'UnreadRule', facts: { port: 3389 } }])
    expect(unread[0]?.facts?.['rule']).toMatch(/^table ip filter, chain INPUT, handle \d+$/)
    const wanted = everything([aShield(3389, 4000)])
    await driver.call('pass', wanted)
    await driver.call('heal', wanted)
    expect(await gapWhile(load)).toBe(0)
    expect(await stranger.call('connect', S.host, 22)).toBe('open')
    expect(await stranger.call('connect', S.host, 3389)).toBe('closed')
  })

  it('of the old iptables nobody can tell what it keeps out, and that is said; a table without rules is none', async () => {
    const driver = await stage.driver('library', 'off')
    for (const program of ['iptables-legacy', 'ip6tables-legacy']) stage.lab.run('host', [program, '-L', '-n'])
    expect(await whoGetsIn(driver)).toContainEqual('22 * yes: the kernel, which has no input filter')
    stage.lab.run('host', ['iptables-legacy', '-A', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'DROP'])
    expect(await whoGetsIn(driver)).toContainEqual(
      '22 * maybe: the kernel, which has no input filter,the old iptables (filter)',
    )
    const exposures = await driver.call('exposures', PORTS)
    expect(postureOf({ isConfigured: false, isPlanOn: true, exposures })).toMatchObject({
      category: 'unsupported',
      why: 'unreadableFirewall',
      because: { code: 'LegacyIptables', facts: { tables: 'filter' } },
    })
    stage.lab.run('host', ['iptables-legacy', '-D', 'INPUT', '1'])
    stage.lab.run('host', ['iptables-legacy', '-P', 'INPUT', 'DROP'])
    expect((await driver.call('exposures', PORTS)).map(({ unread }) => unread?.code)).toContain('LegacyIptables')
  })

  it('what the old iptables lets in is closed all the same, and what it drops stays dropped: the plan says so before', async () => {
    const driver = await stage.driver('library', 'off')
    const wanted = everything([aShield(22, 3389)], aHole(F.peer, { port: 22 }), aHole(F.peer, { port: 3389 }))
    stage.lab.run('host', ['iptables-legacy', '-A', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT'])
    stage.lab.run('host', ['iptables-legacy', '-A', 'INPUT', '-p', 'tcp', '--dport', '3389', '-j', 'DROP'])
    const said = (await driver.call('preview', wanted)).map(({ text }) => text)
    expect(said.join()).toMatch(/old iptables \(filter\) .* what they drop stays dropped/)
    await driver.call('pass', wanted)
    const friend = await stage.probe('friend')
    expect(await friend.call('connect', F.host, 22)).toBe('open')
    expect(await friend.call('connect', F.host, 3389)).toBe('closed')
    expect(await stranger.call('connect', S.host, 22)).toBe('closed')
  })
})

describe('a firewall that takes everything away', () => {
  let served: ServedStage

  beforeEach(async () => {
    served = await serveOn(stage, '--nft-owner', 'off')
  })
  afterEach(() => served.stop())

  it('is undone within a second, and on record with who it was', async () => {
    const listOf = async (path: string): Promise<Record<string, string>[]> => (await served.call('GET', path)).value
    const [machine] = await listOf('/api/v1/machines')
    expect(await listOf('/api/v1/posture')).toMatchObject([{ category: 'notConfigured', severity: 'High' }])
    served.sallyport(
      'policy',
      'set',
      'default',
      '-m',
      machine?.['name'] ?? '',
      '-p',
      '22/tcp',
      '-p',
      '4000/udp',
      '--yes',
    )
    expect(await stranger.call('connect', S.host, 22)).toBe('closed')
    const gap = await gapWhile(() => stage.nft('flush', 'ruleset'))
    expect(gap).toBeLessThan(SECOND)
    expect(await stranger.call('connect', S.host, 22)).toBe('closed')
    const events = (action: string): Promise<unknown> => listOf(`/api/v1/audit?action=${action}`)
    const by: unknown = [expect.stringMatching(/^process \d+ \(nft\)$/)]
    await expect.poll(() => events('point.repaired'), PATIENCE).toMatchObject([{ data: { by } }])
    expect(await events('point.drifted')).toMatchObject([{ data: { by } }])
    const [posture] = await listOf('/api/v1/posture')
    expect(posture).toMatchObject({ category: 'configured', health: 'Healthy' })
  })
})
