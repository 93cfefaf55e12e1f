/**
 * A project of a few files under the repository's own package.json and configuration, in a temporary folder, so that a
 * gate can be seen to pass on it and then to fail on one planted fault. It goes away with the handle.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'

const repository = join(import.meta.dirname, '../..')
const configuration = [
  'package-lock.json',
  'tsconfig.json',
  'src/domain/tsconfig.json',
  'src/portal/tsconfig.json',
  '.oxlintrc.json',
  '.prettierrc.json',
  '.prettierignore',
  'knip.json',
  'script/generate.ts',
  'script/complete-lock.ts',
]

const tools = ['@types/node', 'knip', 'node', 'oxlint', 'oxlint-tsgolint', 'prettier', 'typescript', 'vitest', 'zod']

const manifestShape = z.looseObject({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
})

/** The dead code gate reports a declared package that nobody uses, so the tiny project declares the tools alone. */
function manifestOfTools(): string {
  const manifest = manifestShape.parse(JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')))
  const declared = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
  const devDependencies = Object.fromEntries(declared.filter(([name]) => tools.includes(name)))
  return `${JSON.stringify({ ...manifest, dependencies: {}, devDependencies }, null, 2)}\n`
}

const sources: Readonly<Record<string, string>> = {
  'src/domain/two.ts': `export const two = 2\n`,
  'src/main/sallyport.ts': `import { two } from '../domain/two.ts'\n\nconsole.log(two)\n`,
  'src/portal/main.tsx': `import { two } from '../domain/two.ts'\n\ndocument.title = String(two)\n`,
  'script/generated-files.ts': `export interface GeneratedFile {
  readonly path: string
  readonly make: () => string | Promise<string>
}

export const generatedFiles: readonly GeneratedFile[] = [{ path: 'docs/made.json', make: () => '{"a":1}' }]
`,
  'docs/made.json': `{ "a": 1 }\n`,
}

export interface Outcome {
  readonly passed: boolean
  readonly output: string
}

export interface TinyProject extends Disposable {
  readonly write: (path: string, text: string) => void
  readonly read: (path: string) => string
  /** Runs one npm script of the real package.json. */
  readonly run: (script: string) => Promise<Outcome>
}

export function tinyProject(): TinyProject {
  const folder = mkdtempSync(join(tmpdir(), `sallyport-gate-${process.pid}-`))
  const place = (path: string) => join(folder, path)
  const write = (path: string, text: string) => {
    mkdirSync(dirname(place(path)), { recursive: true })
    writeFileSync(place(path), text)
  }
  for (const path of configuration) cpSync(join(repository, path), place(path))
  for (const [path, text] of Object.entries(sources)) write(path, text)
  write('package.json', manifestOfTools())
  symlinkSync(join(repository, 'node_modules'), place('node_modules'))
  return {
    write,
    read: (path) => readFileSync(place(path), 'utf8'),
    run: (script) => npmRun({ script, folder }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function npmRun({ script, folder }: { script: string; folder: string }): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile('npm', ['run', '--silent', script], { cwd: folder, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ passed: error === null, output: stdout + stderr })
    })
  })
}
