import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { machineId, startServer, type RunningServer } from '../conformance/running-server.ts'
import { type, type Circumstances, type Typed } from './type.ts'

let server: RunningServer
const sp = (line: string, around?: Circumstances): Promise<Typed> => type(server.url, line.split(' '), around)

beforeEach(async () => {
  server = await startServer()
  await sp('policy set default -m web1 -p 22/tcp,max=3h -p 3389')
})
afterEach(() => server.stop())

const openHoles = (machine: string): number => holesAt(machine).length
function holesAt(name: string): readonly { readonly port: number }[] {
  const machine = server.app.inventory.list().find((one) => one.name === name)
  return (machine?.points ?? []).flatMap((point) => server.driver.holesAt(point))
}

describe('request create', () => {
  test('it waits until the port is really open, and prints how to connect and until when', async () => {
    const { exit, stdout, stderr } = await sp('request create web1 --port 22 --for 2h30m --from 203.0.113.7')
    expect(exit).toBe(0)
    expect(openHoles('web1')).toBe(1)
    expect(stdout).toContain('ssh user@10.0.0.4')
    expect(stdout).toContain('2026-03-01 14:30:00 UTC, 2 h 30 min left')
    expect(stderr).toMatch(/Open\. To close it early: sallyport request close \S+/)
  })

  test('the options may stand before the machine', async () => {
    expect((await sp('request create --port 22 --for 1h web1')).exit).toBe(0)
  })

  test('without a time it is an hour, or the policy’s longest where that is less', async () => {
    await sp('policy set short -m web2 -p 22,max=10m')
    const until = async (machine: string): Promise<string> =>
      (await sp(`request create ${machine} -p 22 -o json`)).json.grants[0].until
    expect([await until('web1'), await until('web2')]).toEqual([
      '2026-03-01T13:00:00.1230000Z',
      '2026-03-01T12:10:00.1230000Z',
    ])
  })

  test('--until ends at that very moment', async () => {
    const { json } = await sp('request create web1 -p 22 --until 2026-03-01T13:30:00Z -o json')
    expect(json.grants[0].endTimeUtc).toBe('2026-03-01T13:30:00Z')
  })

  test('without --from it is opened to the address that the server sees, with a warning when that is the server itself', async () => {
    const { json, stderr } = await sp('request create web1 -p 22 -o json', {
      env: { SSH_CONNECTION: '198.51.100.9 5 10.0.0.4 22' },
    })
    expect(json.grants[0].sources).toEqual(['127.0.0.1'])
    expect(stderr).toContain('--from 198.51.100.9')
  })

  test('me and others together are opened to all of them', async () => {
    const { json } = await sp('request create web1 -p 22 --from me,10.0.0.0/8 -o json')
    expect(json.grants[0].sources).toEqual(['127.0.0.1', '10.0.0.0/8'])
  })

  test('the justification is kept', async () => {
    const typed = await type(server.url, [
      'request',
      'create',
      'web1',
      '-p',
      '22',
      '--justification',
      'ticket 7',
      '-o',
      'json',
    ])
    expect(typed.json.justification).toBe('ticket 7')
  })

  test('a machine with one protected port needs no --port; one with more says which there are', async () => {
    await sp('policy set one -m web2 -p 5986')
    expect((await sp('request create web2 -o json')).json.grants[0].port).toBe(5986)
    const { exit, stderr } = await sp('request create web1')
    expect([exit, stderr]).toEqual([2, expect.stringContaining('22/TCP (policy default), 3389 (policy default)')])
  })

  test('what the policy forbids exits with 4 and says every reason with its place', async () => {
    await sp('policy set default -m web1 -p 22,max=1h,from=10.0.0.0/8 -p 3389,max=30m')
    const { exit, stdout, stderr } = await sp('request create web1 -p 22 -p 3389 --for 8h --from 203.0.113.7')
    expect([exit, stdout]).toEqual([4, ''])
    expect(stderr).toContain('port 22 allows at most PT1H; you asked for PT8H (virtualMachines[0].ports[0].duration)')
    expect(stderr).toContain('port 22 may be opened to 10.0.0.0/8; you asked for 203.0.113.7')
    expect(stderr).toContain('port 3389 allows at most PT30M')
    expect(openHoles('web1')).toBe(0)
  })

  test('a port that no policy offers exits with 4, a machine without a policy with 3, an unknown one with 3', async () => {
    const exits = ['web1 -p 23', 'web1 -p 22/udp', 'web2 -p 22', 'nobody -p 22'].map(
      async (rest) => (await sp(`request create ${rest}`)).exit,
    )
    expect(await Promise.all(exits)).toEqual([4, 4, 3, 3])
  })

  test('mistakes on the command line are all named before anything is sent', async () => {
    const { exit, stderr } = await sp('request create web1 -p ssh --for soon --from office --timeout x')
    expect(exit).toBe(2)
    for (const place of ['--port', '--for', '--from', '--timeout']) expect(stderr).toContain(`(${place})`)
  })

  test('--for and --until together are refused', async () => {
    expect((await sp('request create web1 -p 22 --for 1h --until 2026-03-01T13:00:00Z')).exit).toBe(2)
  })

  test('--dry-run is the server’s own judgement and opens nothing', async () => {
    const allowed = await sp('request create web1 -p 22 --for 1h --dry-run')
    expect([allowed.exit, allowed.stderr]).toEqual([0, expect.stringContaining('Nothing was opened')])
    expect((await sp('request create web1 -p 22 --for 8h --dry-run')).exit).toBe(4)
    expect([openHoles('web1'), (await sp('request list -o json')).json]).toEqual([0, []])
  })

  test('--no-wait returns as soon as it is accepted', async () => {
    const goOn = server.driver.holdUp()
    const { exit, json } = await sp('request create web1 -p 22 --no-wait -o json')
    expect([exit, json.grants[0].state]).toEqual([0, 'opening'])
    goOn()
  })

  test('a firewall that is too slow exits with 5; the request stays and the message says how to see and close it', async () => {
    const goOn = server.driver.holdUp()
    const { exit, stderr, json } = await sp('request create web1 -p 22 --timeout 10s -o json')
    expect([exit, json.grants[0].state]).toEqual([5, 'opening'])
    expect(stderr).toContain(`sallyport request show ${json.id}`)
    expect(stderr).toContain(`sallyport request close ${json.id}`)
    goOn()
  })

  test('Ctrl-C while waiting exits with 130 and says that the request stays and how to close it', async () => {
    const goOn = server.driver.holdUp()
    const { exit, stderr } = await sp('request create web1 -p 22', { whileWaiting: (interrupt) => interrupt() })
    expect([exit, stderr]).toEqual([130, expect.stringContaining('stays')])
    expect(stderr).toMatch(/sallyport request close [\w-]{20,}/)
    expect((await sp('request list --live -o json')).json).toHaveLength(1)
    goOn()
  })

  test('machines of different policies are asked for together; one refusal leaves the others open and exits with 6', async () => {
    await sp('policy set short -m web2 -p 22,max=10m')
    const both = await sp('request create web1 web2 -p 22 --for 10m -o json')
    expect([both.exit, both.json]).toEqual([0, [expect.anything(), expect.anything()]])
    const partly = await sp('request create web1 web2 -p 22 --for 1h')
    expect([partly.exit, partly.stderr]).toEqual([6, expect.stringContaining('PT10M')])
  })

  test('of several policies the one that allows longest is asked, unless --policy says which', async () => {
    await sp('policy set long -m web1 -p 22,max=8h')
    expect((await sp('request create web1 -p 22 --for 5h')).exit).toBe(0)
    expect((await sp('request create web1 -p 22 --for 5h --policy default')).exit).toBe(4)
  })
})

