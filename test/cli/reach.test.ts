/** Getting to machines with programs that are not on this machine: what they would be started with. */
import { readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Outside, Place } from '../../src/cli/outside.ts'
import { startServer, type RunningServer } from '../conformance/running-server.ts'
import { ALONE, type, type Circumstances, type Typed } from './type.ts'

let server: RunningServer
let started: (readonly string[])[]
let knocked: Place[]

beforeEach(async () => {
  server = await startServer()
  started = []
  knocked = []
  await sp('policy set default -m web1 -m web2 -p 22 -p 3389 -p 5985')
})
afterEach(() => server.stop())

const sp = (line: string, around: Circumstances = {}): Promise<Typed> =>
  type(server.url, line.split(' '), { outside: machineWith({}), ...around })

/** A machine that has these programs, each with its exit code, and reaches everything unless told where not. */
function machineWith(programs: Readonly<Record<string, number>>, more: Partial<Outside> = {}): Outside {
  return {
    ...ALONE,
    hand: async (program, args) => {
      started.push([program, ...args])
      return programs[program]
    },
    reaches: async (place) => {
      knocked.push(place)
      return true
    },
    ...more,
  }
}

async function liveCount(): Promise<number> {
  return (await sp('request list --live -o json')).json.length
}

describe('an option of ours behind the machine', () => {
  test.each([
    'ssh web1 --curl',
    'ssh ada@web1 -4 --close uptime',
    'scp web1:/a . --curl',
    'scp -r --keep site web1:/srv',
  ])('is told where it goes, and opens nothing: %s', async (line) => {
    const { exit, stderr } = await sp(line)
    expect([exit, stderr, started, await liveCount()]).toEqual([2, expect.stringContaining('before'), [], 0])
  })

  test('is an option of the command that ssh runs, behind the first word of it', async () => {
    const { exit } = await sp('ssh --close web1 ls --all', { outside: machineWith({ ssh: 0 }) })
    expect([exit, started[0]?.slice(-2)]).toEqual([0, ['ls', '--all']])
  })
})

describe('connect', () => {
  test('fills in where to connect, and passes the exit code of the program on', async () => {
    const { exit } = await sp('connect web1 -p 3389 --close -- probe --at={host}:{port} {{host}}', {
      outside: machineWith({ probe: 42 }),
    })
    expect([exit, started]).toEqual([42, [['probe', '--at=10.0.0.4:3389', '10.0.0.4']]])
    expect(await liveCount()).toBe(0)
  })

  test('without a program prints the place and leaves it open', async () => {
    const { exit, stdout } = await sp('connect web1 -p 3389')
    expect([exit, stdout, await liveCount()]).toEqual([0, '10.0.0.4:3389\n', 1])
  })

  test('says which program is not there, and closes what was opened', async () => {
    const { exit, stderr } = await sp('connect web1 -p 3389 --close -- nothing')
    expect([exit, stderr, await liveCount()]).toEqual([2, expect.stringContaining("no program 'nothing'"), 0])
  })

  test('to a port that no policy protects goes as it is', async () => {
    const { exit, stderr } = await sp('connect web1 -p 8080 -- probe', { outside: machineWith({ probe: 0 }) })
    expect([exit, stderr, await liveCount()]).toEqual([0, expect.stringContaining('No policy protects port 8080'), 0])
  })

  test('knocks until it answers, and says what it waits for', async () => {
    let closed = 3
    const outside = machineWith({ probe: 0 }, { reaches: async () => --closed < 0 })
    const { exit, stderr } = await sp('connect web1 -p 3389 --keep -- probe', { outside })
    expect([exit, stderr]).toEqual([0, expect.stringContaining('waiting until 10.0.0.4:3389 answers')])
  })

  test('what the policy refuses is refused with every reason, and nothing is started', async () => {
    const { exit } = await sp('connect web1 -p 3389 --for 20h -- probe', { outside: machineWith({ probe: 0 }) })
    expect([exit, started]).toEqual([4, []])
  })

  test('joins standard input and output to it for a ProxyCommand', async () => {
    const joined: Place[] = []
    const outside = machineWith({}, { join: async (place) => void joined.push(place) })
    const { exit, stdout } = await sp('connect web1 -p 22 --stdio --close', { outside })
    expect([exit, stdout, joined]).toEqual([0, '', [{ address: '10.0.0.4', port: 22 }]])
    expect(await liveCount()).toBe(0)
    expect((await sp('connect web1 -p 22 --stdio -- probe', { outside })).exit).toBe(2)
  })

  test('wants a machine and a port', async () => {
    expect((await sp('connect')).exit).toBe(2)
    expect((await sp('connect web1')).exit).toBe(2)
    expect((await sp('connect nowhere -p 22')).exit).toBe(3)
  })
})

