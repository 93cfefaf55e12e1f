import { expect, test } from 'vitest'
import { tableText } from './table.ts'

const titles = ['NAME', 'PROTECTED', 'OPEN NOW', 'POLICIES']
const cells = (...texts: string[]) => texts.map((text) => ({ text }))
const rows = [
  cells('web1', '22/TCP, 3389/TCP', '', 'default'),
  cells('a-very-long-machine-name', 'cannot be: it stands behind nothing', '', 'default'),
]

test('a table is as wide as it is where lines have no end, and never wider than a terminal', () => {
  expect(tableText({ titles, rows, room: undefined })).toContain(
    'cannot be: it stands behind nothing  -         default',
  )
  for (const room of [120, 80, 60, 40, 30]) {
    const lines = tableText({ titles, rows, room }).split('\n')
    expect([room, lines.filter((line) => line.length > room)]).toEqual([room, []])
  }
})

test('where no table fits each row stands by itself, without what is empty in it', () => {
  expect(tableText({ titles, rows, room: 36 })).toBe(`NAME       web1
PROTECTED  22/TCP, 3389/TCP
POLICIES   default

NAME       a-very-long-machine-name
PROTECTED  cannot be: it stands
           behind nothing
POLICIES   default
`)
})
