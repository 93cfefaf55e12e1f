import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tinyProject } from './gates/tiny-project.ts'

interface Plant {
  readonly title: string
  readonly gate: string
  readonly path: string
  readonly text: string
  /** What the gate must say: it failed for this reason, not for another. */
  readonly says: RegExp
}

const plants: readonly Plant[] = [
  {
    title: 'the domain that uses process does not compile',
    gate: 'typecheck',
    path: 'src/domain/two.ts',
    text: `export const two = process.pid\n`,
    says: /src\/domain\/two\.ts.*'process'/,
  },
  {
    title: 'the domain that sets a timer does not compile',
    gate: 'typecheck',
    path: 'src/domain/two.ts',
    text: `setTimeout(() => undefined, 1)\nexport const two = 2\n`,
    says: /src\/domain\/two\.ts.*'setTimeout'/,
  },
  {
    title: 'a list item that may be missing does not compile where it must be there',
    gate: 'typecheck',
    path: 'src/main/sallyport.ts',
    text: `const [first] = process.argv\nexport const length: number = first.length\n`,
    says: /src\/main\/sallyport\.ts.*possibly 'undefined'/,
  },
  {
    title: 'a promise that nobody waits for is an error of the linter',
    gate: 'lint',
    path: 'src/main/sallyport.ts',
    text: `async function late(): Promise<void> {}\nlate()\n`,
    says: /no-floating-promises/,
  },
  {
    title: 'a portal that uses what only Node.js has does not compile',
    gate: 'typecheck',
    path: 'src/portal/main.tsx',
    text: `document.title = process.version\n`,
    says: /'process'/,
  },
  {
    title: 'an any is an error of the linter',
    gate: 'lint',
    path: 'src/domain/two.ts',
    text: `export const two = (it: any): string => String(it)\n`,
    says: /no-explicit-any/,
  },
  {
    title: 'a switch that forgets a case is an error of the linter',
    gate: 'lint',
    path: 'src/domain/two.ts',
    text: `export function two(it: 'a' | 'b'): void {\n  switch (it) {\n    case 'a':\n  }\n}\n`,
    says: /switch-exhaustiveness-check/,
  },
  {
    title: 'code that is not formatted is reported',
    gate: 'format:check',
    path: 'src/domain/two.ts',
    text: `export   const two = 2;\n`,
    says: /src\/domain\/two\.ts/,
  },
  {
    title: 'an export that nobody uses is reported',
    gate: 'deadcode',
    path: 'src/domain/two.ts',
    text: `export const two = 2\nexport const three = 3\n`,
    says: /Unused exports[^]*three/,
  },
  {
    title: 'a file that nobody uses is reported',
    gate: 'deadcode',
    path: 'src/domain/orphan.ts',
    text: `export const orphan = 1\n`,
    says: /Unused files[^]*orphan\.ts/,
  },
  {
    title: 'a generated file that differs from its sources is reported',
    gate: 'generate:check',
    path: 'docs/made.json',
    text: `{ "a": 2 }\n`,
    says: /docs\/made\.json is stale/,
  },
]

// Two starts of npm and a tool each, five at a time: seconds on an idle machine, much longer beside other test files.
const patience = { timeout: 120_000 }

describe('each gate passes on a sound project and fails on a planted fault:', patience, () => {
  it.concurrent.each(plants)('$title', async ({ gate, path, text, says }) => {
    using project = tinyProject()
    const sound = await project.run(gate)
    expect(sound.passed, sound.output).toBe(true)
    project.write(path, text)
    const { passed, output } = await project.run(gate)
    expect(output).toMatch(says)
    expect(passed).toBe(false)
  })

  it('a lock file without a platform package, which npm ci would refuse, is reported', async () => {
    using project = tinyProject()
    expect(await project.run('lock:check')).toMatchObject({ passed: true })
    const lock = project.read('package-lock.json')
    project.write(
      'package-lock.json',
      lock.replaceAll('"node_modules/@oxlint/binding-darwin-arm64"', '"node_modules/x"'),
    )
    expect(await project.run('lock:check')).toMatchObject({
      passed: false,
      output: expect.stringMatching(/lacks 1 platform packages.*npm ci/),
    })
  })
})

it('npm run check runs every gate', () => {
  const manifest = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')
  const check = /"check": "(.*)"/.exec(manifest)?.[1] ?? ''
  const gates = [...new Set(plants.map(({ gate }) => gate)), 'lock:check']
  expect(check.split(' && ').toSorted()).toEqual(gates.map((gate) => `npm run ${gate}`).toSorted())
})
