import { describe, expect, it } from 'vitest'
import type { Driver, Plan } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { Desired } from '../../domain/access/desired.ts'
import { holesFrom, slotOf } from '../../domain/access/hole.ts'
import { resourceKey } from '../../domain/resource-id.ts'
import { HOUR, SECOND } from '../../domain/time.ts'
import { aMachineId, anOpening, aSource, NOON, SUBSCRIPTION, valueOf } from '../../../test/support/builders.ts'
import { parseFleet, type Fleet } from './fleet.ts'
import { fleetInventory } from './fleet-inventory.ts'
import { hostDriver, MemoryHosts, pointOfHost } from '../../../test/support/host-driver.ts'
import { memoryDriver } from './memory-driver.ts'
import { findSecurityGroup } from './security-group-wire.ts'
import { pointOfGroup, SecurityGroups } from './security-groups.ts'
import { withFaults, type Fault } from '../../../test/support/with-faults.ts'

const SSH = {
  name: 'allow-ssh',
  properties: {
    priority: 1000,
    direction: 'Inbound',
    access: 'Allow',
    protocol: 'Tcp',
    sourceAddressPrefix: '*',
    sourcePortRange: '*',
    destinationAddressPrefix: '*',
    destinationPortRange: '22',
  },
}
const WEB = aMachineId('web1')
const NSG = `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.Network/networkSecurityGroups/nsg1`

function aMachine(name: string, nsg: unknown = { name: 'nsg1', securityRules: [SSH] }, privateIp = '10.0.0.4'): object {
  return { id: aMachineId(name), location: 'westeurope', os: 'Linux', nics: [{ privateIp, nsg }] }
}

function issuesOf(input: unknown): string[] {
  const parsed = parseFleet(input)
  return parsed.ok ? [] : parsed.refusals.map(({ target, message }) => `${target}: ${message}`)
}

interface Cloud {
  readonly fleet: Fleet
  readonly groups: SecurityGroups
  readonly driver: Driver
  readonly point: PointId
}

function aCloud(...machines: readonly object[]): Cloud {
  const fleet = valueOf(parseFleet(machines.length > 0 ? machines : [aMachine('web1')]))
  const groups = new SecurityGroups(fleet.groups)
  const point = pointOfGroup(resourceKey(fleet.groups[0]?.id ?? WEB))
  return { fleet, groups, driver: memoryDriver(fleet, groups), point }
}

const DESIRED: Desired = {
  shields: [{ machine: WEB, policy: 'default', ports: [{ number: 22, protocol: '*' }] }],
  holes: holesFrom([anOpening({ machine: WEB, port: 22, until: NOON + HOUR })]),
}
const NOTHING: Desired = { shields: [], holes: [] }
const never = new AbortController().signal

async function look({ driver, point }: Cloud, desired: Desired, journal: Plan['journal'] = []): Promise<Plan> {
  return driver.plan({ desired, observed: await driver.observe(point, 'all', never), scope: 'all', journal, now: NOON })
}

