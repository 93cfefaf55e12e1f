import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { jsonLine } from './json-text.ts'
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
  readonly columns?: number
  readonly query?: string
  readonly env?: Record<string, string>
  readonly rows?: readonly Row[]
}

async function printed(
  format: Format,
  { isTerminal = false, env = {}, rows = ROWS, columns: room, query }: Look = {},
): Promise<string> {
  let out = ''
  const stdout = { isTerminal, columns: room, write: (text: string) => void (out += text) }
  const view = { utc: true, timeZone: undefined }
  await print({ io: { stdout, env }, format, query, view, data: rows, rows, columns: COLUMNS })
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

test('the coloured JSON of a terminal is the same JSON when the colours are taken away', async () => {
  const rows = [{ name: 'a "quoted": null', why: 'true 12' }]
  const coloured = await printed('jsonc', { isTerminal: true, rows })
  expect(coloured).toContain('\u001b[34m"name"')
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(await printed('json', { rows }))
  expect(await printed('jsonc')).toBe(await printed('json'))
})

test('nothing is printed when nothing is wanted', async () => {
  expect(await printed('none')).toBe('')
})

test('a query prints the part that it leaves, in every format', async () => {
  const query = "[?name=='web1'].{machine: name, reason: why}"
  expect(JSON.parse(await printed('json', { query }))).toEqual([{ machine: 'web1', reason: 'ticket 7' }])
  expect(await printed('table', { query })).toBe('MACHINE  REASON\nweb1     ticket 7\n')
  expect(await printed('tsv', { query: '[?name==`web1`].why' })).toBe('ticket 7\n')
  expect(await printed('tsv', { query: '[].name' })).toBe('web1\na-longer-name\n')
  expect(await printed('tsv', { query: 'length(@)' })).toBe('2\n')
  expect(await printed('tsv', { query: '[].[name, length(name)]' })).toBe('web1\t4\na-longer-name\t13\n')
  expect(await printed('table', { query: '[9]' })).toBe('')
})

test('characters that take two cells are counted as two', async () => {
  const out = await printed('table', {
    rows: [
      { name: '服务器', why: 'x' },
      { name: 'web1', why: 'y' },
    ],
  })
  expect(out).toBe('NAME    WHY\n服务器  x\nweb1    y\n')
})

test('a table fits the terminal, and loses no word of a sentence', async () => {
  const why = 'because the disk of the database was full again'
  const out = await printed('table', {
    isTerminal: true,
    columns: 30,
    env: { NO_COLOR: '1' },
    rows: [{ name: 'web1', why }],
  })
  expect(out.split('\n').filter((line) => line.length > 30)).toEqual([])
  expect(out.replaceAll(/\s+/g, ' ')).toContain(why)
})

test('on a narrow terminal ids are the first to go, and never in a pipe', async () => {
  const wide = 'a-name-of-twenty-five-cells'
  const rows = [{ name: wide, why: '/subscriptions/20ff7fc3-e762/resourceGroups/mainWS/virtualMachines/web1' }]
  expect(await printed('table', { columns: 20, rows })).toBe('NAME\na-name-of-twe…-cells\n')
  expect(await printed('table', { rows })).toContain('/subscriptions/20ff7fc3-e762')
})

test('an id that does not fit keeps its end', async () => {
  const rows = [{ name: '/subscriptions/20ff7fc3-e762/resourceGroups/mainWS/virtualMachines/web1', why: 'x' }]
  expect(await printed('table', { columns: 30, rows })).toMatch(/^…\S*irtualMachines\/web1 {2}x$/m)
})

test('a name that does not fit keeps its beginning and its end, and the id of a request the beginning that is typed', async () => {
  const rows = [
    { name: 'web-frontend-production-01', why: '01a20218-9d00-7046-b189-85457dd56156' },
    { name: '服务器服务器服务器服务器-02', why: 'x' },
  ]
  expect(await printed('table', { columns: 32, rows })).toBe(
    'NAME             WHY\nweb-fronte…n-01  01a20218-9d00-…\n服务器服务…-02   x\n',
  )
})

test('text from elsewhere cannot steer the terminal', async () => {
  const out = await printed('table', { rows: [{ name: 'x', why: '\u001b]0;owned\u0007 \u202Eabc' }] })
  expect(out).not.toMatch(/[\u001b\u0007\u202e]/)
})

test('JSON cannot steer it either, and is the same JSON', async () => {
  const rows = [{ name: 'x', why: '\u009b2J \u202Eabc' }]
  const out = await printed('json', { rows })
  expect(out).not.toMatch(/[\u009b\u202e]/)
  expect(JSON.parse(out)).toEqual(rows)
})

test('what somebody wrote cannot take over a terminal in any format, and in a pipe it is as it was written', async () => {
  const why = 'red \u001b[31m, right to left \u202e, 8-bit \u009b31m'
  const rows = [{ name: 'web1', why }]
  for (const format of ['table', 'json', 'jsonc', 'yaml', 'tsv'] as const) {
    const seen = await printed(format, { isTerminal: true, env: { NO_COLOR: '1' }, rows })
    expect([format, /[\u001b\u009b\u202e]/.test(seen)]).toEqual([format, false])
  }
  expect(JSON.parse(jsonLine({ why }))).toEqual({ why })
  expect(jsonLine({ why })).not.toMatch(/[\u001b\u009b\u202e]/)
  expect(await printed('tsv', { rows })).toBe(`web1\t${why}\n`)
  expect(parse(await printed('yaml', { rows }))).toEqual(rows)
})
