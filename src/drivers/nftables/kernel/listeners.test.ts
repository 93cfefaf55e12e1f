import { expect, it } from 'vitest'
import { parseListeners } from './listeners.ts'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const line = (local: string, state: string): string =>
  `${HEAD}   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 1\n`
const tcp4 = { protocol: 'TCP', state: '0A', families: [4] } as const
const tcp6 = { protocol: 'TCP', state: '0A', families: [4, 6] } as const

it.each([
  ['any IPv4 address', line('00000000:0016', '0A'), tcp4, [{ protocol: 'TCP', port: 22, families: [4] }]],
  ['one IPv4 address', line('0100000A:0D3D', '0A'), tcp4, [{ protocol: 'TCP', port: 3389, families: [4] }]],
  ['any address at all', line(`${'0'.repeat(32)}:0016`, '0A'), tcp6, [{ protocol: 'TCP', port: 22, families: [4, 6] }]],
  [
    'one IPv6 address',
    line('B80D01200000000000000000010000AA:0016', '0A'),
    tcp6,
    [{ protocol: 'TCP', port: 22, families: [6] }],
  ],
  [
    'one IPv4 address, through IPv6',
    line('0000000000000000FFFF00000100000A:0016', '0A'),
    tcp6,
    [{ protocol: 'TCP', port: 22, families: [4] }],
  ],
  ['loopback', line('0100007F:0016', '0A'), tcp4, []],
  ['another loopback address', line('3500007F:0035', '0A'), tcp4, []],
  ['IPv6 loopback', line('00000000000000000000000001000000:0016', '0A'), tcp6, []],
  ['nothing: it is a connection', line('00000000:0016', '01'), tcp4, []],
])('what listens on %s', (_title, text, kind, expected) => {
  expect(parseListeners(text, kind)).toEqual(expected)
})
