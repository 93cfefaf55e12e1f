import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSequence } from './sequence.ts'
import { openStateFolder } from '../state/state-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-sequence-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('no number is given twice, however often the agent dies, nor where what it set aside is used up', () => {
  const given: number[] = []
  for (const count of [1, 3, 2_500, 1]) {
    const next = createSequence(openStateFolder(folder))
    for (let n = 0; n < count; n += 1) given.push(next())
  }
  expect(given[0]).toBe(1)
  expect(given.every((number, at) => at === 0 || number > (given[at - 1] ?? 0))).toBe(true)
})
