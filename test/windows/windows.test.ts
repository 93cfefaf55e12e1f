/** The built file on Windows: paths, ends of lines, %APPDATA%, locks and scripts as programs. Needs script/ensure-windows. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startSignInServer, type SignInServer } from '../cli/installation.ts'
import { nodeForWindows, openWindows, windowsPath, type Run, type Windows } from './windows.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

describe.skipIf(nodeForWindows === undefined)('on Windows the command line', () => {
  let folder: string
  let server: SignInServer
  let windows: Windows
  let login: string
  /** Something to connect to, on a machine of the fleet. */
  const listener = createServer((socket) => socket.destroy())
  const sp = (line: string, env?: Record<string, string>): Promise<Run> => windows.sallyport(line.split(' '), env)
  const admin = async (line: string) =>
    (await server.typed(`${line} -o json --server ${server.url} ${server.asAdministrator}`)).json

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `sallyport-windows-${process.pid}-`))
    const build = join(import.meta.dirname, '../../script/build.ts')
    await promisify(execFile)(process.execPath, [build, join(folder, 'dist')])
    windows = await openWindows(join(folder, 'dist/sallyport-cli.cjs'), folder)
    server = await startSignInServer({}, ['web1', 'web2'].map(machine))
    await once(listener.listen(0, '127.0.0.1'), 'listening')
    await admin(`policy set default -m web1 -m web2 -p 22/tcp,max=2h -p ${portOf(listener)}/tcp`)
    login = await programsLogin()
    await sp(login)
  })
  afterAll(async () => {
    windows.stop()
    listener.close()
    await server.stop()
    await rm(folder, { recursive: true })
  })

  /** As an owner, with a secret in a file that an editor of Windows wrote. */
  async function programsLogin(): Promise<string> {
    const { appId } = await admin('service-principal create deploy')
    const { secret } = await admin('service-principal add-secret deploy')
    await admin('role assignment create --role Owner --assignee deploy --scope /')
    const file = await windows.put('secret.txt', `${secret}\r\n`)
    const proof = `--service-principal --client-id ${appId} --client-secret-file ${file}`
    return `login --server ${server.url} --trust-ca ${windowsPath(server.caFile)} --context here ${proof}`
  }

  test('tells its version and its help, and a mistake with what was meant', async () => {
    expect(await sp('--version')).toEqual({ exit: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' })
    expect((await sp('request create --help')).stdout).toContain('Usage: sallyport request create')
    expect(await sp('machine shwo')).toEqual({
      exit: 2,
      stdout: '',
      stderr: expect.stringContaining('Did you mean show?'),
    })
  })

  test('keeps contexts and tokens below %APPDATA%, whoever else is signing in', async () => {
    const others = [1, 2, 3].map((number) => sp(login.replace('--context here', `--context c${number}`)))
    const said = expect.stringMatching(/^Signed in to https:\S+ as deploy|[0-9a-f-]{36} /)
    const done = { exit: 0, stdout: '', stderr: said }
    expect(await Promise.all(others)).toEqual([done, done, done])
    const [place = ''] = globSync('users/*/AppData/Roaming/sallyport', { cwd: windows.drive })
    expect((await readdir(join(windows.drive, place, 'tokens'))).toSorted()).toEqual(
      ['c1', 'c2', 'c3', 'here'].map((name) => `${name}.json`),
    )
    for (const name of ['c1', 'c2', 'c3']) expect((await sp(`logout --context ${name}`)).exit).toBe(0)
    expect(await readdir(join(windows.drive, place, 'tokens'))).toEqual(['here.json'])
    expect((await sp('whoami --context here')).stdout).toMatch(/^Token: +until /m)
  })

  test('keeps tokens in its file where the keyring only says that it took them, as the PowerShell of Wine does', async () => {
    expect((await sp(`${login.replace('--context here', '--context auto')} --token-store auto`)).exit).toBe(0)
    expect((await sp('context show auto')).stdout).toMatch(/^Tokens in: +a file of your own$/m)
    expect((await sp('logout --context auto')).exit).toBe(0)
  })

  test('asks for access, sees it and closes it', async () => {
    const made = await sp('request create web1 -p 22 --for 10m --from 203.0.113.7 --context here -o json')
    expect([made.exit, JSON.parse(made.stdout).grants[0].state]).toEqual([0, 'open'])
    expect((await sp('request list --live --context here', { TZ: 'Asia/Taipei' })).stdout).toMatch(
      /web1 +22\/TCP +open/,
    )
    expect((await sp('request close -m web1 --context here')).stdout).toContain('closed (early)')
  })

  test('writes policies into a folder of drive C:, and finds them unchanged though an editor made its own ends of lines', async () => {
    expect((await sp(String.raw`export --context here --dir C:\work\policies`)).exit).toBe(0)
    const text = await readFile(join(windows.drive, 'work/policies/default.yaml'), 'utf8')
    await windows.put('policies/default.yaml', `\uFEFF${text.replaceAll('\n', '\r\n')}`)
    expect((await sp(String.raw`apply --check --context here -f C:\work\policies`)).exit).toBe(0)
    await windows.put('policies/default.yaml', text.replace(/max: \S+/, 'max: 3h'))
    const changed = await sp(String.raw`apply --check --context here -f C:\work\policies`)
    expect([changed.exit, changed.stdout]).toEqual([2, expect.stringContaining('policy default')])
  })

  test('starts a script as a program with what it is told, and hands its exit code on', async () => {
    const script = '@echo off\r\n> C:\\work\\said.txt echo %~1/%~2/%~3\r\nexit /b 5\r\n'
    const program = await windows.put('say.cmd', script)
    const line = `connect web1 -p ${portOf(listener)} --close --context here --`.split(' ')
    const run = await windows.sallyport([...line, program, '{host}', 'two words', 'a=b;c'])
    expect([run.exit, run.stderr]).toEqual([5, expect.stringContaining('closed again')])
    expect(await readFile(join(windows.drive, 'work/said.txt'), 'utf8')).toBe('127.0.0.1/two words/a=b;c\r\n')
  })
})

function portOf(server: ReturnType<typeof createServer>): number {
  return (server.address() as AddressInfo).port // it listens on TCP
}

function machine(name: string, order: number): object {
  return {
    id: `/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/${name}`,
    location: 'westeurope',
    os: 'Linux',
    nics: [{ privateIp: `127.0.0.${order + 1}`, nsg: { name: 'shop', securityRules: [] } }],
  }
}
