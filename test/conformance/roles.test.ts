import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ROLE_VERSION, roleId, startPeopledServer, under, type PeopledServer } from './people.ts'
import { machineId, OTHER_SUBSCRIPTION, SUBSCRIPTION } from './running-server.ts'

const SUB = `/subscriptions/${SUBSCRIPTION}`
const GROUP = `${SUB}/resourceGroups/mainWS`

let server: PeopledServer
beforeEach(async () => {
  server = await startPeopledServer()
})
afterEach(() => server.stop())

/** As an issuer's tokens name her; the other names are enough where case is no matter. */
const ALICE = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'

const at = (scope: string, rest: string, more = '') => `${under(scope)}/${rest}?${ROLE_VERSION}${more}`
const properties = (roleName = 'Reader', principalId = 'alice') => ({
  properties: { roleDefinitionId: `${SUB}${roleId(roleName)}`, principalId, principalType: 'User' },
})
const list = async (scope: string, filter = '', who?: string) => {
  const path = at(scope, 'roleAssignments', filter === '' ? '' : `&$filter=${encodeURIComponent(filter)}`)
  return who === undefined ? server.call('GET', path) : server.as(who, 'GET', path)
}
const scopesIn = (reply: Awaited<ReturnType<typeof list>>): string[] =>
  reply.body.value.map((each: { properties: { scope: string } }) => each.properties.scope).toSorted()

