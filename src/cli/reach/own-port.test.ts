import { expect, test } from 'vitest'
import { takeOwnPort } from './own-port.ts'

test.each([
  ['-p 2222', '2222', ''],
  ['-p2222 uptime', '2222', 'uptime'],
  ['-4Np 2222 -L 8080:localhost:80', '2222', '-4N -L 8080:localhost:80'],
  ['-o BatchMode=yes -p 2222 -- ls -p 1', '2222', '-o BatchMode=yes -- ls -p 1'],
  ['-i -p uptime', undefined, '-i -p uptime'],
  ['ls -p 22', undefined, 'ls -p 22'],
  ['', undefined, ''],
  ['-p', '', ''],
])('of ssh’s own arguments «%s» the port is %s', (line, port, rest) => {
  const words = (text: string): string[] => text.split(' ').filter((word) => word !== '')
  expect(takeOwnPort('ssh', words(line))).toEqual({ port, rest: words(rest) })
})

test('of scp’s own the capital one is the port', () => {
  expect(takeOwnPort('scp', ['-rP', '2222', '-p', 'site', 'web1:/srv'])).toEqual({
    port: '2222',
    rest: ['-r', '-p', 'site', 'web1:/srv'],
  })
})
