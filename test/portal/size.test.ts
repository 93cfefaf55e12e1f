/** The overview is there soon on a slow line: all that it loads stays small. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPortal } from '../../script/build-portal.ts'
import { initialLoad } from './initial-load.ts'

const MOST = 300 * 1_024

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-portal-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function sum(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((total, size) => total + size, 0)
}

describe('the first page', () => {
  it('loads at most 300 kB, compressed', async () => {
    await buildPortal(join(folder, 'portal'))
    const sizes = await initialLoad(join(folder, 'portal'), 'overview')
    expect(sizes.size).toBeGreaterThan(5)
    expect(sum(sizes)).toBeGreaterThan(100 * 1_024)
    expect(sum(sizes)).toBeLessThan(MOST)
  }, 60_000)

  it('is measured with what it imports, and what that imports, once, and without what is loaded later', async () => {
    const assets = join(folder, 'small', 'assets')
    await mkdir(assets, { recursive: true })
    await writeFile(join(folder, 'small', 'index.html'), '<script src="/assets/index-1.js"></script>')
    await writeFile(join(assets, 'index-1.js'), 'import{a as b}from"./shared-1.js";import(`./later-1.js`)')
    await writeFile(join(assets, 'overview-1.js'), 'import"./shared-1.js"')
    await writeFile(join(assets, 'shared-1.js'), 'import{c}from"./deep-1.js";')
    await writeFile(join(assets, 'deep-1.js'), '')
    await writeFile(join(assets, 'later-1.js'), '')
    const sizes = await initialLoad(join(folder, 'small'), 'overview')
    expect([...sizes.keys()].toSorted()).toEqual([
      'deep-1.js',
      'index-1.js',
      'index.html',
      'overview-1.js',
      'shared-1.js',
    ])
  })
})
