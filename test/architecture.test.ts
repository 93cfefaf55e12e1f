import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { breaches, folderOf, folders, type SourceModule } from './architecture/breaches.ts'

const root = join(import.meta.dirname, '..')

function sources(): SourceModule[] {
  const paths = globSync('src/**/*.{ts,tsx}', { cwd: root })
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

describe('the arrows between the folders', () => {
  const modules = sources()

  it('hold for every module of src', () => {
    expect(breaches(modules)).toEqual([])
  })

  it('were judged over at least one module of every folder that holds files', () => {
    const withFiles = globSync('src/*/**/*.*', { cwd: root }).map(folderOf)
    expect(withFiles).toContain('domain')
    expect([...new Set(modules.map(({ path }) => folderOf(path)))].toSorted()).toEqual(
      [...new Set(withFiles)].toSorted(),
    )
  })

  it('are drawn in ARCHITECTURE.md for exactly the folders that the test knows', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
    const rows = [...text.matchAll(/^\| ([a-z, ]+) \|(?:[^|\n]*\|){7}$/gm)].flatMap(([, names = '']) =>
      names.split(', '),
    )
    expect(rows.toSorted()).toEqual(folders.toSorted())
  })
})

describe('a planted fault is reported:', () => {
  it.each([
    ['the domain uses Node', 'src/domain/net.ts', `import { readFileSync } from 'node:fs'`],
    ['the domain uses a package', 'src/domain/net.ts', `import { z } from 'zod'`],
    ['the domain uses a use case', 'src/domain/net.ts', `import { requestAccess } from '../app/request-access.ts'`],
    ['the domain uses a type of the ports', 'src/domain/net.ts', `import type { Clock } from '../app/ports/clock.ts'`],
    ['the domain names a type in place', 'src/domain/net.ts', `type T = import('../app/ports/clock.ts').Clock`],
    ['the domain loads Node late', 'src/domain/net.ts', `export const fs = await import('node:fs')`],
    ['a use case talks to the wire', 'src/app/close-access.ts', `import '../contract/policy.ts'`],
    ['a use case picks its store', 'src/app/close-access.ts', `import '../store/sqlite.ts'`],
    ['a store calls a use case', 'src/store/grants.ts', `import { closeAccess } from '../app/close-access.ts'`],
    ['a driver uses the store', 'src/drivers/memory/points.ts', `import '../../store/grants.ts'`],
    ['a driver uses another driver', 'src/drivers/memory/points.ts', `import '../nftables/table.ts'`],
    ['a driver uses the ARM wire', 'src/drivers/memory/points.ts', `import '../../contract/policy.ts'`],
    ['the issuer opens the store', 'src/issuer/sign-in.ts', `import '../store/users.ts'`],
    ['the issuer reads the clock', 'src/issuer/sign-in.ts', `export const now = () => Date.now()`],
    ['the server signs tokens', 'src/server/routes.ts', `import '../issuer/signing-keys.ts'`],
    ['the server drives a firewall', 'src/server/routes.ts', `export { apply } from '../drivers/nftables/apply.ts'`],
    ['the server opens the store', 'src/server/routes.ts', `export * from '../store/grants.ts'`],
    ['the CLI opens the store', 'src/cli/main.ts', `import '../store/grants.ts'`],
    ['the portal calls a use case', 'src/portal/page.tsx', `import '../app/close-access.ts'`],
    ['the agent drives a cloud', 'src/agent/run.ts', `import '../drivers/azure/apply.ts'`],
    ['a module loads what cannot be judged', 'src/server/routes.ts', `await import(process.argv[2])`],
    ['a module of the product uses a test helper', 'src/app/close-access.ts', `import '../../test/builders.ts'`],
    ['a test beside a source crosses an arrow', 'src/app/close-access.test.ts', `import '../store/grants.ts'`],
    ['a folder nobody drew', 'src/utils/text.ts', ``],
    ['the domain reads the clock', 'src/domain/time.ts', `export const now = () => Date.now()`],
    ['a use case reads the clock', 'src/app/close-access.ts', `export const now = () => new Date()`],
    ['the domain rolls dice', 'src/domain/time.ts', `export const dice = () => Math.random()`],
    ['the server reads the environment', 'src/server/routes.ts', `export const home = process.env['HOME']`],
  ])('%s', (_title, path, text) => {
    expect(breaches([{ path, text }])).toHaveLength(1)
  })

  it.each([
    ['the domain uses itself', 'src/domain/net.ts', `import type { Refusal } from './refusal.ts'`],
    ['a domain test uses the runner', 'src/domain/net.test.ts', `import { it } from 'vitest'`],
    [
      'a store and a driver know the ports',
      'src/store/grants.ts',
      `import type { Clock } from '../app/ports/clock.ts'`,
    ],
    ['the agent writes the host’s table', 'src/agent/run.ts', `import '../drivers/nftables/apply.ts'`],
    ['a driver speaks to the agent', 'src/drivers/nftables/link.ts', `import '../../contract/agent-wire.ts'`],
    ['main wires all', 'src/main/sallyport.ts', `import '../store/grants.ts'\nexport const home = process.env['HOME']`],
    ['the CLI is handed the process', 'src/cli/io.ts', `export const env = (process: NodeJS.Process) => process.env`],
    ['the domain reads a given instant', 'src/domain/time.ts', `export const iso = (at: number) => new Date(at)`],
  ])('and what is drawn is allowed: %s', (_title, path, text) => {
    expect(breaches([{ path, text }])).toEqual([])
  })
})