describe('a role assignment', () => {
  const name = '99999999-9999-4999-8999-999999999999'

  it('is made with 201, shown at its scope, and deleted with what it was', async () => {
    const path = at(GROUP, `roleAssignments/${name}`)
    const made = await server.call('PUT', path, { body: properties() })
    expect([made.status, made.body.id, made.body.type]).toEqual([
      201,
      `${under(GROUP)}/roleAssignments/${name}`,
      'Microsoft.Authorization/roleAssignments',
    ])
    expect(made.body.properties).toMatchObject({ principalId: 'alice', principalType: 'User', scope: GROUP })
    expect((await server.call('GET', path.toUpperCase())).body.name).toBe(name)
    const again = await server.call('PUT', path, { body: properties() })
    expect([again.status, again.body]).toEqual([200, made.body])
    const gone = await server.call('DELETE', path)
    expect([gone.status, gone.body]).toEqual([200, made.body])
    expect((await server.call('DELETE', path)).status).toBe(204)
    expect((await server.call('GET', path)).body.error.code).toBe('RoleAssignmentNotFound')
  })

  it('is refused when the principal has the role there already under another name', async () => {
    await server.assign('Reader', ALICE, GROUP)
    const twin = await server.call('PUT', at(GROUP.toUpperCase(), `roleAssignments/${name}`), {
      body: properties('Reader', ALICE.toUpperCase()),
    })
    expect([twin.status, twin.body.error.code]).toEqual([409, 'RoleAssignmentExists'])
    expect(twin.body.error.message).toMatch(/^The role assignment already exists\. The ID .* is [0-9a-f]{32}\.$/)
  })

  it.each([
    [{ roleDefinitionId: crypto.randomUUID(), principalId: 'a' }, 404, 'RoleDefinitionDoesNotExist'],
    [{ roleDefinitionId: 'Reader', principalId: 'a' }, 400, 'InvalidRoleDefinitionId'],
    [{ roleDefinitionId: roleId('Reader'), principalId: '' }, 400, 'InvalidPrincipalId'],
    [{ roleDefinitionId: roleId('Reader'), principalId: 'a', principalType: 'Cat' }, 400, 'InvalidPrincipalType'],
    [{ principalId: 'a' }, 400, 'InvalidRequestContent'],
  ])('of %j is refused', async (wrong, status, code) => {
    const reply = await server.call('PUT', at(SUB, `roleAssignments/${name}`), { body: { properties: wrong } })
    expect([reply.status, reply.body.error.code]).toEqual([status, code])
    expect((await list(SUB)).body.value).toEqual([])
  })

  it('names a principal without case where it is a GUID, and exactly where another issuer names it otherwise', async () => {
    const policies = `${SUB}/providers/Microsoft.Security/jitNetworkAccessPolicies?api-version=2020-01-01`
    await server.assign('Reader', ALICE.toUpperCase(), SUB)
    await server.assign('Reader', 'Sub-Of-Bob', SUB)
    const status = async (who: string) => (await server.as(who, 'GET', policies)).status
    expect([await status(ALICE), await status('Sub-Of-Bob'), await status('sub-of-bob')]).toEqual([200, 200, 403])
  })

  it('is refused under a name that is no GUID, and at what is no scope', async () => {
    const odd = await server.call('PUT', at(SUB, 'roleAssignments/mine'), { body: properties() })
    expect(odd.body.error.code).toBe('InvalidRoleAssignmentId')
    const nowhere = await server.call('PUT', at('/nowhere', `roleAssignments/${name}`), { body: properties() })
    expect(nowhere.body.error.code).toBe('InvalidScope')
    const unknown = `/subscriptions/${crypto.randomUUID()}`
    expect((await server.call('GET', at(unknown, 'roleAssignments'))).body.error.code).toBe('SubscriptionNotFound')
  })

  it('never changes who, what and where', async () => {
    const path = at(SUB, `roleAssignments/${name}`)
    await server.call('PUT', path, { body: properties('Reader') })
    const changed = await server.call('PUT', path, { body: properties('Owner') })
    expect([changed.status, changed.body.error.code]).toEqual([400, 'RoleAssignmentUpdateNotPermitted'])
  })

  it('may be made at every kind of scope', async () => {
    const scopes = ['/', '/providers/Microsoft.Management/managementGroups/root', SUB, GROUP, machineId('web1')]
    for (const scope of scopes) await server.assign('Reader', 'alice', scope)
    expect(scopesIn(await list('/'))).toEqual(scopes.toSorted())
  })

  it('is listed at, above and below the scope; with atScope() not below; by principal; each as az asks', async () => {
    await server.assign('Reader', 'alice', '/')
    await server.assign('Reader', 'alice', SUB)
    await server.assign('Owner', 'bob', GROUP)
    await server.assign('Owner', 'bob', `/subscriptions/${OTHER_SUBSCRIPTION}`)
    expect(scopesIn(await list(SUB))).toEqual(['/', SUB, GROUP].toSorted())
    expect(scopesIn(await list(SUB, 'atScope()'))).toEqual(['/', SUB])
    expect(scopesIn(await list(SUB, `principalId eq 'bob'`))).toEqual([GROUP])
    expect(scopesIn(await list(SUB, `atScope() and assignedTo('alice')`))).toEqual(['/', SUB])
    expect((await list(SUB, 'scopeMadeUp()')).body.error.code).toBe('UnsupportedFilter')
  })

  it('takes effect at once, also when it is taken away', async () => {
    const policies = `${SUB}/providers/Microsoft.Security/jitNetworkAccessPolicies?api-version=2020-01-01`
    expect((await server.as('alice', 'GET', policies)).status).toBe(403)
    const path = await server.assign('Reader', 'alice', SUB)
    expect((await server.as('alice', 'GET', policies)).status).toBe(200)
    expect((await server.as('eve.alice', 'GET', policies)).status).toBe(200)
    await server.call('DELETE', `${path}?${ROLE_VERSION}`)
    expect((await server.as('alice', 'GET', policies)).status).toBe(403)
  })

  it('is on record: who gave and took which role to whom, where', async () => {
    const path = await server.assign('JIT Requester', 'alice', GROUP)
    await server.call('DELETE', `${path}?${ROLE_VERSION}`)
    const { body } = await server.call('GET', '/api/v1/audit?action=role.assigned,role.unassigned')
    expect(
      body.value.map(({ action, actor, target, data }: Record<string, unknown>) => [action, actor, target, data]),
    ).toEqual(
      ['role.assigned', 'role.unassigned'].map((action) => [
        action,
        'bootstrap',
        GROUP,
        expect.objectContaining({ roleName: 'JIT Requester', principalId: 'alice' }),
      ]),
    )
  })
})

