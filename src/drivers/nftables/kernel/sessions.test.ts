import { describe, expect, it } from 'vitest'
import { formatIpPrefix } from '../../../domain/net.ts'
import { isLoopback, parseSessions } from './sessions.ts'

describe('the connections that ss tells of', () => {
  it.each([
    ['0 0 10.77.1.1:22 10.77.1.2:50514', '10.77.1.1', 22, '10.77.1.2', 50_514],
    ['0      36     192.0.2.1:22            198.51.100.7:1  ', '192.0.2.1', 22, '198.51.100.7', 1],
    ['0 0 [2001:db8::1]:22 [2001:db8::2]:65535', '2001:db8::1', 22, '2001:db8::2', 65_535],
    ['0 0 [::ffff:192.0.2.1]:22 [::ffff:192.0.2.9]:4000', '192.0.2.1', 22, '192.0.2.9', 4000],
    ['0 0 [fe80::1%eth0]:22 [fe80::2]%eth0:4000', 'fe80::1', 22, 'fe80::2', 4000],
    ['0 0 192.0.2.1%eth0:22 192.0.2.2:1', '192.0.2.1', 22, '192.0.2.2', 1],
  ])('are read: %s', (line, local, localPort, peer, peerPort) => {
    const [session] = parseSessions(`${line}\n`)
    expect(session && { ...session, local: formatIpPrefix(session.local), peer: formatIpPrefix(session.peer) }).toEqual(
      {
        local,
        localPort,
        peer,
        peerPort,
      },
    )
  })

  it.each([
    '0 0 10.0.0.1:22',
    '0 0 10.0.0.1:ssh 10.0.0.2:1',
    '0 0 10.0.0.300:22 10.0.0.2:1',
    'x 0 10.0.0.1:22 10.0.0.2:1',
    '0 0 10.0.0.1:22 10.0.0.2:70000',
    '0 0 *:22 10.0.0.2:1',
  ])('are an error when they cannot be read, never left out: %s', (line) => {
    expect(() => parseSessions(line)).toThrow(/expected a connection from 'ss/)
  })

  it('are none when ss says nothing', () => {
    expect(parseSessions('\n')).toEqual([])
  })

  it('know loopback, which is never guarded', () => {
    const lines = [
      '0 0 127.0.0.1:22 127.0.0.1:4',
      '0 0 [::1]:22 [::1]:4',
      '0 0 127.9.9.9:22 127.0.0.1:4',
      '0 0 10.0.0.1:22 10.0.0.1:4',
    ]
    expect(parseSessions(lines.join('\n')).map(isLoopback)).toEqual([true, true, true, false])
  })
})
