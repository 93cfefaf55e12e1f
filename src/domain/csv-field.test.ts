import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { csvField } from './csv-field.ts'

/** As RFC 4180 §2 reads one field. */
function readBack(field: string): string {
  return field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field
}

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r1', '\n1', ' =1', '＝1', '=cmd|" /C calc"!A0'])(
  'a spreadsheet does not run the cell %j',
  (text) => {
    expect(readBack(csvField(text))).toBe(`'${text}`)
  },
)

it.each([
  ['ticket 1;=1+1;', "ticket 1;'=1+1;"],
  ['ticket 1\r\n=1+1', "ticket 1\r\n'=1+1"],
  ['\n=1+1', "'\n'=1+1"],
  ['ticket 1;" =1+1', 'ticket 1;\'" =1+1'],
  ['{"justification":"a;@SUM(A1)"}', '{"justification":"a;\'@SUM(A1)"}'],
])('a spreadsheet for which cells end at semicolons does not run a part of the cell %j', (text, harmless) => {
  expect(readBack(csvField(text))).toBe(harmless)
})

it('a field is read back as it was, with commas, quotes and line ends in it', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', ';', '"', '\r', '\n', '=', ' ', 'ü') })
  fc.assert(
    fc.property(text, (written) => {
      const field = csvField(written)
      const isQuoted = field.startsWith('"')
      expect(isQuoted || !/[",\r\n]/.test(field)).toBe(true)
      expect(isQuoted ? /^"(?:[^"]|"")*"$/.test(field) : true).toBe(true)
      expect(readBack(field).replaceAll("'", '')).toBe(written)
    }),
  )
})