describe('an ambiguous name', () => {
  test('is asked about at a terminal, and is a mistake in a script', async () => {
    const outside = machineWith({ ssh: 0 })
    expect((await sp('ssh --keep web', { outside })).exit).toBe(2)
    const { exit, stderr } = await sp('ssh --keep web', { outside, terminal: true, answer: '2' })
    expect([exit, stderr]).toEqual([0, expect.stringMatching(/1 {2}web1[^]*2 {2}web2[^]*Which one\?/)])
    expect(started.at(-1)).toEqual(['ssh', '-p', '22', '10.0.0.5'])
    expect((await sp('ssh --keep web', { outside, terminal: true, answer: '9' })).exit).toBe(2)
  })

  test('is left alone by Ctrl-C', async () => {
    const { exit, stderr } = await sp('ssh --keep web', { outside: machineWith({ ssh: 0 }), terminal: true })
    expect([exit, stderr, started]).toEqual([130, expect.stringContaining('interrupted'), []])
  })
})

describe('ssh', () => {
  test('takes a port that was given as ssh itself takes it', async () => {
    await sp('ssh --keep --address 192.0.2.8 web1 -4p 2222 uptime', { outside: machineWith({ ssh: 0 }) })
    expect(started.at(-1)).toEqual(['ssh', '-p', '2222', '192.0.2.8', '-4', 'uptime'])
  })

  test('hands everything behind the machine to ssh, and connects to the address that was named', async () => {
    await sp('ssh --keep --address 192.0.2.8 ada@web1 -L 80:x:80 uptime -p', { outside: machineWith({ ssh: 0 }) })
    expect(started).toEqual([['ssh', '-p', '22', 'ada@192.0.2.8', '-L', '80:x:80', 'uptime', '-p']])
    expect(knocked).toEqual([{ address: '192.0.2.8', port: 22 }])
  })

  test('asked whether to close, no leaves it open', async () => {
    const outside = machineWith({ ssh: 0 })
    const { stderr } = await sp('ssh web1', { outside, terminal: true, answer: 'n' })
    expect(stderr).toMatch(/Close the port again\? \[Y\/n\] .*stays open until its end/)
    expect(await liveCount()).toBe(1)
  })
})

describe('scp', () => {
  test('puts the address where the machine stood, whichever side it is on', async () => {
    const outside = machineWith({ scp: 0 })
    await sp('scp --keep -r ada@web1:/var/log ./web1:log', { outside })
    expect(started).toEqual([['scp', '-P', '22', '-r', 'ada@10.0.0.4:/var/log', './web1:log']])
    expect((await sp('scp a b', { outside })).exit).toBe(2)
    expect((await sp('scp web1:a web2:b', { outside })).exit).toBe(2)
  })
})

describe('rdp', () => {
  test('starts the program that this system has', async () => {
    const desktop = async (platform: string, program: string): Promise<unknown> => {
      started = []
      await sp('rdp --keep ada@web1', { outside: machineWith({ [program]: 0 }, { platform }) })
      return started.at(-1)
    }
    const size = '/dynamic-resolution'
    expect(await desktop('linux', 'xfreerdp')).toEqual(['xfreerdp', '/v:10.0.0.4:3389', '/u:ada', size])
    expect(await desktop('win32', 'mstsc')).toEqual(['mstsc', expect.stringMatching(/web1\.rdp$/)])
    expect(await desktop('darwin', 'open')).toEqual(['open', '-W', expect.stringMatching(/web1\.rdp$/)])
  })

  test('without one writes a file for a program elsewhere', async () => {
    const nowhere = await sp('rdp --keep ada@web1 --file /dev/null/web1.rdp')
    expect([nowhere.exit, nowhere.stderr]).toEqual([
      2,
      expect.stringContaining('/dev/null/web1.rdp cannot be written ('),
    ])
    const { exit, stderr } = await sp('rdp --keep ada@web1')
    const [, file = ''] = /Open (\S+) with/.exec(stderr) ?? []
    const lines = 'full address:s:10.0.0.4:3389\r\nusername:s:ada\r\nprompt for credentials:i:1\r\n'
    expect([exit, await readFile(file, 'utf8')]).toEqual([0, lines])
    await rm(dirname(file), { recursive: true })
  })
})

describe('winrm', () => {
  test('enters a session on the port that is protected, and prints the line where there is no PowerShell', async () => {
    const line = "Enter-PSSession -ComputerName '10.0.0.4' -Port 5985 -Credential 'o''neil'"
    await sp("winrm --keep o'neil@web1", { outside: machineWith({ pwsh: 0 }) })
    expect(started).toEqual([['pwsh', '-NoLogo', '-NoExit', '-Command', line]])
    expect((await sp("winrm --keep o'neil@web1")).stdout).toBe(`${line}\n`)
    expect((await sp('winrm --keep --port 5986 web1')).stdout).toContain('-UseSSL')
  })
})
