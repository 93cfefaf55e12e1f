import { expect, it } from 'vitest'
import { createOwnGenerations } from './own-generations.ts'

const change = (
  generation: number,
  process = 1,
): { generation: number; process: number; name: string; tables: Set<string> } => ({
  generation,
  process,
  name: 'x',
  tables: new Set(),
})
const engine = { isOwnProcess: (id: number) => id === 42 }

it('a transaction is our own when the generation grew by one around it, whoever the kernel says it was', () => {
  const generations = createOwnGenerations(engine)
  expect(generations.note(7, 8)).toBe(true)
  expect(generations.isOwn(change(8, 1))).toBe(true)
  expect(generations.isOwn(change(9, 42))).toBe(false)
})

it('when somebody came between, the process decides which of the transactions was ours', () => {
  const generations = createOwnGenerations(engine)
  expect(generations.note(7, 9)).toBe(false)
  expect(generations.isOwn(change(8, 1))).toBe(false)
  expect(generations.isOwn(change(9, 42))).toBe(true)
})

it('goes over transactions that are known to be harmless, and stops at the first that is not', () => {
  const generations = createOwnGenerations(engine)
  generations.noteHarmless(8)
  generations.noteHarmless(9)
  expect(generations.skipHarmless(7, 9)).toBe(9)
  expect(generations.skipHarmless(7, 11)).toBe(9)
  expect(generations.skipHarmless(undefined, 9)).toBeUndefined()
})