describe('the right to give roles', () => {
  it('is needed at the scope, and Contributor has it not', async () => {
    await server.assign('Contributor', 'carol', SUB)
    await server.assign('User Access Administrator', 'ulf', GROUP)
    const give = (who: string, scope: string) =>
      server.as(
        who,
        'PUT',
        at(scope, `roleAssignments/${crypto.randomUUID()}`),
        properties('Owner', crypto.randomUUID()),
      )
    const carol = await give('carol', SUB)
    expect([carol.status, carol.body.error.code]).toEqual([403, 'AuthorizationFailed'])
    expect(carol.body.error.message).toContain(`'Microsoft.Authorization/roleAssignments/write' over scope '${SUB}'`)
    expect((await give('ulf', GROUP)).status).toBe(201)
    expect((await give('ulf', SUB)).status).toBe(403)
    expect((await give('nobody', '/')).status).toBe(403)
  })

  it('shows only the assignments that the caller may read', async () => {
    await server.assign('Reader', 'alice', GROUP)
    await server.assign('Owner', 'bob', '/')
    await server.assign('Owner', 'bob', machineId('web1'))
    expect(scopesIn(await list(GROUP, '', 'alice'))).toEqual(['/', GROUP])
    expect(scopesIn(await list('/', '', 'alice'))).toEqual([GROUP])
    expect((await list(GROUP, '', 'eve')).body.error.code).toBe('AuthorizationFailed')
  })
})

