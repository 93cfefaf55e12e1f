import { expect, test } from 'vitest'
import { hostKeyOptions } from './host-key.ts'

test('ssh knows a machine by its id where its port is a firewall’s, and by its address elsewhere', () => {
  const machine = { id: '/Machines/Web1' }
  expect(hostKeyOptions({ address: '203.0.113.7', port: 22 }, 22, machine)).toEqual([])
  const alias = ['-o', 'HostKeyAlias=/machines/web1']
  expect(hostKeyOptions({ address: '198.51.100.1', port: 50_022 }, 22, machine)).toEqual(alias)
})