describe('request list, show and close', () => {
  test('what is open is listed, shown by the beginning of its id, and closed', async () => {
    const { id } = (await sp('request create web1 -p 22 --from 203.0.113.7 -o json')).json
    expect((await sp('request list --live --machine web1 --policy default -o json')).json[0].id).toBe(id)
    expect((await sp(`request show ${id.slice(0, 8)}`)).stdout).toContain('203.0.113.7')
    const closed = await sp(`request close ${id.slice(0, 8)}`)
    expect([closed.exit, closed.stdout]).toEqual([0, expect.stringContaining('closed (early)')])
    expect(openHoles('web1')).toBe(0)
    expect((await sp('request list --live -o json')).json).toEqual([])
  })

  test('a list says how long what is open stays so, and programs are told the state alone', async () => {
    await sp('request create web1 -p 22 --for 2h')
    await sp('request create web1 -p 3389 --for 10m')
    await server.pass(11 * 60_000)
    const states = (await sp('request list')).stdout.split('\n').map((line) => / (open.*?|closed) {2}/.exec(line)?.[1])
    expect(new Set(states.slice(1, 3))).toEqual(new Set(['closed', 'open, 2 h left']))
    expect((await sp('request list --live -o tsv')).stdout.split('\t')[5]).toBe('open')
  })

  test('one port of a request is closed and the other stays', async () => {
    const { id } = (await sp('request create web1 -p 22 -p 3389 -o json')).json
    await sp(`request close ${id} --port 3389`)
    expect(holesAt('web1').map(({ port }) => port)).toEqual([22])
  })

  test('everything on a machine is closed by naming the machine', async () => {
    await sp('request create web1 -p 22')
    await sp('request create web1 -p 3389')
    expect((await sp('request close --machine web1')).exit).toBe(0)
    expect(openHoles('web1')).toBe(0)
  })

  test('closing what is closed already is no failure and says so', async () => {
    const { id } = (await sp('request create web1 -p 22 -o json')).json
    await sp(`request close ${id}`)
    const again = await sp(`request close ${id}`)
    expect([again.exit, again.stderr]).toEqual([0, expect.stringContaining('nothing to close')])
  })

  test('closing without saying what is a usage error, and an unknown request exits with 3', async () => {
    const exits = ['request close', 'request close ffffffff', 'request show 00000000-0000-4000-8000-000000000000'].map(
      async (line) => (await sp(line)).exit,
    )
    expect(await Promise.all(exits)).toEqual([2, 3, 3])
  })

  test('an empty list says how to make a request', async () => {
    const { exit, stdout, stderr } = await sp('request list')
    expect([exit, stdout, stderr]).toEqual([0, '', expect.stringContaining('sallyport request create')])
  })

  test('--top shows the newest, and says that there are more', async () => {
    for (let made = 0; made < 3; made++) await sp('request create web1 -p 22')
    const { json, stderr } = await sp('request list --top 2 -o json')
    expect([json.length, stderr]).toEqual([2, expect.stringContaining('more than 2')])
    expect((await sp('request list --top 0')).exit).toBe(2)
  })

  test('a request that has run out is shown as expired', async () => {
    const { id } = (await sp('request create web1 -p 22 --for 10m -o json')).json
    await server.pass(11 * 60_000)
    expect((await sp(`request show ${id}`)).stdout).toContain('closed (expired)')
  })
})

