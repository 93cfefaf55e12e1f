import { expect, test } from 'vitest'
import { nextTurn } from './in-turns.ts'

test('however many do long work at once, between two turns of everybody else one part of it is done', async () => {
  let done = 0
  const work = async (): Promise<void> => {
    for (let part = 0; part < 3; part++) {
      await nextTurn()
      done += 1
    }
  }
  const works = Promise.all([work(), work(), work()])
  const seen = [0]
  for (let turn = 0; turn < 12; turn++) {
    await new Promise(setImmediate)
    seen.push(done)
  }
  await works
  expect(seen.at(-1)).toBe(9)
  expect(Math.max(...seen.slice(1).map((now, turn) => now - (seen[turn] ?? 0)))).toBe(1)
})