describe('a role', () => {
  const name = '77777777-7777-4777-8777-777777777777'
  const body = (more: object = {}) => ({
    properties: {
      roleName: 'Night shift',
      description: 'asks at night',
      type: 'CustomRole',
      permissions: [{ actions: ['Microsoft.Security/*/read'], notActions: [] }],
      assignableScopes: [SUB],
      ...more,
    },
  })

  it('is made, found by its name, changed, and removed once nobody holds it', async () => {
    const path = at(SUB, `roleDefinitions/${name}`)
    const made = await server.call('PUT', path, { body: body() })
    expect([made.status, made.body.id]).toEqual([201, `${under(SUB)}/roleDefinitions/${name}`])
    const found = await server.call(
      'GET',
      at(GROUP, 'roleDefinitions', `&$filter=${encodeURIComponent(`roleName eq 'night shift'`)}`),
    )
    expect(found.body.value.map((role: { name: string }) => role.name)).toEqual([name])
    const policies = `${SUB}/providers/Microsoft.Security/jitNetworkAccessPolicies?api-version=2020-01-01`
    const assignment = at(SUB, `roleAssignments/${crypto.randomUUID()}`)
    await server.call('PUT', assignment, {
      body: { properties: { roleDefinitionId: made.body.id, principalId: 'alice' } },
    })
    expect((await server.as('alice', 'GET', policies)).status).toBe(200)
    await server.call('PUT', path, { body: body({ permissions: [{ actions: ['*'], notActions: ['*/read'] }] }) })
    expect((await server.as('alice', 'GET', policies)).status).toBe(403)
    expect((await server.call('DELETE', path)).body.error.code).toBe('RoleDefinitionHasAssignments')
    await server.call('DELETE', assignment)
    expect((await server.call('DELETE', path)).status).toBe(200)
    expect((await server.call('DELETE', path)).status).toBe(204)
    expect((await server.call('GET', path)).body.error.code).toBe('RoleDefinitionDoesNotExist')
  })

  it('cannot be assigned, nor is it listed, outside its assignable scopes', async () => {
    await server.call('PUT', at(GROUP, `roleDefinitions/${name}`), { body: body({ assignableScopes: [GROUP] }) })
    const elsewhere = await server.call('PUT', at(SUB, `roleAssignments/${crypto.randomUUID()}`), {
      body: { properties: { roleDefinitionId: name, principalId: 'alice' } },
    })
    expect(elsewhere.body.error.code).toBe('RoleDefinitionNotAssignable')
    const names = async (filter: string) =>
      (await server.call('GET', at(SUB, 'roleDefinitions', filter))).body.value.map(
        (role: { name: string }) => role.name,
      )
    expect(await names('')).not.toContain(name)
    expect(await names(`&$filter=atScopeAndBelow()`)).toContain(name)
    expect(await names(`&$filter=type eq 'CustomRole'`)).toEqual([])
  })

  it('that is malformed is refused with everything that is wrong', async () => {
    const wrong = { roleName: ' ', permissions: [{ actions: ['read everything', '*'] }], assignableScopes: ['here'] }
    const reply = await server.call('PUT', at(SUB, `roleDefinitions/${name}`), { body: body(wrong) })
    expect(reply.body.error.details.map(({ code }: { code: string }) => code)).toEqual([
      'InvalidRoleName',
      'InvalidActionOrNotAction',
      'InvalidScope',
    ])
  })

  it('of the built-in ones is never changed or removed, nor its name taken', async () => {
    const reader = at(SUB, `roleDefinitions/${roleId('Reader').split('/').at(-1)}`)
    expect((await server.call('PUT', reader, { body: body() })).body.error.code).toBe('BuiltInRoleCannotBeChanged')
    expect((await server.call('DELETE', reader)).body.error.code).toBe('BuiltInRoleCannotBeChanged')
    const thief = await server.call('PUT', at(SUB, `roleDefinitions/${name}`), { body: body({ roleName: 'READER' }) })
    expect([thief.status, thief.body.error.code]).toEqual([409, 'RoleDefinitionWithSameNameExists'])
  })

  it('may only be made by somebody who has the right at every scope where it could be assigned', async () => {
    await server.assign('Owner', 'olga', GROUP)
    const wide = await server.as(
      'olga',
      'PUT',
      at(GROUP, `roleDefinitions/${name}`),
      body({ assignableScopes: [GROUP, SUB] }),
    )
    expect([wide.status, wide.body.error.code]).toEqual([403, 'AuthorizationFailed'])
    const narrow = await server.as(
      'olga',
      'PUT',
      at(GROUP, `roleDefinitions/${name}`),
      body({ assignableScopes: [GROUP] }),
    )
    expect(narrow.status).toBe(201)
  })
})

describe('an explanation', () => {
  const ask = (who: string | undefined, principal: string, scope: string) => {
    const action = 'Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action'
    const path = `/api/v1/roles/explain?${new URLSearchParams({ principal, action, scope }).toString()}`
    return who === undefined ? server.call('GET', path) : server.as(who, 'GET', path)
  }

  it('names the assignment that allows, or what is missing', async () => {
    await server.assign('JIT Requester', 'team', GROUP)
    await server.assign('Reader', 'alice', SUB)
    const yes = await ask(undefined, 'alice,team', GROUP)
    expect(yes.body).toMatchObject({ allowed: true, text: expect.stringContaining('JIT Requester of team') })
    const no = await ask(undefined, 'alice,team', SUB)
    expect(no.body.allowed).toBe(false)
    expect(no.body.assignments.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'is elsewhere',
      'lacks the action',
    ])
    expect((await ask(undefined, 'zoe', SUB)).body.text).toContain('no role assignment at all')
  })

  it('of oneself is open to everybody, of others to who may read assignments there', async () => {
    expect((await ask('alice', 'alice', SUB)).status).toBe(200)
    expect((await ask('alice', 'bob', SUB)).status).toBe(403)
    await server.assign('JIT Auditor', 'alice', SUB)
    expect((await ask('alice', 'bob', SUB)).status).toBe(200)
  })
})
