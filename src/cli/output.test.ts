import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { print, type Column, type Format } from './output.ts'

interface Row {
  readonly name: string
  readonly why: string
}

const ROWS: readonly Row[] = [
  { name: 'web1', why: 'ticket 7' },
  { name: 'a-longer-name', why: 'tab\there\nand a line' },
]
const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', text: ({ name }) => name, colour: () => 'green' },
  { title: 'WHY', text: ({ why }) => why },
]

interface Look {
  readonly isTerminal?: boolean
  readonly env?: Record<string, string>
  readonly rows?: readonly Row[]
}

async function printed(format: Format, { isTerminal = false, env = {}, rows = ROWS }: Look = {}): Promise<string> {
  let out = ''
  const stdout = { isTerminal, write: (text: string) => void (out += text) }
  const view = { utc: true, timeZone: undefined }
  await print({ io: { stdout, env }, format, view, data: rows, rows, columns: COLUMNS })
  return out
}

test('a table has aligned columns and no trailing spaces', async () => {
  expect(await printed('table')).toBe(
    'NAME           WHY\nweb1           ticket 7\na-longer-name  tab here and a line\n',
  )
})

test('JSON and YAML are the objects of the API', async () => {
  expect(JSON.parse(await printed('json'))).toEqual(ROWS)
  expect(parse(await printed('yaml'))).toEqual(ROWS)
})

test('a line of TSV is always one row, whatever its texts contain', async () => {
  expect(await printed('tsv')).toBe('web1\tticket 7\na-longer-name\ttab\\there\\nand a line\n')
})

test('an empty list prints no table, and an empty JSON list', async () => {
  expect(await printed('table', { rows: [] })).toBe('')
  expect(await printed('json', { rows: [] })).toBe('[]\n')
})

test('colours appear on a terminal only, and never with NO_COLOR or on a dumb one', async () => {
  expect(await printed('table', { isTerminal: true })).toContain('\u001b[32m')
  const without = [{}, { isTerminal: true, env: { NO_COLOR: '1' } }, { isTerminal: true, env: { TERM: 'dumb' } }]
  for (const look of without) expect(await printed('table', look)).not.toContain('\u001b')
})

test('text from elsewhere cannot steer the terminal', async () => {
  const out = await printed('table', { rows: [{ name: 'x', why: '\u001b]0;owned\u0007 \u202Eabc' }] })
  expect(out).not.toMatch(/[\u001b\u0007\u202e]/)
})
