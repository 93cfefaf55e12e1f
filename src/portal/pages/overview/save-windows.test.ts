import { expect, it } from 'vitest'
import { csvOf } from './save-windows.ts'

it('windows are saved in the order of their beginning, in UTC, with nothing that a spreadsheet would run', () => {
  const window = {
    id: 'g',
    request: 'r',
    machine: '/m',
    port: '22/TCP (SSH)',
    sources: ['10.0.0.1', '::1'],
    look: 'over' as const,
  }
  const early = { ...window, who: 'ada', justification: '=cmd()', from: 0, to: 60_000 }
  const late = { ...window, who: 'bob', justification: 'a, b', from: 1_000, to: 2_000 }
  expect(csvOf([late, early]).split('\r\n')).toEqual([
    'machine,port,who,sources,from,until,state,justification,request',
    `/m,22/TCP (SSH),ada,10.0.0.1 ::1,1970-01-01T00:00:00.000Z,1970-01-01T00:01:00.000Z,closed,"'=cmd()",r`,
    '/m,22/TCP (SSH),bob,10.0.0.1 ::1,1970-01-01T00:00:01.000Z,1970-01-01T00:00:02.000Z,closed,"a, b",r',
    '',
  ])
})
