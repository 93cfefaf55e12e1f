import { expect, it } from 'vitest'
import { managedKey } from '../element.ts'
import { cutConnections } from './own-connection.ts'
import { parseSessions } from '../kernel/sessions.ts'

const sessions = parseSessions(
  '0 0 192.0.2.1:22 203.0.113.7:50514\n0 0 192.0.2.1:443 203.0.113.7:50515\n0 0 127.0.0.1:22 127.0.0.1:9\n',
)
const ports = [{ number: 22, protocol: 'TCP' as const }]
const nothing = new Set<never>()

it('a person is not shut out of the shell in which the command was typed, even through another server', () => {
  const caller = { name: 'me', address: '198.51.100.1', shell: { address: '203.0.113.7', port: 50_514 } }
  expect(cutConnections({ ports, caller, sessions, managed: nothing }).map(({ code }) => code)).toEqual([
    'WouldCutYourOwnConnection',
  ])
  const elsewhere = { ...caller, shell: { address: '203.0.113.7', port: 1 } }
  expect(cutConnections({ ports, caller: elsewhere, sessions, managed: nothing })).toEqual([])
})

it('an address written another way is the same address', () => {
  const caller = { name: 'me', address: '::ffff:203.0.113.7' }
  expect(cutConnections({ ports, caller, sessions, managed: nothing })).toHaveLength(1)
})

it('nothing is refused for loopback, for UDP, or for a port that is protected already', () => {
  const caller = { name: 'me', address: '203.0.113.7' }
  expect(cutConnections({ ports, caller: { name: 'me', address: '127.0.0.1' }, sessions, managed: nothing })).toEqual(
    [],
  )
  expect(cutConnections({ ports: [{ number: 22, protocol: 'UDP' }], caller, sessions, managed: nothing })).toEqual([])
  expect(cutConnections({ ports, caller, sessions, managed: new Set([managedKey(6, 22)]) })).toEqual([])
})
