import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeAccess } from '../../src/app/requests/close-access.ts'
import { extendAccess } from '../../src/app/requests/extend-access.ts'
import type { DriftMode } from '../../src/domain/clouds/connection.ts'
import type { RequestId } from '../../src/domain/access/grant.ts'
import { MINUTE } from '../../src/domain/time.ts'
import type { Rule } from '../arm-double/estate.ts'
import { networkInterface, nsgId, securityGroup, virtualMachine, virtualNetwork, vmId } from '../arm-double/estate.ts'
import type { Json } from '../arm-double/wire.ts'
import { aPortRule, valueOf } from '../support/builders.ts'
import { ALICE } from '../support/installation.ts'
import { startAzure, type AzureGround } from './azure-ground.ts'
import { startAzureInstallation, type AzureInstallation } from './azure-installation.ts'

const NSG = nsgId('web-nsg')
const SSH: Rule = { name: 'ssh', priority: 1000 }

let ground: AzureGround
let installation: AzureInstallation

beforeEach(async () => {
  ground = await startAzure()
  const { double } = ground
  double.place(securityGroup('web-nsg', [SSH]))
  double.place(virtualNetwork('net', [{ name: 'front', prefix: '10.0.0.0/24' }]))
  double.place(
    networkInterface({
      name: 'nic',
      subnet: ['net', 'front'],
      nsg: 'web-nsg',
      addresses: [{ privateIp: '10.0.0.4' }],
      machine: 'web',
    }),
  )
  double.place(virtualMachine({ name: 'web', nics: ['nic'] }))
})
afterEach(async () => {
  await installation.stop()
  await ground.stop()
})

async function openWeb(drift: DriftMode = 'repair'): Promise<RequestId> {
  const settings = { ...ground.connection.settings, drift }
  installation = await startAzureInstallation({ ...ground, connection: { ...ground.connection, settings } })
  await installation.protect([{ id: vmId('web'), ports: [aPortRule({ port: 22 })] }])
  const { id } = await installation.ask({
    virtualMachines: [
      { id: vmId('web'), ports: [{ number: 22, duration: 'PT1H', allowedSourceAddressPrefix: '192.0.2.1' }] },
    ],
  })
  await installation.settle()
  return id
}

type Rules = readonly Json[]

function rules(): Rules {
  const properties = ground.double.body(NSG)?.['properties'] as { readonly securityRules: Rules } // as the double renders it
  return properties.securityRules.map((rule) => ({ ...rule, etag: '' }))
}

function change(edit: (rules: Rules) => Rules): void {
  ground.double.edit(NSG, (properties) => ({ ...properties, securityRules: edit(rules()) }))
}

function namesOfOurs(): Set<string> {
  return new Set(rules().flatMap((rule) => (isOurs(rule) ? [String(rule['name'])] : [])))
}

const isOurs = ({ name }: Json): boolean => String(name).includes('JITRule')

/** The next time that a security group is looked at although nothing ends. */
async function heartbeat(): Promise<void> {
  ground.clock.move(10 * MINUTE)
  await installation.settle()
}

async function told(): Promise<string[]> {
  const events = await installation.app.store.reads.audit({}, { limit: 100 })
  return events.flatMap(({ action }) => (action.startsWith('point.') ? [action] : []))
}

describe('when somebody changes our rules in Azure', () => {
  it.each<[string, (rules: Rules) => Rules]>([
    [
      'edits one',
      (all) =>
        all.map((rule) =>
          isOurs(rule) ? { ...rule, properties: { ...(rule['properties'] as Json), sourceAddressPrefix: '*' } } : rule,
        ),
    ],
    ['deletes one', (all) => all.filter((rule) => !isOurs(rule) || String(rule['name']).includes('JITRule-'))],
    [
      'applies the template again, which wipes them',
      () => [securityGroup('x', [SSH]).properties['securityRules']].flat() as Rules,
    ],
    [
      'allows everybody above them',
      (all) => [
        ...all,
        ...([securityGroup('x', [{ name: 'quick-fix', priority: 200 }]).properties['securityRules']].flat() as Rules),
      ],
    ],
  ])('who %s, it is noticed at the heartbeat, told, and put right', async (_what, edit) => {
    await openWeb()
    const before = namesOfOurs()
    change(edit)
    await heartbeat()
    expect(await told()).toEqual(['point.drifted', 'point.repaired'])
    expect(namesOfOurs()).toEqual(before)
  })

  it('they are only told of where the connection says so, and what ends is closed all the same', async () => {
    await openWeb('report')
    change((all) => all.filter((rule) => !isOurs(rule) || String(rule['name']).includes('JITRule-')))
    await heartbeat()
    await heartbeat()
    expect(await told()).toEqual(['point.drifted'])
    expect(rules().filter(isOurs)).toHaveLength(1)
    ground.clock.move(60 * MINUTE)
    await installation.settle()
    expect(rules().some(({ name }) => String(name).includes('JITRule-'))).toBe(false)
  })

  it('and somebody asks for access, they are put right with the same write', async () => {
    await openWeb()
    change((all) => all.filter((rule) => !String(rule['name']).includes('JITRule_')))
    await installation.ask({
      virtualMachines: [
        { id: vmId('web'), ports: [{ number: 22, duration: 'PT1H', allowedSourceAddressPrefix: '192.0.2.2' }] },
      ],
    })
    expect(rules().filter(isOurs)).toHaveLength(3)
    expect(await told()).toEqual(['point.drifted', 'point.repaired'])
  })

  const ways: readonly (readonly [string, (request: RequestId) => Promise<unknown>, number])[] = [
    ['access ends', () => end(), 0],
    [
      'somebody closes it early',
      async (request) => valueOf(await closeAccess(installation.app, { request, caller: ALICE })),
      0,
    ],
    [
      'somebody extends it',
      async (request) =>
        valueOf(await extendAccess(installation.app, { request, caller: ALICE, asked: { duration: 'PT2H' } })),
      1,
    ],
  ]

  async function end(): Promise<void> {
    ground.clock.move(60 * MINUTE)
    await installation.settle()
  }

  const openings = (): number => rules().filter(({ name }) => String(name).includes('JITRule-')).length

  it.each(ways)('and %s, they are put right with the same write, and told', async (_what, act, left) => {
    const request = await openWeb()
    change((all) => all.filter((rule) => !String(rule['name']).includes('JITRule_')))
    await act(request)
    await installation.settle()
    expect(rules().filter(isOurs)).toHaveLength(1 + left)
    expect(openings()).toBe(left)
    expect(await told()).toEqual(['point.drifted', 'point.repaired'])
  })

  it.each(ways)('nothing is told when nobody changed anything and %s', async (_what, act, left) => {
    const request = await openWeb()
    await act(request)
    await installation.settle()
    expect(openings()).toBe(left)
    expect(await told()).toEqual([])
  })

  it('nothing is told when nobody changed anything and somebody asks for access', async () => {
    await openWeb()
    await installation.ask({
      virtualMachines: [
        { id: vmId('web'), ports: [{ number: 22, duration: 'PT1H', allowedSourceAddressPrefix: '192.0.2.2' }] },
      ],
    })
    expect(rules().filter(isOurs)).toHaveLength(3)
    expect(await told()).toEqual([])
  })
})
