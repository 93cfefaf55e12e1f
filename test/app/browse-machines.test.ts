/** A page of the list is what one gets who looks at every machine, one by one, and asks of each whether it may be seen. */
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { rightsOf } from '../../src/app/identity/authorize.ts'
import { browseMachines, type MachineQuestion } from '../../src/app/machines/browse-machines.ts'
import type { MachinePosture } from '../../src/app/machines/judge-machine.ts'
import { listPosture } from '../../src/app/machines/list-posture.ts'
import type { Caller } from '../../src/app/ports/caller.ts'
import type { Inventory, Machine } from '../../src/app/ports/inventory.ts'
import { CATEGORIES, SEVERITIES } from '../../src/domain/posture.ts'
import { READ_ASSESSMENTS, readMachine } from '../../src/domain/roles/required-actions.ts'
import { parseFleet } from '../../src/drivers/memory/fleet.ts'
import { fleetExposures } from '../../src/drivers/memory/fleet-exposures.ts'
import { fleetInventory } from '../../src/drivers/memory/fleet-inventory.ts'
import { memoryDriver } from '../../src/drivers/memory/memory-driver.ts'
import { SecurityGroups } from '../../src/drivers/memory/security-groups.ts'
import { aMachineId, SUBSCRIPTION, valueOf } from '../support/builders.ts'
import { ALICE, callerWith, startInstallation, type TestInstallation } from '../support/installation.ts'
import { inboundRule } from '../support/inbound-rule.ts'

const MACHINES = 30
const GROUPS = ['web', 'data', 'lab']
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
/** May see machines, and not what is found about them. */
const REQUESTER = '5a11d0c0-0002-4a11-8a11-5a11d0c05a11'
const SCOPES = ['', ...GROUPS.map((group) => `/resourceGroups/${group}`)].map(
  (place) => `/subscriptions/${SUBSCRIPTION}${place}`,
)

let installation: TestInstallation
let all: readonly Machine[] = []
let machines: readonly Machine[] = []
beforeEach(async () => {
  const fleet = valueOf(parseFleet(Array.from({ length: MACHINES }, (_, n) => fleetMachine(n))))
  const groups = new SecurityGroups(fleet.groups)
  const [base, exposuresOf, driver] = [
    fleetInventory(fleet),
    fleetExposures(fleet, groups),
    memoryDriver(fleet, groups),
  ]
  machines = all = base.list()
  const inventory: Inventory = {
    ...base,
    find: (key) => machines.find((machine) => machine.key === key),
    list: () => machines,
    exposuresOf,
  }
  installation = await startInstallation({ ground: () => ({ inventory, driverOf: () => driver }) })
})
afterEach(() => installation.stop())

/** Of every third everybody gets in by SSH, of every third some do; of every fifth nobody can tell. */
function fleetMachine(n: number): object {
  const id = aMachineId(`Vm${n % 7}-${n}`, { resourceGroup: GROUPS[n % GROUPS.length] ?? '' })
  const nsg = {
    name: `nsg${n}`,
    securityRules: [[inboundRule('ssh')], [inboundRule('ssh', { source: '198.51.100.0/24' })], []][n % 3] ?? [],
  }
  const nics = [{ privateIp: `10.0.0.${n + 4}`, publicIp: `203.0.113.${n + 4}`, ...(n % 5 !== 0 && { nsg }) }]
  return { id, location: n % 4 === 0 ? 'north' : 'local', os: n % 2 === 0 ? 'Linux' : 'Windows', nics }
}

const held = fc.uniqueArray(
  fc.record({
    scope: fc.oneof(
      fc.constantFrom(...SCOPES),
      fc.nat(MACHINES - 1).map((n) => all[n]?.id ?? '/'),
    ),
    role: fc.constantFrom(READER, REQUESTER),
  }),
  { maxLength: 4, selector: ({ scope, role }) => `${scope} ${role}` },
)

const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(values, { nil: undefined, freq: 1 })

const question = fc
  .record({
    search: maybe(fc.constantFrom('vm', 'VM1', '-2', 'web', '/virtualMachines/vm3', 'groups/lab/', 'nothing')),
    within: maybe(
      fc.constantFrom(...SCOPES.map((scope) => scope.toUpperCase()), `${SCOPES[0] ?? ''}/resourceGroups/none`),
    ),
    os: maybe(fc.constantFrom('Linux', 'Windows')),
    category: maybe(fc.constantFrom(...CATEGORIES)),
    severity: maybe(fc.constantFrom(...SEVERITIES)),
    sort: fc.constantFrom('name', 'resourceGroup', 'location', 'severity'),
    descending: fc.boolean(),
    skip: fc.nat(8),
    top: fc.integer({ min: 1, max: MACHINES }),
  })
  .map(
    (asked) =>
      Object.fromEntries(
        Object.entries(asked).filter(([, value]) => value !== undefined),
      ) as unknown as MachineQuestion,
  ) // its own names

