import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changeContexts, readContexts } from './context-store.ts'
import { NO_CONTEXTS, withContext, type Context } from './context.ts'
import { holdingLock } from './file-lock.ts'
import { writePrivate } from './private-file.ts'

let folder: string
const home = () => ({ platform: 'linux', env: { SALLYPORT_CONFIG_DIR: path.join(folder, 'kept') } })

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), `sallyport-contexts-${process.pid}-`))
})
afterEach(() => rmSync(folder, { recursive: true }))

function context(name: string): Context {
  return { name, server: `https://${name}.example.org`, keep: 'file' }
}

test('who changes contexts waits for whoever is changing them, and loses nothing of theirs', async () => {
  await changeContexts(home(), (seen) => seen)
  const file = path.join(folder, 'kept', 'contexts.json')
  let mine: Promise<unknown> = Promise.resolve()
  await holdingLock(file, async () => {
    mine = changeContexts(home(), (seen) => withContext(seen, context('mine')))
    for (let turn = 0; turn < 20; turn++) await setImmediate()
    const theirs = withContext(NO_CONTEXTS, context('theirs'))
    writePrivate(file, JSON.stringify({ version: 1, ...theirs }))
  })
  await mine
  expect(readContexts(home()).contexts.map(({ name }) => name)).toEqual(['mine', 'theirs'])
})

test('who has no contexts yet has none, and who has no home keeps none', async () => {
  expect(readContexts(home())).toEqual({ current: undefined, contexts: [] })
  await expect(changeContexts({ platform: 'linux', env: {} }, (seen) => seen)).rejects.toThrow('no home folder')
})

test('the file is its owner’s alone, and one that says something else is refused', async () => {
  await changeContexts(home(), (seen) => withContext(seen, context('a')))
  const file = path.join(folder, 'kept', 'contexts.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  for (const text of [
    '',
    '[]',
    '{"version":2,"contexts":[]}',
    '{"version":1,"contexts":[{"name":"a","server":"no"}]}',
  ]) {
    writeFileSync(file, text)
    expect(() => readContexts(home())).toThrow('not as this version of sallyport writes it')
  }
})
