import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localChecks, type Here } from './local-checks.ts'

let folder: string
let here: Here

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `sallyport-checks-${process.pid}-`))
  await mkdir(join(folder, 'lib/x86_64-linux-gnu'), { recursive: true })
  await writeFile(join(folder, 'lib/x86_64-linux-gnu/libnftables.so.1'), '')
  await writeFile(join(folder, 'nft'), '')
  await writeFile(join(folder, 'status'), 'Name:\tnode\nCapEff:\t0000000000001000\n')
  here = {
    nodeVersion: 'v24.21.0',
    platform: 'linux',
    searchPath: folder,
    libraryFolders: [join(folder, 'nowhere'), join(folder, 'lib')],
    statusFile: join(folder, 'status'),
  }
})
afterEach(() => rm(folder, { recursive: true }))

const notOk = (changed: Partial<Here>): (readonly [string, string])[] =>
  localChecks({ ...here, ...changed }, 'failed').flatMap(({ name, status, remedy }) =>
    status === 'ok' ? [] : [[name, `${status}: ${remedy}`] as const],
  )

test('a machine that has everything passes every check', () => {
  expect(notOk({})).toEqual([])
})

test('an old Node.js fails, with the version that is needed', () => {
  for (const nodeVersion of ['v18.20.4', 'v22.12.0'])
    expect(notOk({ nodeVersion })).toEqual([['node', 'failed: install Node.js 22.13 or later']])
  expect(notOk({ nodeVersion: 'v22.13.0' })).toEqual([])
})

test('a missing library is a warning, because nft does its work more slowly', () => {
  expect(notOk({ libraryFolders: [] })).toEqual([['libnftables', 'warning: sudo apt-get install libnftables1']])
})

test('without the capability to change the firewall it fails and says sudo', async () => {
  await writeFile(here.statusFile, 'CapEff:\t0000000000000fff\n')
  expect(notOk({})).toEqual([['privilege', 'failed: run the server as root (sudo)']])
  expect(notOk({ statusFile: join(folder, 'nothing') })).toHaveLength(1)
})

test('another system than Linux can only be a client', () => {
  expect(notOk({ platform: 'darwin' })).toEqual([
    ['platform', 'failed: run the server on Linux, and use --server here'],
  ])
})
