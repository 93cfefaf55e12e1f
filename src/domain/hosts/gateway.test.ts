import { describe, expect, it } from 'vitest'
import { MAPPED_PORTS, ofFamily, parseGateway, type GatewaySettings } from './gateway.ts'

const id = (name: string): string =>
  `/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/default/providers/Microsoft.HybridCompute/machines/${name}`

function settings(changes: Partial<GatewaySettings> = {}): GatewaySettings {
  return {
    publicAddresses: [{ address: '198.51.100.1' }, { address: '2001:db8::1' }],
    mappedPorts: MAPPED_PORTS,
    snat: false,
    machines: [
      { id: id('db1'), addresses: ['10.1.0.2', 'fd00:1::2'] },
      { id: id('db2'), addresses: ['10.1.0.3'] },
    ],
    ...changes,
  }
}

function refusalsOf(changes: Partial<GatewaySettings>): string[] {
  const parsed = parseGateway(settings(changes))
  return parsed.ok ? [] : parsed.refusals.map(({ message }) => message)
}

describe('the settings of a gateway', () => {
  it('name its public addresses and the machines behind it', () => {
    const parsed = parseGateway(settings())
    if (!parsed.ok) throw new Error(parsed.refusals.map(({ message }) => message).join())
    expect(parsed.value.publicAddresses.map(({ told }) => told)).toEqual(['198.51.100.1', '2001:db8::1'])
    const [first] = [...parsed.value.machines.values()]
    expect(ofFamily(first?.addresses ?? [], 4)).toHaveLength(1)
  })

  it('may say as what a public address is seen here, when another device translates it', () => {
    const parsed = parseGateway(settings({ publicAddresses: [{ address: '198.51.100.1', seenAs: '10.0.0.4' }] }))
    expect(parsed).toMatchObject({ ok: true, value: { publicAddresses: [{ told: '198.51.100.1' }] } })
    expect(refusalsOf({ publicAddresses: [{ address: '198.51.100.1', seenAs: 'fd00::1' }] })).toEqual([
      "198.51.100.1 is seen as 'fd00::1', which is of another family",
    ])
    expect(refusalsOf({ publicAddresses: [{ address: '198.51.100.1', seenAs: 'the-gateway' }] })).toEqual([
      expect.stringContaining('the-gateway'),
    ])
  })

  it('are refused with every mistake at once', () => {
    const messages = refusalsOf({
      publicAddresses: [{ address: 'gateway.example.org' }],
      mappedPorts: { from: 22, to: 40 },
      machines: [
        { id: 'db1', addresses: ['10.1.0.2'] },
        { id: id('db2'), addresses: [] },
        { id: id('db3'), addresses: ['10.1.0.0/24'] },
      ],
    })
    expect(messages).toHaveLength(5)
    expect(messages.join('\n')).toMatch(/range from 1024 up/)
    expect(messages.join('\n')).toMatch(/has no address/)
    expect(messages.join('\n')).toMatch(/got the prefix '10.1.0.0\/24'/)
  })

  it('give one address to one machine, and a machine once', () => {
    expect(
      refusalsOf({
        machines: [
          { id: id('db1'), addresses: ['10.1.0.2', '198.51.100.1'] },
          { id: id('db2'), addresses: ['10.1.0.2'] },
          { id: id('DB1'), addresses: ['10.1.0.9'] },
        ],
      }),
    ).toEqual([
      `198.51.100.1 is written for the public address 198.51.100.1 and for ${id('db1')}: give it to one`,
      `10.1.0.2 is written for ${id('db1')} and for ${id('db2')}: give it to one`,
      `${id('DB1')} is written twice; write a machine once, with all its addresses`,
    ])
  })
})
