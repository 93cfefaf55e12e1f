import { expect, test } from 'vitest'
import { confirm, type Asking } from './confirm.ts'

function at(stdin: boolean, stderr: boolean, answer?: string): Asking & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    stderr: { isTerminal: stderr },
    stdin: {
      isTerminal: stdin,
      ask: async (question) => {
        asked.push(question)
        return answer
      },
    },
  }
}

test('a person is asked, and only yes is yes', async () => {
  await confirm(at(true, true, 'Yes'), 'Remove it?')
  for (const answer of ['n', '', 'yup', undefined])
    await expect(confirm(at(true, true, answer), 'Remove it?')).rejects.toThrow('nothing was changed')
})

test('a script is not asked: its line is the decision', async () => {
  const script = at(false, false)
  await confirm(script, 'Remove it?')
  expect(script.asked).toEqual([])
})

test('a person who cannot read the question has not said yes', async () => {
  const person = at(true, false, 'y')
  await expect(confirm(person, 'Remove it?')).rejects.toMatchObject({
    exit: 2,
    remedy: expect.stringContaining('--yes'),
  })
  expect(person.asked).toEqual([])
})
