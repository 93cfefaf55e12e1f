import { expect, test } from 'vitest'
import { listVirtualMachines } from '../../src/app/machines/list-virtual-machines.ts'
import type { App } from '../../src/app/app.ts'
import type { Caller } from '../../src/app/ports/caller.ts'
import type { Machine } from '../../src/app/ports/inventory.ts'
import { READ_NIC, networkInterfaceId, subscriptionScope } from '../../src/domain/clouds/arm-place.ts'
import { BUILT_IN_ROLES } from '../../src/domain/roles/built-in-roles.ts'
import { indexAssignments } from '../../src/domain/roles/role-assignment.ts'
import { parseScope } from '../../src/domain/roles/scope.ts'
import { resourceName, type ResourceKey } from '../../src/domain/resource-id.ts'
import { parseFleet } from '../../src/drivers/memory/fleet.ts'
import { fleetInventory } from '../../src/drivers/memory/fleet-inventory.ts'
import { aMachineId, NOON, SUBSCRIPTION, valueOf } from '../support/builders.ts'
import { ALICE } from '../support/installation.ts'

const IDS = Array.from({ length: 25 }, (_, n) =>
  aMachineId(`vm${String(n).padStart(2, '0')}`, {
    resourceGroup: n % 2 === 0 ? 'even' : 'odd',
    type: n % 5 === 0 ? 'Microsoft.HybridCompute/machines' : 'Microsoft.Compute/virtualMachines',
  }),
)
const VIRTUAL = IDS.filter((id) => id.includes('Microsoft.Compute')).map(resourceName)
const BOB: Caller = { name: 'bob', address: '', principals: ['bob'], isBreakGlass: false }
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

function appWith(scopes: readonly string[]): Pick<App, 'inventory' | 'access'> {
  const machines = IDS.map((id) => ({ id, location: 'local', os: 'Linux', nics: [{ privateIp: '10.0.0.4' }] }))
  const definitions = new Map(BUILT_IN_ROLES.map((role) => [role.name, role]))
  const held = scopes.map((scope, n) => {
    const to = { name: String(n), scope: valueOf(parseScope(scope)), role: READER, principalId: 'bob' }
    return { ...to, principalType: 'User' as const, createdAt: NOON, createdBy: '' }
  })
  const index = indexAssignments(held, definitions)
  const view = { version: 1, definitions, assignments: new Map(), index, plans: new Map() }
  const access = { now: () => Promise.resolve(view), changed: () => {} }
  return { inventory: fleetInventory(valueOf(parseFleet(machines))), access }
}

async function pages(app: Pick<App, 'inventory' | 'access'>, caller: Caller, within: string): Promise<string[][]> {
  const found: string[][] = []
  const idOf = ({ id }: Machine): string => networkInterfaceId(id)
  for (let after: ResourceKey | undefined; ;) {
    const page = { limit: 7, ...(after !== undefined && { after }) }
    const { items, next } = await listVirtualMachines(app, { within, anyOf: READ_NIC, idOf, page, caller })
    found.push(items.map(({ name }) => name))
    if (next === undefined) return found
    after = next
  }
}

test('virtual machines are listed page by page, each once, and hosts among them are none', async () => {
  const found = await pages(appWith([]), ALICE, subscriptionScope(SUBSCRIPTION))
  expect(found.map(({ length }) => length)).toEqual([7, 7, 6])
  expect(found.flat().toSorted()).toEqual(VIRTUAL)
})

test('a caller is listed what it may read, in the group that it asks for', async () => {
  const group = `${subscriptionScope(SUBSCRIPTION)}/resourceGroups`
  const interfaceOf = networkInterfaceId(aMachineId('vm03', { resourceGroup: 'odd' }))
  expect((await pages(appWith([`${group}/even`, interfaceOf]), BOB, `${group}/ODD`)).flat()).toEqual(['vm03'])
  expect((await pages(appWith([`${group}/even`]), BOB, subscriptionScope(SUBSCRIPTION))).flat()).toEqual(
    VIRTUAL.filter((name) => Number(name.slice(2)) % 2 === 0),
  )
})
