/** Windows and macOS, as far as they can be tried on any system: what is done there, and that nothing assumes another one. */
import { copyFile, glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outsideOf, type Outside } from '../../src/cli/outside.ts'
import { startServer, type RunningServer } from '../conformance/running-server.ts'
import { ALONE, type, type Circumstances, type Typed } from './type.ts'

/** What only some systems have, and the files that may speak of it: each asks first, or takes no answer for an answer. */
const OF_ONE_SYSTEM: readonly (readonly [what: RegExp, where: readonly string[]])[] = [
  [/process\.platform/, ['outside.ts', 'contexts/private-file.ts', 'commands/doctor.ts']],
  [/\bget(?:e?uid|e?gid)\b/, ['contexts/private-file.ts']],
  [/\b(?:l?ch(?:mod|own)(?:Sync)?)\(/, ['contexts/private-file.ts']],
  [
    /['"`]\/(?:proc|run|etc|usr|lib|tmp|var|dev)\b/,
    ['shell-origin.ts', 'local-checks.ts', 'commands/doctor.ts', 'calls/find-ready.ts'],
  ],
  [/\b(?:env\.|env\[')(?:HOME|USER|SHELL|TMPDIR|XDG_\w+|APPDATA|USERPROFILE)\b/, ['contexts/config-folder.ts']],
  [/\b(?:homedir|userInfo)\(/, []],
  [/'SIG(?!INT\b)\w+'/, ['outside.ts']],
  [/(?<![.\w])(?:spawnSync|exec|execFile|execSync)\(|shell: true/, []],
  [/(?:file|path|dir|folder)(?!name)\w*\.(?:split|lastIndexOf|endsWith|startsWith)\('\/'\)/i, []],
  [
    /'(?:xdg-open|rundll32|mstsc|notepad|vi|security|secret-tool|powershell\.exe)'/,
    ['sign-in/browser-sign-in.ts', 'commands/rdp.ts', 'commands/winrm.ts', 'contexts/keyring.ts', 'edit-text.ts'],
  ],
]

function assumptionsIn(file: string, text: string): string[] {
  return OF_ONE_SYSTEM.filter(([what, where]) => what.test(text) && !where.includes(file)).map(
    ([what]) => `${file} has ${what.exec(text)?.[0] ?? ''}`,
  )
}

describe('the sources of the command line', () => {
  const root = join(import.meta.dirname, '../../src/cli')

  test('speak of one system only where it was asked which one this is', async () => {
    const found: string[] = []
    for await (const file of glob('**/*.ts', { cwd: root }))
      if (!file.endsWith('.test.ts'))
        found.push(...assumptionsIn(file.replaceAll('\\', '/'), await readFile(join(root, file), 'utf8')))
    expect(found).toEqual([])
  })

  test('are looked at so that a fault is found', () => {
    const planted = [
      'chmodSync(file, 0o600)',
      "readFileSync('/etc/x')",
      "env['HOME'] + '/x'",
      "file.split('/')",
      "spawn('xdg-open')",
    ]
    expect(planted.flatMap((text) => assumptionsIn('commands/x.ts', text))).toHaveLength(planted.length)
  })
})

describe('on Windows', () => {
  let server: RunningServer
  let folder: string
  let started: (readonly string[])[] = []

  beforeAll(async () => {
    server = await startServer()
    folder = await mkdtemp(join(tmpdir(), `sallyport-platforms-${process.pid}-`))
    await type(server.url, ['policy', 'set', 'default', '-m', 'web1', '-p', '22/tcp'])
  })
  afterAll(async () => {
    await server.stop()
    await rm(folder, { recursive: true })
  })

  /** Every program is there, and every machine answers. `edit` is what somebody does in the editor. */
  function windows(edit: (file: string) => Promise<void> = () => Promise.resolve()): Outside {
    return {
      ...ALONE,
      platform: 'win32',
      reaches: () => Promise.resolve(true),
      hand: async (program, args) => {
        started.push([program, ...args])
        await edit(args.at(-1) ?? '')
        return 0
      },
    }
  }

  const sp = (line: readonly string[], around: Circumstances = {}): Promise<Typed> => {
    started = []
    return type(server.url, line, { outside: windows(), ...around })
  }

  test('a file on a drive is a file of this machine, whatever scp makes of a colon elsewhere', async () => {
    const { exit } = await sp(['scp', '--keep', String.raw`C:\Users\ada\site.zip`, 'ada@web1:/srv'])
    expect(exit).toBe(0)
    expect(started[0]?.slice(-2)).toEqual([
      String.raw`C:\Users\ada\site.zip`,
      expect.stringMatching(/^ada@[\d.]+:\/srv$/),
    ])
  })

  test('an editor is found behind quotes, and without one there is notepad', async () => {
    const EDITOR = String.raw`"C:\Program Files\Notepad++\notepad++.exe" -multiInst`
    await sp(['policy', 'edit', 'default'], { env: { EDITOR } })
    expect(started[0]?.slice(0, 2)).toEqual([String.raw`C:\Program Files\Notepad++\notepad++.exe`, '-multiInst'])
    await sp(['policy', 'edit', 'default'])
    expect(started[0]?.[0]).toBe('notepad')
  })

  test('what an editor makes of the ends of lines changes nothing, and what it changes besides is understood', async () => {
    const crlf = async (file: string, change: (text: string) => string): Promise<void> =>
      writeFile(file, `\uFEFF${change(await readFile(file, 'utf8')).replaceAll('\n', '\r\n')}`)
    const same = await sp(['policy', 'edit', 'default', '-o', 'json'], {
      outside: windows((file) => crlf(file, (text) => text)),
    })
    expect([same.exit, same.json.counts]).toEqual([0, expect.objectContaining({ none: 1, update: 0 })])
    const changed = await sp(['policy', 'edit', 'default', '--yes', '-o', 'json'], {
      outside: windows((file) => crlf(file, (text) => text.replace(/max: \S+/, 'max: 2h'))),
    })
    expect([changed.exit, changed.json.counts]).toEqual([0, expect.objectContaining({ none: 0, update: 1 })])
  })

  test('a file that PowerShell wrote in UTF-16 is applied', async () => {
    const { stdout } = await sp(['export'])
    const file = join(folder, 'exported.yaml')
    await writeFile(file, Buffer.from(`\uFEFF${stdout.replaceAll('\n', '\r\n')}`, 'utf16le'))
    expect((await sp(['apply', '--check', '-f', file])).exit).toBe(0)
  })

  test('no file gets the name of a device, and no two contexts names that are one file', async () => {
    await sp(['policy', 'set', 'aux', '-m', 'web2', '-p', '22/tcp'])
    await sp(['export', '--dir', folder, 'aux'])
    await copyFile(join(folder, 'policy.aux.yaml'), join(folder, 'found.yaml'))
    const device = await sp(['login', '--server', 'https://192.0.2.1', '--context', 'con'])
    expect([device.exit, device.stderr]).toEqual([2, expect.stringContaining("'con' is what Windows calls a device")])
  })

  test('a program is started by what knows the scripts of Windows, and its exit code is handed on', async () => {
    // An object that is this process but for its platform.
    const there = Object.create(process, { platform: { value: 'win32' } }) as NodeJS.Process
    const { hand } = outsideOf(there)
    expect(await hand(process.execPath, ['-e', 'process.exit(3)'])).toBe(3)
    expect(await hand('no-such-program', [])).toBeUndefined()
  })

  test('the folder that everybody may make names no server', async () => {
    const { exit, stderr } = await type(undefined, ['whoami'], {
      env: { SALLYPORT_READY_FILE: 'x' },
      outside: windows(),
    })
    expect([exit, stderr]).toEqual([7, expect.stringContaining('cannot be read')])
    const none = await typeWithoutReadyFile()
    expect([none.exit, none.stderr]).toEqual([7, expect.not.stringContaining('/run/')])
  })

  /** As on a machine where the variable is not set at all. */
  function typeWithoutReadyFile(): Promise<Typed> {
    const env: Record<string, string> = {}
    Object.defineProperty(env, 'SALLYPORT_READY_FILE', { value: undefined, enumerable: true })
    return type(undefined, ['whoami'], { env, outside: windows() })
  }
})
