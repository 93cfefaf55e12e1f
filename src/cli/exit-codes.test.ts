import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { EXIT, EXIT_MEANINGS, exitCodesHelp } from './exit-codes.ts'

test('the documentation lists exactly the exit codes that there are, with their meanings', async () => {
  const page = await readFile(new URL('../../docs/reference/exit-codes.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\|\s*(\d+)\s*\|\s*(.*?)\s*\|$/gm)].map(([, code, meaning]) => [
    Number(code),
    meaning,
  ])
  expect(rows).toEqual(EXIT_MEANINGS.map(({ code, meaning }) => [code, meaning]))
})

test('every exit code has a meaning, and the help says it', () => {
  expect(new Set(EXIT_MEANINGS.map(({ code }) => code))).toEqual(new Set(Object.values(EXIT)))
  for (const { meaning } of EXIT_MEANINGS) expect(exitCodesHelp()).toContain(meaning)
})
