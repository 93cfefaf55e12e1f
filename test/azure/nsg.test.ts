import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Snapshot } from '../../src/app/ports/clouds.ts'
import type { Driver, JournalEntry, Plan } from '../../src/app/ports/driver.ts'
import type { Desired } from '../../src/domain/access/desired.ts'
import { holesFrom } from '../../src/domain/access/hole.ts'
import { parseResourceId, resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import { HOUR } from '../../src/domain/time.ts'
import {
  asgId,
  networkInterface,
  nsgId,
  publicAddress,
  resourceAt,
  securityGroup,
  virtualMachine,
  virtualNetwork,
  vmId,
} from '../arm-double/estate.ts'
import { BRISK } from '../arm-double/pace.ts'
import { anOpening, NOON, valueOf } from '../support/builders.ts'
import { pointOfNsg, startAzure, type AzureGround } from './azure-ground.ts'

const NSG = nsgId('web-nsg')
const SUBNET_NSG = nsgId('front-nsg')
const WEB: ResourceId = valueOf(parseResourceId(vmId('web')))
const never = new AbortController().signal
const SSH = { name: 'allow-ssh', priority: 1000 }

let azure: AzureGround
let snapshot: Snapshot

beforeEach(async () => {
  azure = await startAzure()
  const { double } = azure
  double.place(securityGroup('web-nsg', [SSH]))
  double.place(securityGroup('front-nsg', []))
  double.place({ id: asgId('web'), location: 'westeurope', properties: {} })
  double.place(
    virtualNetwork('net', [
      { name: 'front', prefix: '10.0.0.0/24', nsg: 'front-nsg' },
      { name: 'back', prefix: '10.0.1.0/24' },
    ]),
  )
  double.place(publicAddress('web-ip', '198.51.100.20'))
  double.place(
    networkInterface({
      name: 'web-nic',
      subnet: ['net', 'front'],
      nsg: 'web-nsg',
      addresses: [{ privateIp: '10.0.0.4', publicIp: 'web-ip', asgs: ['web'] }, { privateIp: 'fd00::4' }],
      machine: 'web',
    }),
  )
  double.place(virtualMachine({ name: 'web', nics: ['web-nic'] }))
  snapshot = await azure.side.inventoryOf(azure.connection, never)
})

afterEach(() => azure.stop())

const SHIELDS: Desired['shields'] = [{ machine: WEB, policy: 'default', ports: [{ number: 22, protocol: '*' }] }]
const PROTECTED: Desired = { shields: SHIELDS, holes: [] }
const OPENED: Desired = { shields: SHIELDS, holes: holesFrom([anOpening({ machine: WEB, until: NOON + HOUR })]) }
const NOTHING: Desired = { shields: [], holes: [] }

/** One security group, passed over as the product does. */
class Passed {
  journal: readonly JournalEntry[] = []
  readonly #driver: Driver
  readonly #nsg: string

  constructor(nsg: string) {
    this.#driver = azure.side.driver
    this.#nsg = nsg
  }

  async look(desired: Desired): Promise<Plan> {
    const observed = await this.#driver.observe(pointOfNsg(this.#nsg), 'all', never)
    return this.#driver.plan({ desired, observed, scope: 'all', journal: this.journal, now: azure.clock.now() })
  }

  async apply(plan: Plan): Promise<void> {
    this.journal = plan.journal
    await this.#driver.apply(pointOfNsg(this.#nsg), plan, never)
  }

  async pass(desired: Desired): Promise<Plan> {
    await this.apply(await this.look(desired))
    const second = await this.look(desired)
    if (second.steps.length > 0) throw new Error(`a second plan is not empty: ${JSON.stringify(second.steps)}`)
    this.journal = second.journal
    return second
  }
}

/** What people see of the rules; an ETag changes with every write. */
function rulesOf(nsg: string): unknown[] {
  const properties = azure.double.body(nsg)?.['properties'] as { securityRules: Record<string, unknown>[] } // as the double renders it
  return properties.securityRules.map((rule) => ({ ...rule, etag: '' }))
}

describe('the inventory', () => {
  it('knows the machine, its addresses, its power and both security groups before it', () => {
    expect(snapshot.machines).toEqual([
      expect.objectContaining({
        id: WEB,
        os: 'Linux',
        power: 'running',
        privateAddresses: ['10.0.0.4', 'fd00::4'],
        publicAddresses: ['198.51.100.20'],
        points: [pointOfNsg(SUBNET_NSG), pointOfNsg(NSG)],
      }),
    ])
  })

  it('tells which rules let whom in, through both security groups', async () => {
    const port = { number: 22, protocol: 'TCP' } as const
    expect(snapshot.exposuresOf(resourceKey(WEB), [port])).toEqual([])
    azure.double.edit(SUBNET_NSG, (properties) => ({
      ...properties,
      securityRules: securityGroup('x', [{ name: 'office', priority: 300, source: '192.0.2.0/24', ports: '20-30' }])
        .properties['securityRules'],
    }))
    const again = await azure.side.inventoryOf(azure.connection, never)
    expect(again.exposuresOf(resourceKey(WEB), [port])).toEqual([
      expect.objectContaining({
        breadth: 'some',
        from: ['192.0.2.0/24'],
        letIn: 'yes',
        address: '10.0.0.4',
        publicAddress: '198.51.100.20',
        through: [
          expect.objectContaining({ rule: 'office', of: 'NSG front-nsg' }),
          expect.objectContaining({ rule: 'allow-ssh', of: 'NSG web-nsg' }),
        ],
      }),
    ])
  })

  it('asks for what the resource graph has not learnt of yet', async () => {
    const lagging = await startAzure({ pace: { ...BRISK, operation: () => 0, graphLag: () => HOUR } })
    lagging.double.place(securityGroup('web-nsg', []))
    lagging.double.place(virtualNetwork('net', [{ name: 'front', prefix: '10.0.0.0/24' }]))
    lagging.double.place(virtualMachine({ name: 'web', nics: ['web-nic'] }))
    await lagging.network.networkInterfaces.createOrUpdate('shop', 'web-nic', {
      location: 'westeurope',
      networkSecurityGroup: { id: NSG },
      ipConfigurations: [
        {
          name: 'one',
          privateIPAddress: '10.0.0.4',
          subnet: { id: resourceAt('Microsoft.Network/virtualNetworks', 'net/subnets/front') },
        },
      ],
    })
    const { machines } = await lagging.side.inventoryOf(lagging.connection, never)
    expect(machines.map(({ privateAddresses, points }) => [privateAddresses, points])).toEqual([
      [['10.0.0.4'], [pointOfNsg(NSG)]],
    ])
    await lagging.stop()
  })

  it('reads fewer at a time when a page is too large for an answer', async () => {
    const harm = { kind: 'answer', status: 400, code: 'ResponsePayloadTooLarge' } as const
    azure.double.faults.order({ method: 'POST', path: /ResourceGraph/, skip: 2, times: 3, harm })
    expect((await azure.side.inventoryOf(azure.connection, never)).machines).toHaveLength(1)
  })

  it('cannot be read when a subscription cannot: what is left out would count as gone', async () => {
    azure.double.faults.order({
      path: /^\/subscriptions\/[^/]+$/,
      harm: { kind: 'answer', status: 403, code: 'AuthorizationFailed' },
    })
    await expect(azure.side.inventoryOf(azure.connection, never)).rejects.toThrow('AuthorizationFailed')
  })

  it('tells who gets in by what was seen last: after a pass nothing is read anew for it', async () => {
    azure.double.place(securityGroup('front-nsg', [SSH]))
    const before = await azure.side.inventoryOf(azure.connection, never)
    const who = (): number => before.exposuresOf(resourceKey(WEB), [{ number: 22, protocol: 'TCP' }]).length
    expect(who()).toBeGreaterThan(0)
    await new Passed(NSG).pass(PROTECTED)
    await new Passed(SUBNET_NSG).pass(PROTECTED)
    expect(who()).toBe(0)
  })
})

describe('a security group in Azure', () => {
  it('carries what is desired after one write, and exactly its own rules after the last', async () => {
    const before = rulesOf(NSG)
    const group = new Passed(NSG)
    expect((await group.pass(OPENED)).held.size).toBe(1)
    expect(azure.double.writes(NSG)).toBe(1)
    expect(rulesOf(NSG)).toHaveLength(4)
    await group.pass(PROTECTED)
    await group.pass(NOTHING)
    expect([rulesOf(NSG), group.journal]).toEqual([before, []])
  })

  it('keeps what this program does not know of it', async () => {
    azure.double.edit(NSG, (properties) => ({ ...properties, somethingNew: { from: 'the future' } }))
    const group = new Passed(NSG)
    await group.pass(OPENED)
    const properties = azure.double.body(NSG)?.['properties'] as Record<string, unknown> // as the double renders it
    expect(properties['somethingNew']).toEqual({ from: 'the future' })
  })

  it('follows a write to its end before it looks again', async () => {
    const slow = await startAzure({ pace: { ...BRISK, operation: () => 5_000 } })
    slow.double.place(securityGroup('nsg', []))
    slow.double.place(virtualNetwork('net', [{ name: 'front', prefix: '10.0.0.0/24' }]))
    slow.double.place(
      networkInterface({
        name: 'nic',
        subnet: ['net', 'front'],
        nsg: 'nsg',
        addresses: [{ privateIp: '10.0.0.4' }],
        machine: 'web',
      }),
    )
    slow.double.place(virtualMachine({ name: 'web', nics: ['nic'] }))
    await slow.side.inventoryOf(slow.connection, never)
    const point = pointOfNsg(nsgId('nsg'))
    const { driver } = slow.side
    const observed = await driver.observe(point, 'all', never)
    await driver.apply(point, driver.plan({ desired: OPENED, observed, scope: 'all', journal: [], now: NOON }), never)
    const properties = slow.double.body(nsgId('nsg'))?.['properties']
    expect(properties).toMatchObject({ provisioningState: 'Succeeded' })
    await slow.stop()
  })

  it("loses nobody's change that came between: it looks again and plans anew", async () => {
    const group = new Passed(NSG)
    const plan = await group.look(OPENED)
    azure.double.edit(NSG, (properties) => ({ ...properties, securityRules: [] }))
    await group.apply(plan)
    expect(azure.double.writes(NSG)).toBe(0)
    expect((await group.pass(OPENED)).held.size).toBe(1)
  })

  it.each([
    ['too many calls, without a word when to come back', { kind: 'answer', status: 429, code: 'TooManyRequests' }],
    ['too many calls, for ten seconds', { kind: 'answer', status: 429, code: 'TooManyRequests', retryAfter: 10 }],
    [
      "somebody's operation on the same group",
      { kind: 'answer', status: 429, code: 'RetryableErrorDueToAnotherOperation' },
    ],
    ['another operation in progress', { kind: 'answer', status: 409, code: 'AnotherOperationInProgress' }],
  ] as const)('survives %s', async (_what, harm) => {
    azure.double.faults.order({ method: 'PUT', times: 3, harm })
    expect((await new Passed(NSG).pass(OPENED)).held.size).toBe(1)
  })

  it('fails when nobody knows whether the write arrived, and is right after the next pass', async () => {
    azure.double.faults.order({ method: 'PUT', harm: { kind: 'lose-answer' } })
    const group = new Passed(NSG)
    await expect(group.pass(OPENED)).rejects.toThrow('could not be asked')
    expect((await group.pass(OPENED)).held.size).toBe(1)
    expect(azure.double.writes(NSG)).toBe(1)
  })

  it('fails with the reason of an operation that failed, and believes nothing until one succeeds', async () => {
    const harm = { kind: 'fail-operation', code: 'InternalServerError', message: 'An error occurred.' } as const
    azure.double.faults.order({ method: 'PUT', harm })
    const group = new Passed(NSG)
    await expect(group.pass(OPENED)).rejects.toThrow('An error occurred')
    const plan = await group.look(OPENED)
    expect(plan.held.size).toBe(0)
    expect(plan.steps.at(-1)?.text).toContain('its last change failed')
    expect((await group.pass(OPENED)).held.size).toBe(1)
    expect(azure.double.writes(NSG)).toBe(2)
  })

  it('opens nothing to an address that went to another machine meanwhile', async () => {
    const group = new Passed(NSG)
    azure.double.place(
      networkInterface({
        name: 'web-nic',
        subnet: ['net', 'front'],
        nsg: 'web-nsg',
        addresses: [{ privateIp: '10.0.0.9' }],
        machine: 'web',
      }),
    )
    await expect(group.pass(OPENED)).rejects.toThrow('has other addresses')
    expect(azure.double.writes(NSG)).toBe(0)
    await group.pass(OPENED)
    expect(JSON.stringify(rulesOf(NSG))).toContain('10.0.0.9')
  })

  it('opens nothing to a machine that was deleted and made again, and holds nobody else up', async () => {
    const group = new Passed(NSG)
    azure.double.recreate(vmId('web'))
    await expect(group.pass(OPENED)).rejects.toThrow('deleted and made again')
    const plan = await group.pass(OPENED)
    expect([...plan.impossible.values()].map(({ message }) => message)).toEqual([expect.stringContaining('made again')])
    expect(JSON.stringify(rulesOf(NSG))).toContain('"Deny"')
    await azure.side.inventoryOf(azure.connection, never)
    expect((await group.pass(OPENED)).held.size).toBe(1)
  })

  it('with a thousand rules takes no policy, and says so before anything is kept', async () => {
    const full = Array.from({ length: 1_000 }, (_, index) => ({
      name: `r${index}`,
      priority: 200 + index,
      ports: '80',
    }))
    azure.double.edit(NSG, () => securityGroup('x', full).properties)
    await azure.side.inventoryOf(azure.connection, never)
    const foresight = { point: pointOfNsg(NSG), shields: SHIELDS, journal: [], now: NOON }
    const misfits = await azure.side.driver.foresee?.(foresight, never)
    expect(misfits?.map(({ message }) => message)).toContainEqual(expect.stringContaining('at most 1000'))
    expect(await azure.side.driver.foresee?.({ ...foresight, point: pointOfNsg(SUBNET_NSG) }, never)).toEqual([])
  })

  it('that is deleted cannot be opened, and needs nothing to be closed', async () => {
    azure.double.remove(NSG)
    const plan = await new Passed(NSG).look(OPENED)
    expect([plan.steps, plan.impossible.size, plan.lingering.size]).toEqual([[], 1, 0])
  })

  it('keeps its deny rules while a protected machine was not read', async () => {
    const group = new Passed(NSG)
    await group.pass(PROTECTED)
    azure.double.remove(vmId('web'))
    await azure.side.inventoryOf(azure.connection, never)
    await expect(group.look(PROTECTED)).rejects.toThrow('was not read yet')
  })
})

describe('a machine that is not in the inventory', () => {
  it('is gone when Azure says so, and not when it may merely not be read', async () => {
    const machine = snapshot.machines[0]
    if (machine === undefined) throw new Error('no machine')
    expect(await azure.side.isGone(azure.connection, machine, never)).toBe(false)
    azure.double.faults.order({
      path: /virtualMachines/,
      harm: { kind: 'answer', status: 403, code: 'AuthorizationFailed' },
    })
    await expect(azure.side.isGone(azure.connection, machine, never)).rejects.toThrow('AuthorizationFailed')
    azure.double.remove(vmId('web'))
    expect(await azure.side.isGone(azure.connection, machine, never)).toBe(true)
  })
})

describe('what a connection may do', () => {
  it('is told permission by permission, and changes nothing', async () => {
    const all = await azure.side.check(azure.connection, never)
    expect(all.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(azure.double.writes()).toBe(0)
  })

  it.each(['Microsoft.Network/networkSecurityGroups/write', 'Microsoft.Network/networkInterfaces/read'])(
    'names %s when it is missing, with what to do',
    async (action) => {
      azure.double.assign('aaaaaaaa-0000-4000-8000-000000000001', [
        { scope: '/', role: { actions: ['*'], notActions: [action] } },
      ])
      const missing = (await azure.side.check(azure.connection, never)).filter(({ status }) => status !== 'ok')
      expect(missing.map(({ name, remedy }) => [name, remedy?.includes('--print-role')])).toEqual([[action, true]])
    },
  )

  it('says so when signing in fails', async () => {
    const [first, ...rest] = await azure.side.check({ ...azure.connection, secret: 'wrong' }, never)
    expect([first?.name, first?.status, rest]).toEqual(['sign-in', 'missing', []])
  })
})
