import { expect, it } from 'vitest'
import { managedKey } from '../element.ts'
import { cutConnections } from './own-connection.ts'
import { parseSessions } from '../kernel/sessions.ts'
import { resourceKey } from '../../../domain/resource-id.ts'
import { aMachineId } from '../../../../test/support/builders.ts'

const sessions = parseSessions(
  '0 0 192.0.2.1:22 203.0.113.7:50514\n0 0 192.0.2.1:443 203.0.113.7:50515\n0 0 127.0.0.1:22 127.0.0.1:9\n',
)
const ports = [{ number: 22, protocol: 'TCP' as const }]
const machine = resourceKey(aMachineId('web1'))
const nothing = new Set<never>()

it('a person is not shut out of the shell in which the command was typed, even through another server', () => {
  const caller = { address: '198.51.100.1', shell: { address: '203.0.113.7', port: 50_514 } }
  expect(cutConnections({ machine, ports, caller, sessions, managed: nothing }).map(({ code }) => code)).toEqual([
    'WouldCutYourOwnConnection',
  ])
  const elsewhere = { ...caller, shell: { address: '203.0.113.7', port: 1 } }
  expect(cutConnections({ machine, ports, caller: elsewhere, sessions, managed: nothing })).toEqual([])
})

it('an address written another way is the same address', () => {
  const caller = { address: '::ffff:203.0.113.7' }
  expect(cutConnections({ machine, ports, caller, sessions, managed: nothing })).toHaveLength(1)
})

it('nothing is refused for loopback, for UDP, or for a port that is protected already', () => {
  const caller = { address: '203.0.113.7' }
  expect(cutConnections({ machine, ports, caller: { address: '127.0.0.1' }, sessions, managed: nothing })).toEqual([])
  expect(
    cutConnections({ machine, ports: [{ number: 22, protocol: 'UDP' }], caller, sessions, managed: nothing }),
  ).toEqual([])
  expect(cutConnections({ machine, ports, caller, sessions, managed: new Set([managedKey(6, 22)]) })).toEqual([])
})

it('is told once of each port, however many connections a person has there', () => {
  const many = parseSessions('0 0 192.0.2.1:22 203.0.113.7:50514\n0 0 192.0.2.1:22 203.0.113.7:50515\n')
  const refusals = cutConnections({
    machine,
    ports,
    caller: { address: '203.0.113.7' },
    sessions: many,
    managed: nothing,
  })
  expect(refusals.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^port 22 of web1 carries your own live connection from 203\.0\.113\.7, port 50514; /),
  ])
})