/** One by one. */
async function expected(asked: MachineQuestion, caller: Caller) {
  const { items } = await listPosture(installation.app, { filter: {}, page: { limit: MACHINES }, caller: ALICE })
  const postures = new Map(items.map((item) => [item.key, item]))
  const rights = await rightsOf(installation.app, caller)
  const isAssessed = ({ id }: Machine): boolean => rights.may(READ_ASSESSMENTS, id)
  const postureOf = ({ key }: Machine): MachinePosture['posture'] | undefined => postures.get(key)?.posture
  const { search, within, os } = asked
  const searched = machines
    .filter(({ id }) => rights.may(readMachine(id), id))
    .filter(({ key }) => search === undefined || key.includes(search.toLowerCase()))
    .filter(({ key }) => within === undefined || key.startsWith(`${within.toLowerCase()}/`))
    .filter((machine) => os === undefined || machine.os === os)
  const matching = searched
    .filter((machine) => asked.category === undefined || postureOf(machine)?.category === asked.category)
    .filter(
      (machine) =>
        asked.severity === undefined || (postureOf(machine)?.severity === asked.severity && isAssessed(machine)),
    )
  const severityOf = (machine: Machine): string | undefined =>
    isAssessed(machine) ? postureOf(machine)?.severity : undefined
  const rankOf = (machine: Machine): string => {
    if (asked.sort === 'resourceGroup') return machine.id.split('/')[4]?.toLowerCase() ?? ''
    if (asked.sort === 'location') return machine.location
    return asked.sort === 'severity'
      ? String(['High', 'Low', 'Healthy', undefined].indexOf(severityOf(machine)))
      : machine.name.toLowerCase()
  }
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  const sign = asked.descending ? -1 : 1
  const ordered = matching.toSorted(
    (a, b) => sign * byText(rankOf(a), rankOf(b)) || byText(a.name.toLowerCase(), b.name.toLowerCase()),
  )
  const countOf = (category: string): number =>
    searched.filter((machine) => postureOf(machine)?.category === category).length
  return {
    names: ordered.slice(asked.skip, asked.skip + asked.top).map((machine) => [machine.name, isAssessed(machine)]),
    total: matching.length,
    counts: {
      configured: countOf('configured'),
      notConfigured: countOf('notConfigured'),
      unsupported: countOf('unsupported'),
    },
  }
}

it('shows and counts what the caller may see and nothing else, whatever is searched, filtered and sorted', async () => {
  await fc.assert(
    fc.asyncProperty(held, question, fc.nat(MACHINES - 1), async (roles, asked, missing) => {
      const caller = await callerWith(installation.app, roles)
      for (const there of [all, all.filter((_, n) => n !== missing), all]) {
        machines = there
        const { items, total, counts } = await browseMachines(installation.app, asked, caller)
        const names = items.map(({ view, posture }) => [view.machine.name, posture !== undefined])
        expect({ names, total, counts }).toEqual(await expected(asked, caller))
      }
    }),
    { numRuns: 150 },
  )
})

it('shows a caller nothing more from the moment that the role was taken away', async () => {
  const caller = await callerWith(installation.app, [{ scope: SCOPES[0] ?? '', role: READER }])
  const page: MachineQuestion = { sort: 'name', descending: false, skip: 0, top: 5 }
  expect((await browseMachines(installation.app, page, caller)).total).toBe(MACHINES)
  const { app } = installation
  const [assignment] = [...(await app.access.now()).assignments.values()].filter(
    ({ principalId }) => principalId === caller.principals[0],
  )
  if (assignment === undefined) throw new Error('expected an assignment')
  const version = await app.store.transaction(async (tx) => {
    const version = await tx.roles.change()
    await tx.roles.removeAssignment(assignment.name)
    return version
  })
  app.access.changed(version, { kind: 'unassigned', assignment })
  expect(await browseMachines(installation.app, page, caller)).toMatchObject({
    items: [],
    total: 0,
    counts: { notConfigured: 0 },
  })
})
