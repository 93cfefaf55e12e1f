/** What lists show of very many machines: always what is so now, for the price of what changed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { browseMachines, type MachineQuestion } from '../../src/app/machines/browse-machines.ts'
import { listPosture } from '../../src/app/machines/list-posture.ts'
import { Postures } from '../../src/app/machines/postures.ts'
import { setPlan } from '../../src/app/machines/set-plan.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import { removePolicy } from '../../src/app/policies/remove-policy.ts'
import type { Inventory, Machine } from '../../src/app/ports/inventory.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import type { ResourceId } from '../../src/domain/resource-id.ts'
import { MINUTE, SECOND } from '../../src/domain/time.ts'
import { parseFleet } from '../../src/drivers/memory/fleet.ts'
import { fleetExposures } from '../../src/drivers/memory/fleet-exposures.ts'
import { fleetInventory } from '../../src/drivers/memory/fleet-inventory.ts'
import { memoryDriver } from '../../src/drivers/memory/memory-driver.ts'
import { SecurityGroups } from '../../src/drivers/memory/security-groups.ts'
import { aMachineId, aPolicyPlace, aRequest, policyMachines, SUBSCRIPTION, valueOf } from '../support/builders.ts'
import { ALICE, groupPoint, startInstallation, type TestInstallation } from '../support/installation.ts'
import { inboundRule } from '../support/inbound-rule.ts'

/** More than are judged at each question because they are few. */
const MACHINES = 1_200
const BEHIND_ONE_GROUP = 10
const { address: ADDRESS, id: POLICY_ID, key: POLICY } = aPolicyPlace('default')
const PAGE: MachineQuestion = { sort: 'name', descending: false, skip: 0, top: 10 }

const nameOf = (n: number): string => `vm${String(n).padStart(4, '0')}`
const idOf = (n: number): ResourceId => aMachineId(nameOf(n))

let installation: TestInstallation
let judged: string[] = []
let machines: readonly Machine[] = []
let groups: SecurityGroups
beforeEach(async () => {
  const fleet = valueOf(parseFleet(Array.from({ length: MACHINES }, (_, n) => fleetMachine(n))))
  groups = new SecurityGroups(fleet.groups)
  const driver = memoryDriver(fleet, groups)
  const [base, exposuresOf] = [fleetInventory(fleet), fleetExposures(fleet, groups)]
  machines = base.list()
  const inventory: Inventory = {
    ...base,
    find: (key) => (machines.some((machine) => machine.key === key) ? base.find(key) : undefined),
    list: () => machines,
    exposuresOf: (machine, ports) => {
      judged.push(machine.split('/').at(-1) ?? '')
      return exposuresOf(machine, ports)
    },
  }
  installation = await startInstallation({ ground: () => ({ inventory, driverOf: () => driver }) })
  await look()
  judged = []
})
afterEach(() => installation.stop())

function fleetMachine(n: number): object {
  const group = { name: `nsg${Math.floor(n / BEHIND_ONE_GROUP)}`, securityRules: [] }
  const nics = [{ privateIp: `10.0.${n >> 8}.${n & 255}`, nsg: group }]
  return { id: idOf(n), location: 'local', os: 'Linux', nics }
}

async function look() {
  return listPosture(installation.app, { filter: {}, page: { limit: MACHINES }, caller: ALICE })
}

async function postureOf(n: number) {
  return (await look()).items.find(({ name }) => name === nameOf(n))?.posture
}

function protect(numbers: readonly number[]): ReturnType<typeof configurePolicy> {
  const spec = { address: ADDRESS, kind: 'Basic', caller: ALICE, force: false }
  return configurePolicy(installation.app, { ...spec, machines: policyMachines({ machines: numbers.map(idOf) }) })
}

/** Somebody else opens SSH behind our back. */
function openToAll(group: string): void {
  const [rule] = valueOf(parseFleet([openMachine()])).groups[0]?.rules ?? []
  if (rule !== undefined) groups.edit(groupPoint(group), (rules) => [...rules, rule])
}

function openMachine(): object {
  const nsg = { name: 'open', securityRules: [inboundRule('ssh')] }
  return { id: aMachineId('open'), location: 'local', os: 'Linux', nics: [{ privateIp: '10.9.9.9', nsg }] }
}

/** Until what goes on behind the back of whoever asks is over. */
async function inTheBackground(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
}

