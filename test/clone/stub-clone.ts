/**
 * A clone in a temporary folder with the real `bin/sallyport` and `script/*`, on a machine whose commands are stubs:
 * nothing is installed, nothing needs root. It goes away with the handle.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const repository = join(import.meta.dirname, '../..')
const real = ['bin/sallyport', 'script/lib.sh', 'script/test', 'script/demo', '.ci/run']

/** Everything the scripts look for is there, the caller is root, and apt-get must not be reached. */
const machine: Readonly<Record<string, string>> = {
  'apt-get': 'echo "apt-get was called" >&2; exit 1',
  id: 'case "$1" in -u) echo 0 ;; *) whoami ;; esac',
  ldconfig: 'echo "libnftables.so.1 => /lib/libnftables.so.1"',
  ls: 'exit 0',
  npm: 'echo "npm $*" >&2; case "$*" in *"$FAILING"*) exit 1 ;; esac',
  ...Object.fromEntries(['nft', 'ip', 'ss', 'sshd', 'ssh', 'ssh-keygen', 'conntrack'].map((name) => [name, 'exit 0'])),
}

/** What the clone would have of its own; the build leaves a program that says its arguments. */
const sources: Readonly<Record<string, string>> = {
  'package.json': `{\n  "type": "module",\n  "devDependencies": {\n    "node": "${process.version.slice(1)}"\n  }\n}\n`,
  'package-lock.json': '{}',
  'node_modules/.package-lock.json': '{}',
  'src/main/sallyport.ts': '',
  'script/build.ts': `import { mkdirSync, writeFileSync } from 'node:fs'
mkdirSync(new URL('../dist', import.meta.url), { recursive: true })
writeFileSync(new URL('../dist/sallyport.js', import.meta.url), 'console.log("ran", ...process.argv.slice(2))')
console.log('built')
`,
  'test/demo/demo.ts': `console.log('{"ok":true}')`,
}

export interface Run {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface StubClone extends Disposable {
  readonly folder: string
  readonly write: (path: string, text: string) => void
  /** A command of the clone's machine, as a shell body. */
  readonly stub: (name: string, body: string) => void
  readonly run: (command: string, options?: { args?: readonly string[]; failing?: string }) => Promise<Run>
}

export function stubClone(): StubClone {
  const folder = mkdtempSync(join(tmpdir(), `sallyport-clone-${process.pid}-`))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { mode: 0o755 })
  }
  const stub = (name: string, body: string) => write(`machine/${name}`, `#!/bin/sh\n${body}\n`)
  for (const [path, text] of Object.entries(sources)) write(path, text)
  for (const [name, body] of Object.entries(machine)) stub(name, body)
  for (const path of real) cpSync(join(repository, path), join(folder, path))
  mkdirSync(join(folder, 'node_modules/.bin'))
  mkdirSync(join(folder, 'scratch'))
  symlinkSync(process.execPath, join(folder, 'node_modules/.bin/node'))
  return {
    folder,
    write,
    stub,
    run: (command, { args = [], failing = 'nothing' } = {}) => {
      const env = {
        PATH: `${join(folder, 'machine')}:/usr/bin:/bin`,
        FAILING: failing,
        TMPDIR: join(folder, 'scratch'),
      }
      return new Promise((resolve) => {
        execFile(join(folder, command), args, { cwd: tmpdir(), env, timeout: 30_000 }, (error, stdout, stderr) => {
          const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
          resolve({ status, stdout, stderr })
        })
      })
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