describe('machine list and show', () => {
  test('a machine shows what is protected and what is open now', async () => {
    await sp('request create web1 -p 22')
    const row = (await sp('machine list')).stdout.split('\n').find((line) => line.startsWith('web1'))
    expect(row).toMatch(/22\/TCP, 3389 +22\/TCP +default/)
    const shown = await sp('machine show web1')
    expect(shown.stdout).toContain('FOR AT MOST')
    expect(shown.stdout).toContain(machineId('web1'))
    expect((await sp('machine show web2')).stderr).toContain('sallyport policy set default --machine web2')
  })

  test('a name that could be two machines lists both and exits with 2', async () => {
    const { exit, stderr } = await sp('machine show web')
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/web1[^]*web2/)])
  })

  test('global options work before and after the verb', async () => {
    const lines = [
      '-o json machine list',
      'machine -o json list',
      'machine list -o json',
      '-o table machine list -o json',
    ]
    for (const line of lines) expect((await sp(line)).json).toHaveLength(4)
  })
})

describe('audit list', () => {
  test('what happened is listed oldest first, with who and what', async () => {
    await sp('request create web1 -p 22')
    const { json } = await sp('audit list -o json')
    expect(json.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['policy.saved', 'access.requested', 'access.opened']),
    )
    expect((await sp('audit list')).stdout).toContain('ada@example.org (127.0.0.1)')
    expect((await sp('audit list --action access.opened -o json')).json).toHaveLength(1)
  })

  test('nothing found says how to look further back', async () => {
    expect((await sp('audit list --action access.failed')).stderr).toContain('--since 30d')
  })
})