describe('among very many machines', () => {
  it('looking again without anything having happened judges none', async () => {
    await look()
    await browseMachines(installation.app, PAGE, ALICE)
    expect(judged).toEqual([])
  })

  it('a policy shows at once, and only what it touches is judged again', async () => {
    valueOf(await protect([3, 500]))
    judged = []
    expect((await postureOf(3))?.category).toBe('configured')
    const page = await browseMachines(installation.app, { ...PAGE, category: 'configured' }, ALICE)
    expect(page.items.map(({ view }) => view.machine.name)).toEqual([nameOf(3), nameOf(500)])
    expect(page.counts).toEqual({ configured: 2, notConfigured: MACHINES - 2, unsupported: 0 })
    expect(new Set(judged).size).toBeLessThanOrEqual(2 * BEHIND_ONE_GROUP)
  })

  it('of an edited policy only the machines that came or went are judged again for it', async () => {
    valueOf(await protect([3, 500]))
    await look()
    judged = []
    valueOf(await protect([3, 700]))
    expect([await postureOf(3), await postureOf(500), await postureOf(700)].map((found) => found?.category)).toEqual([
      'configured',
      'notConfigured',
      'configured',
    ])
    expect(judged).toEqual(expect.arrayContaining([nameOf(500), nameOf(700)]))
    expect(new Set(judged).size).toBeLessThanOrEqual(3 * BEHIND_ONE_GROUP)
    valueOf(await removePolicy(installation.app, { policy: POLICY, policyId: POLICY_ID, caller: ALICE }))
    expect((await look()).counts.category.configured).toBe(0)
  })

  it('access that is asked for and opened makes only the machines behind that firewall be judged again', async () => {
    valueOf(await protect([3]))
    await look()
    judged = []
    const request = { policy: POLICY, policyId: POLICY_ID, body: aRequest({ machines: [idOf(3)] }), caller: ALICE }
    valueOf(await requestAccess(installation.app, request))
    await look()
    expect(judged).toContain(nameOf(3))
    expect(new Set(judged).size).toBeLessThanOrEqual(BEHIND_ONE_GROUP)
  })

  it('a hundred questions at once are answered by one judgement', async () => {
    valueOf(await protect([3]))
    judged = []
    await Promise.all(Array.from({ length: 100 }, look))
    expect(judged.length).toBeLessThanOrEqual(2 * BEHIND_ONE_GROUP)
  })

  it('the plan of a subscription counts at once', async () => {
    valueOf(await setPlan(installation.app, { subscription: SUBSCRIPTION, tier: 'Free', caller: ALICE }))
    expect((await look()).counts.why).toEqual({ disabledByPlan: MACHINES })
  })

  it('a machine that came is shown at once, one that went no more, and the others are not judged again', async () => {
    const all = machines
    machines = all.filter(({ name }) => name !== nameOf(7))
    expect((await look()).items.map(({ name }) => name)).not.toContain(nameOf(7))
    machines = all
    expect((await look()).items.map(({ name }) => name)).toContain(nameOf(7))
    expect(judged).toEqual([nameOf(7)])
  })

  it('a machine that was read anew and says something else of itself shows so at once', async () => {
    machines = machines.map((machine) => (machine.name === nameOf(7) ? { ...machine, location: 'moved' } : machine))
    await look()
    expect(judged).toContain(nameOf(7))
  })

  it('what another replica wrote is found in the trail', async () => {
    const { app } = installation
    const other = new Postures(app)
    await other.all()
    valueOf(await protect([3]))
    const configured = (await other.all()).orders.rows.filter(({ posture }) => posture.category === 'configured')
    expect(configured.map(({ name }) => name)).toEqual([nameOf(3)])
    const asked = { policy: POLICY, policyId: POLICY_ID, body: aRequest({ machines: [idOf(3)] }), caller: ALICE }
    valueOf(await requestAccess(app, asked))
    judged = []
    await other.all()
    expect(judged).toEqual([nameOf(3)])
  })

  it('what somebody else did to a firewall is found behind the back of whoever asks, and within a minute', async () => {
    openToAll('nsg0')
    installation.tick(29 * SECOND)
    await look()
    expect(judged).toEqual([])
    installation.tick(2 * SECOND)
    await look()
    await inTheBackground()
    expect((await postureOf(3))?.severity).toBe('High')
    openToAll('nsg1')
    installation.tick(61 * SECOND)
    expect((await postureOf(13))?.severity).toBe('High')
  })

  it('whoever comes back within ten minutes waits for no judgement, and after that nobody’s time is spent', async () => {
    const postures = new Postures({ ...installation.app, rest: () => new Promise(setImmediate) })
    await postures.all()
    openToAll('nsg0')
    for (let waited = 0; waited < 2 * MINUTE; waited += 5 * SECOND) {
      installation.tick(5 * SECOND)
      await postures.keepFresh()
      await inTheBackground()
    }
    judged = []
    const found = await postures.all()
    expect(judged).toEqual([])
    expect(found.orders.rows.find(({ name }) => name === nameOf(3))?.posture.severity).toBe('High')
    installation.tick(10 * MINUTE)
    await postures.keepFresh()
    await inTheBackground()
    expect(judged).toEqual([])
  })
})