describe('a fleet file', () => {
  it('gives machines with their points, in the order of their keys', () => {
    const { fleet, point } = aCloud(aMachine('b'), aMachine('a', { name: 'NSG1' }, '10.0.0.5'))
    const inventory = fleetInventory(fleet)
    expect(inventory.list().map(({ name, points }) => [name, points])).toEqual([
      ['a', [point]],
      ['b', [point]],
    ])
    expect(inventory.behind(point)).toHaveLength(2)
  })

  it('shows why a machine without a security group cannot be protected', () => {
    const [machine] = fleetInventory(aCloud(aMachine('web1', null)).fleet).list()
    expect([machine?.points, machine?.unsupported?.message]).toEqual([
      [],
      expect.stringContaining('no network security group on any NIC'),
    ])
  })

  it('is refused with every issue and its place', () => {
    const bad = [{ ...aMachine('a'), os: 'BeOS' }, { id: 7 }]
    expect(issuesOf(bad).map((text) => text.split(':')[0])).toEqual([
      '[0].os',
      '[1].id',
      '[1].location',
      '[1].os',
      '[1].nics',
    ])
    const worse = [
      aMachine('a'),
      aMachine('a'),
      { ...aMachine('b', { name: 'n', securityRules: [{ ...SSH, name: '' }] }, '10.0.0.4/24'), id: 'x' },
      aMachine('c', { name: 'm', securityRules: [SSH, SSH] }),
    ]
    expect(issuesOf(worse)).toHaveLength(4)
  })

  it('that gives one security group two different sets of rules is refused, naming both places', () => {
    expect(issuesOf([aMachine('a'), aMachine('b', { name: 'nsg1', securityRules: [] })])).toEqual([
      expect.stringMatching(/^\[1\]\.nics\[0\]\.nsg: .*\[0\]\.nics\[0\]\.nsg than at \[1\]\.nics\[0\]\.nsg/),
    ])
  })

  it('of 100,000 machines behind 20,000 security groups loads in seconds, and a pass costs one group', async () => {
    const machines = Array.from({ length: 100_000 }, (_, index) =>
      aMachine(
        `vm${index}`,
        { name: `nsg${index % 20_000}`, securityRules: [SSH] },
        `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
      ),
    )
    const began = performance.now()
    const fleet = valueOf(parseFleet(machines))
    const driver = memoryDriver(fleet, new SecurityGroups(fleet.groups))
    expect(fleetInventory(fleet).list()).toHaveLength(100_000)
    expect(performance.now() - began).toBeLessThan(10_000)
    const point = pointOfGroup(resourceKey(aCloud().fleet.groups[0]?.id ?? WEB))
    const observed = await driver.observe(point, 'all', never)
    expect(driver.plan({ desired: NOTHING, observed, scope: 'all', journal: [], now: NOON }).steps).toEqual([])
  })
})

describe('a security group', () => {
  it('carries what is desired after one plan, and exactly its own rules after the last', async () => {
    const cloud = aCloud()
    const before = findSecurityGroup(
      cloud.groups,
      resourceKey(valueOf(parseFleet([aMachine('web1')])).groups[0]?.id ?? WEB),
    )
    const plan = await look(cloud, DESIRED)
    await cloud.driver.apply(cloud.point, plan, never)
    const second = await look(cloud, DESIRED, plan.journal)
    expect([second.steps, second.held.size]).toEqual([[], 1])
    const last = await look(cloud, NOTHING, second.journal)
    await cloud.driver.apply(cloud.point, last, never)
    expect((await look(cloud, NOTHING, last.journal)).journal).toEqual([])
    expect(rulesOf(cloud)).toEqual(withoutEtags(before))
  })

  it('is shown as Azure shows it, with the six default rules', async () => {
    const cloud = aCloud()
    await cloud.driver.apply(cloud.point, await look(cloud, DESIRED), never)
    const shown = findSecurityGroup(cloud.groups, resourceKey(cloud.fleet.groups[0]?.id ?? WEB))
    expect(shown).toMatchObject({
      id: NSG,
      name: 'nsg1',
      type: 'Microsoft.Network/networkSecurityGroups',
      location: 'westeurope',
    })
    expect(shown?.properties.defaultSecurityRules).toHaveLength(6)
    const deny = shown?.properties.securityRules.find(({ properties }) => properties['access'] === 'Deny')
    expect(deny?.properties).toMatchObject({
      priority: 1000,
      destinationAddressPrefix: '10.0.0.4',
      destinationPortRange: '22',
      protocol: '*',
      provisioningState: 'Succeeded',
    })
  })

  it('refuses a plan made on an older version, and changes nothing', async () => {
    const cloud = aCloud()
    const plan = await look(cloud, DESIRED)
    cloud.groups.edit(cloud.point, (rules) => rules)
    await expect(cloud.driver.apply(cloud.point, plan, never)).rejects.toThrow('changed by somebody else')
    expect(rulesOf(cloud)).toHaveLength(1)
  })

  it("tells of somebody else's change", () => {
    const { groups, driver, point } = aCloud()
    const seen: unknown[] = []
    const stop = driver.watch((change) => seen.push(change))
    groups.edit(point, (rules) => rules, 'terraform')
    stop()
    groups.edit(point, (rules) => rules)
    expect(seen).toEqual([{ point, by: 'terraform' }])
  })
})

describe('faults', () => {
  it.each([
    ['error before effect', 1, 'failed, as scheduled'],
    ['error after effect', 3, 'failed, as scheduled'],
    ['lost answer', 3, 'deadline'],
  ] as const)('%s leaves %i rules', async (kind, count, message) => {
    const cloud = aCloud()
    const plan = await look(cloud, DESIRED)
    const deadline = new AbortController()
    const faulty = withFaults(cloud.driver, scheduleOf({ kind }))
    const applying = faulty.apply(cloud.point, plan, deadline.signal)
    setImmediate(() => deadline.abort(new Error('deadline')))
    await expect(applying).rejects.toThrow(message)
    expect(rulesOf(cloud)).toHaveLength(count)
  })
})

describe('a host', () => {
  const point = pointOfHost(resourceKey(WEB))
  const opening = (protocol: 'TCP' | '*', until: number): ReturnType<typeof anOpening> => ({
    ...anOpening({ machine: WEB, port: 22, until }),
    protocol,
  })

  it('closes by itself, and keeps an element that a longer hole shares', async () => {
    let now = NOON
    const hosts = new MemoryHosts({ now: () => now })
    const driver = hostDriver(hosts)
    const both = holesFrom([opening('TCP', NOON + 10 * SECOND), opening('*', NOON + 60 * SECOND)])
    await driver.apply(
      point,
      driver.plan({
        desired: { shields: DESIRED.shields, holes: both },
        observed: hosts.look(point),
        scope: 'all',
        journal: [],
        now,
      }),
      never,
    )
    now = NOON + 20 * SECOND
    const desired = { shields: DESIRED.shields, holes: both.filter(({ protocol }) => protocol === '*') }
    const plan = driver.plan({ desired, observed: hosts.look(point), scope: 'all', journal: [], now })
    expect([plan.steps, plan.held.size]).toEqual([[], 1])
    now = NOON + 60 * SECOND
    expect(hosts.look(point).elements.size).toBe(0)
  })

  it('shows an element nobody wants as lingering in its slot', () => {
    const hosts = new MemoryHosts({ now: () => NOON })
    const driver = hostDriver(hosts)
    const [hole] = holesFrom([opening('TCP', NOON + HOUR)])
    const slot = slotOf(resourceKey(WEB), 22, hole?.source ?? aSource('*'))
    hosts.change(point, () => ({ shut: new Set(), elements: new Map([[`${slot}|TCP` as never, NOON + HOUR]]) }))
    const plan = driver.plan({ desired: NOTHING, observed: hosts.look(point), scope: 'all', journal: [], now: NOON })
    expect([...plan.lingering]).toEqual([slot])
  })
})

function rulesOf({ groups, fleet }: Cloud): unknown[] {
  return withoutEtags(findSecurityGroup(groups, resourceKey(fleet.groups[0]?.id ?? WEB)))
}

/** An ETag changes with every write. */
function withoutEtags(group: ReturnType<typeof findSecurityGroup>): unknown[] {
  return group?.properties.securityRules.map((rule) => ({ ...rule, etag: '' })) ?? []
}

function scheduleOf(fault: Fault): Parameters<typeof withFaults>[1] {
  return { next: ({ operation }) => (operation === 'apply' ? fault : undefined), sleep: async () => {} }
}
