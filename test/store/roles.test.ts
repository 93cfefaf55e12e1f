/** What every store must do with permission, asked of each. */
import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/app/ports/store.ts'
import type { RoleAssignment } from '../../src/domain/roles/role-assignment.ts'
import type { RoleDefinition } from '../../src/domain/roles/role-definition.ts'
import { parseScope, ROOT } from '../../src/domain/roles/scope.ts'
import { aPolicy, aRequest, NOON, SUBSCRIPTION } from './builders.ts'
import { freshStores, postgresDatabase, sqliteDatabase } from './databases.ts'
import { valueOf } from '../support/builders.ts'

const GROUP = valueOf(parseScope(`/subscriptions/${SUBSCRIPTION}/resourceGroups/Prod`))

const ADA = 'AAAAAAAA-aaaa-4aaa-8aaa-aaaaaaaaaaaa'

const anAssignment = (more: Partial<RoleAssignment> = {}): RoleAssignment => ({
  name: '11111111-1111-4111-8111-111111111111',
  scope: GROUP,
  role: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
  principalId: ADA,
  principalType: 'User',
  createdAt: NOON,
  createdBy: 'root',
  ...more,
})

const aDefinition = (more: Partial<RoleDefinition> = {}): RoleDefinition => ({
  name: '22222222-2222-4222-8222-222222222222',
  roleName: 'Night Shift',
  description: 'asks at night',
  type: 'CustomRole',
  permissions: [{ actions: ['*/read'], notActions: ['Microsoft.Network/*'], dataActions: [], notDataActions: [] }],
  assignableScopes: [ROOT, GROUP],
  createdAt: NOON,
  updatedAt: NOON,
  createdBy: 'root',
  updatedBy: 'root',
  ...more,
})

describe.each([sqliteDatabase(), postgresDatabase()])('permission in the store on $name', (database) => {
  let store: Store
  let place: string
  const reopen = freshStores(database, (opened, at) => {
    store = opened
    place = at
  })

  const assign = (assignment: RoleAssignment): Promise<number> =>
    store.transaction(async (tx) => {
      const version = await tx.roles.change()
      await tx.roles.insertAssignment(assignment)
      return version
    })

  it('begins with nobody holding anything, at version 0', async () => {
    expect(await store.reads.roles.all()).toEqual({ version: 0, definitions: [], assignments: [], plans: [] })
  })

  it('keeps assignments, definitions and plans exactly as written, also over a restart', async () => {
    const described = anAssignment({ name: '33333333-3333-4333-8333-333333333333', scope: ROOT, description: 'why' })
    await assign(anAssignment())
    await assign(described)
    await store.transaction(async (tx) => {
      await tx.roles.change()
      await tx.roles.putDefinition(aDefinition())
      await tx.roles.putPlan(SUBSCRIPTION, 'Free', NOON)
    })
    await reopen()
    expect(await store.reads.roles.all()).toEqual({
      version: 3,
      definitions: [aDefinition()],
      assignments: [anAssignment(), described],
      plans: [{ subscription: SUBSCRIPTION, tier: 'Free' }],
    })
  })

  it('finds an assignment by name, and by who, what and where whatever the case', async () => {
    await assign(anAssignment())
    await store.transaction(async ({ roles }) => {
      expect(await roles.assignment(anAssignment().name)).toEqual(anAssignment())
      expect(await roles.assignmentLike(anAssignment({ name: 'x', principalId: ADA.toUpperCase() }))).toEqual(
        anAssignment(),
      )
      expect(await roles.assignmentLike(anAssignment({ scope: ROOT }))).toBeUndefined()
      expect([await roles.isAssigned(anAssignment().role), await roles.isAssigned('other')]).toEqual([true, false])
    })
  })

  it('refuses the same role twice for one principal at one scope', async () => {
    await assign(anAssignment())
    await expect(assign(anAssignment({ name: 'again', principalId: ADA.toLowerCase() }))).rejects.toThrow(/unique/i)
    expect(await store.reads.roles.version()).toBe(1)
  })

  it('never changes who, what and where of an assignment, not even by hand', async () => {
    await assign(anAssignment())
    await expect(database.tamper(place, `update role_assignments set scope_key = '/'`)).rejects.toThrow(/never changes/)
  })

  it('replaces a definition and finds it by its name whatever the case', async () => {
    await store.transaction(async ({ roles }) => {
      await roles.putDefinition(aDefinition())
      await roles.putDefinition(aDefinition({ description: 'changed', updatedAt: NOON + 1 }))
      expect(await roles.definitionCalled('NIGHT SHIFT')).toMatchObject({ description: 'changed', createdAt: NOON })
      await roles.removeDefinition(aDefinition().name)
      expect(await roles.definition(aDefinition().name)).toBeUndefined()
    })
  })

  it('counts every change, one after the other, also when two replicas change at once', async () => {
    const other = await database.another(place, store)
    const change = (on: Store, name: string): Promise<number> =>
      on.transaction(async ({ roles }) => {
        const version = await roles.change()
        await roles.insertAssignment(anAssignment({ name, principalId: name }))
        return version
      })
    const versions = await Promise.all(
      Array.from({ length: 10 }, (_, index) => change(index % 2 === 0 ? store : other, `p${index}`)),
    )
    expect(versions.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect((await other.reads.roles.all()).assignments).toHaveLength(10)
    if (other !== store) await other.close()
  })

  it('keeps the id of who requested, and nobody changes it by hand', async () => {
    const asked = { ...aRequest('asked', []), requestorId: 'ada-id' }
    await store.transaction(async (tx) => {
      await tx.putPolicy(aPolicy())
      await tx.insertRequest(asked, new Map(), new Map())
    })
    expect(await store.reads.request(asked.id)).toMatchObject({ requestorId: 'ada-id' })
    await expect(database.tamper(place, `update requests set requestor_id = 'eve'`)).rejects.toThrow(/never changes/)
  })

  it('finds a policy by its uid, also after it was removed', async () => {
    const policy = aPolicy()
    await store.transaction((tx) => tx.putPolicy(policy))
    await store.transaction((tx) => tx.removePolicy(policy.uid, NOON + 1))
    expect(await store.reads.policiesByUid([policy.uid, 'other'])).toEqual([policy])
    expect(await store.reads.idsOfPolicies([policy.uid, 'other'])).toEqual(new Map([[policy.uid, policy.id]]))
  })
})
