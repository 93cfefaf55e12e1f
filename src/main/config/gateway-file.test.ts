import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PointId } from '../../app/ports/inventory.ts'
import { machinesBehind, readGatewayFile } from './gateway-file.ts'

const installation = {
  subscriptionId: '11111111-2222-3333-4444-555555555555',
  resourceGroup: 'default',
  location: 'local',
}
const point = 'nftables:here' as PointId // any text names a point

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `sallyport-gateway-${process.pid}-`))
})
afterEach(() => rm(folder, { recursive: true }))

async function aFile(text: string): Promise<string> {
  const file = join(folder, 'gateway.yaml')
  await writeFile(file, text)
  return file
}

describe('the file of a gateway', () => {
  it('names machines, which are protected by this host from then on', async () => {
    const file = await aFile(`
publicAddresses: [198.51.100.1, { address: 203.0.113.9, seenAs: 10.0.0.4 }]
mappedPorts: 41000-41999
snat: true
machines:
  - { name: db1, addresses: [10.1.0.2, fd00:1::2] }
  - { name: ad1, addresses: [10.1.0.3], os: Windows }
`)
    const opened = await readGatewayFile(file, installation)
    expect(opened.gateway).toMatchObject({ mappedPorts: { from: 41_000, to: 41_999 }, snat: true })
    expect(opened.gateway.publicAddresses.map(({ told }) => told)).toEqual(['198.51.100.1', '203.0.113.9'])
    expect(machinesBehind(opened, { installation, point })).toMatchObject([
      { name: 'db1', os: 'Linux', privateAddresses: ['10.1.0.2', 'fd00:1::2'], points: [point] },
      { name: 'ad1', os: 'Windows', privateAddresses: ['10.1.0.3'], points: [point] },
    ])
  })

  it('needs no more than machines', async () => {
    const { gateway } = await readGatewayFile(
      await aFile('machines: [{ name: db1, addresses: [10.1.0.2] }]'),
      installation,
    )
    expect(gateway).toMatchObject({ publicAddresses: [], mappedPorts: { from: 40_000, to: 49_999 }, snat: false })
  })

  it.each([
    ['machines: []', /gateway.yaml does not describe a gateway:\n {2}machines: /],
    ['machines: [{ name: db1, adresses: [10.1.0.2] }]', /machines\.0/],
    ['machines: [{ name: "a/b", addresses: [10.1.0.2] }]', /'a\/b' is no name for a machine/],
    ['machines: [{ name: db1, addresses: [10.1.0.0/24] }]', /expected one address, got the prefix/],
    ['{', /cannot be read as YAML or JSON/],
  ])('is refused whole when it has a mistake: %s', async (text, why) => {
    await expect(readGatewayFile(await aFile(text), installation)).rejects.toThrow(why)
  })
})
