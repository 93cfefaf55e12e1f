import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { HOUR, MINUTE, SECOND, type Instant } from '../../src/domain/time.ts'
import { openAzure, type AzureSide } from '../../src/drivers/azure/open-azure.ts'
import type { ArmDouble } from '../arm-double/arm-double.ts'
import { networkInterface, nsgId, securityGroup, virtualMachine, virtualNetwork, vmId } from '../arm-double/estate.ts'
import { inProcessClient } from '../arm-double/in-process-client.ts'
import { BRISK } from '../arm-double/pace.ts'
import { aDouble } from '../arm-double/running-double.ts'
import { aPortRule } from '../support/builders.ts'
import { aConnection } from './azure-ground.ts'
import { startAzureInstallation, type AzureInstallation } from './azure-installation.ts'
import { VirtualTime } from './virtual-time.ts'

let time: VirtualTime
let double: ArmDouble
let side: AzureSide
let installation: AzureInstallation
/** When Azure said "too many". */
let refused: Instant[]

beforeEach(() => {
  time = new VirtualTime()
  refused = []
  double = aDouble({ clock: time, pace: { ...BRISK, operation: () => 2 * SECOND }, tokenLife: 24 * HOUR })
  side = openAzure(
    { clock: time, log: { error: () => {}, warn: () => {}, info: () => {} } },
    { sleep: time.sleep, httpClient: { sendRequest } },
  )
})
afterEach(() => installation.stop())

async function sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
  time.stir()
  const answer = await inProcessClient(double).sendRequest(request)
  if (answer.status === 429) refused.push(time.now())
  time.stir()
  return answer
}

/** Everything is looked at once more shortly before the end, so that only the end is left to be seen to. */
const SHORTLY = 5 * MINUTE

/** `groupOf`: which security group stands before the machine of this number. */
async function aFleet(count: number, groupOf: (index: number) => string): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `vm-${index}`)
  double.place(virtualNetwork('net', [{ name: 'front', prefix: '10.0.0.0/8' }]))
  for (const group of new Set(names.map((_, index) => groupOf(index)))) double.place(securityGroup(group, []))
  for (const [index, name] of names.entries()) {
    const addresses = [{ privateIp: `10.0.${index >> 8}.${index & 255}` }]
    double.place(
      networkInterface({
        name: `${name}-nic`,
        subnet: ['net', 'front'],
        nsg: groupOf(index),
        addresses,
        machine: name,
      }),
    )
    double.place(virtualMachine({ name, nics: [`${name}-nic`] }))
  }
  const place = 'https://arm.example'
  const connection = aConnection({ url: place, ca: '-----BEGIN CERTIFICATE-----' })
  installation = await time.until(startAzureInstallation({ side, clock: time, connection }))
  return names.map((name) => vmId(name))
}

/** Opens all of them to one end; returns when that is. */
async function openAll(machines: readonly string[], sources: readonly string[]): Promise<Instant> {
  await time.until(installation.protect(machines.map((id) => ({ id, ports: [aPortRule({ max: 'P1D' })] }))))
  await time.until(installation.settle())
  const end = time.now() + 12 * HOUR
  const endTimeUtc = new Date(end).toISOString()
  for (const from of sources)
    for (let first = 0; first < machines.length; first += 100) {
      const virtualMachines = machines.slice(first, first + 100).map((id) => ({
        id,
        ports: [{ number: 22, endTimeUtc, allowedSourceAddressPrefix: from }],
      }))
      await time.until(installation.ask({ virtualMachines }))
    }
  await time.until(installation.settle())
  time.move(end - SHORTLY - time.now())
  await time.until(installation.settle(MINUTE))
  return end
}

function isOpen(nsg: string): boolean {
  return JSON.stringify(double.body(nsgId(nsg))).includes('created by an initiation request')
}

describe('when much ends at once', () => {
  it('a thousand machines with a security group each are shut by a thousand writes, within what Azure allows', async () => {
    const machines = await aFleet(1_000, (index) => `nsg-${index}`)
    const end = await openAll(machines, ['203.0.113.7'])
    expect(Array.from({ length: 1_000 }, (_, index) => isOpen(`nsg-${index}`))).not.toContain(false)
    double.forgetWrites()
    refused = []
    time.move(end - time.now())
    await time.until(installation.settle(MINUTE))
    expect(Array.from({ length: 1_000 }, (_, index) => isOpen(`nsg-${index}`))).not.toContain(true)
    expect(double.writes()).toBeLessThanOrEqual(1_100)
    expect(refused).toEqual([])
    // Four reads beside each write, of which Azure allows 250 at once and 25 a second.
    expect(time.now() - end).toBeLessThanOrEqual((4_000 - 250) * 40)
  }, 240_000)

  it('a thousand grants on one security group are shut by one write', async () => {
    const machines = await aFleet(50, () => 'shared')
    const sources = Array.from({ length: 18 }, (_, index) => `203.0.113.${index}`)
    const end = await openAll(machines, [...sources, ...sources.slice(0, 2)])
    expect(isOpen('shared')).toBe(true)
    double.forgetWrites()
    time.move(end - time.now())
    await time.until(installation.settle(MINUTE))
    expect([double.writes(nsgId('shared')), isOpen('shared')]).toEqual([1, false])
  }, 240_000)
})
