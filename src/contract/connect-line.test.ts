import { describe, expect, it } from 'vitest'
import { connectLine } from './connect-line.ts'

const machine = { name: 'web', publicAddresses: ['203.0.113.7'], privateAddresses: ['10.0.0.4'] }

describe('the line to connect by', () => {
  it('goes to the machine, by its public address if it has one', () => {
    expect(connectLine(machine, { port: 22 })).toBe('ssh user@203.0.113.7')
    expect(connectLine(machine, { port: 22, user: 'ada' })).toBe('ssh ada@203.0.113.7')
    expect(connectLine({ ...machine, publicAddresses: [] }, { port: 22 })).toBe('ssh user@10.0.0.4')
    expect(connectLine({ name: 'web', publicAddresses: [], privateAddresses: [] }, { port: 8080 })).toBe('web:8080')
  })

  it('goes through the firewall before it where there is one, to the port there', () => {
    const reach = { publicIpAddress: '198.51.100.1', mappedPort: 50_022 }
    expect(connectLine(machine, { port: 22, ...reach })).toBe('ssh -p 50022 user@198.51.100.1')
    expect(connectLine(machine, { port: 3389, ...reach })).toBe('mstsc /v:198.51.100.1:50022')
    expect(connectLine(machine, { port: 8080, ...reach })).toBe('198.51.100.1:50022')
  })

  it('names a port of PowerShell only where it is not the usual one, and TLS where that is the port of TLS', () => {
    expect(connectLine(machine, { port: 5985 })).toBe('Enter-PSSession 203.0.113.7')
    expect(connectLine(machine, { port: 5986 })).toBe('Enter-PSSession 203.0.113.7 -UseSSL')
    const reach = { publicIpAddress: '198.51.100.1', mappedPort: 50_022 }
    expect(connectLine(machine, { port: 5985, ...reach })).toBe('Enter-PSSession 198.51.100.1 -Port 50022')
    expect(connectLine(machine, { port: 5986, ...reach })).toBe('Enter-PSSession 198.51.100.1 -Port 50022 -UseSSL')
  })

  it('brackets an IPv6 address where a port follows it', () => {
    const six = { name: 'web', publicAddresses: ['2001:db8::7'], privateAddresses: [] }
    expect(connectLine(six, { port: 22 })).toBe('ssh user@2001:db8::7')
    expect(connectLine(six, { port: 3389 })).toBe('mstsc /v:2001:db8::7')
    expect(connectLine(six, { port: 3389, mappedPort: 50_022 })).toBe('mstsc /v:[2001:db8::7]:50022')
    expect(connectLine(six, { port: 5432 })).toBe('[2001:db8::7]:5432')
  })
})
