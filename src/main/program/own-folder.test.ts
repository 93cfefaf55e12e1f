import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownFolder } from './own-folder.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), `sallyport-own-${process.pid}-`))
})
afterEach(() => rmSync(base, { recursive: true }))

test('a folder for what is compiled is made for its owner alone', () => {
  const folder = join(base, 'cache', 'sallyport')
  expect(ownFolder(folder)).toBe(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('one that others may write to is not used', () => {
  chmodSync(base, 0o777)
  expect(ownFolder(base)).toBeUndefined()
})

test.runIf(process.getuid?.() === 0)('nor is another person’s, also for root', () => {
  chownSync(base, 12_345, 12_345)
  expect(ownFolder(base)).toBeUndefined()
})

test('where there is no room for one, there is none', () => {
  writeFileSync(join(base, 'file'), '')
  expect(ownFolder(join(base, 'file', 'cache'))).toBeUndefined()
})
