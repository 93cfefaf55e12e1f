/** Whatever is refused to somebody who is known is on record, with every reason, and without what was not said to be told. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { ROLE_VERSION, startPeopledServer, under, type PeopledServer } from './people.ts'
import { machineId, SUBSCRIPTION } from './running-server.ts'

const SUB = `/subscriptions/${SUBSCRIPTION}`
const GUID = '55555555-5555-4555-8555-555555555555'

let server: PeopledServer
beforeEach(async () => {
  server = await startPeopledServer()
})
afterEach(() => server.stop())

async function refusalsOf(who: string) {
  const { body } = await server.call('GET', `/api/v1/audit?outcome=refused&actor=${who}@example.org`)
  return body.value as { action: string; target: string; data: Record<string, unknown>; outcome: string }[]
}

test('a policy that may not be written or removed, with every reason and the machines it names', async () => {
  await server.assign('Reader', 'rita', SUB)
  await server.as('rita', 'PUT', `${policyPath()}${VERSION}`, policyBody())
  await server.as('rita', 'DELETE', `${policyPath()}${VERSION}`)
  const [write, removal] = await refusalsOf('rita')
  expect(write).toMatchObject({
    action: 'policy.refused',
    target: policyPath(),
    data: { what: 'write', code: 'AuthorizationFailed', machines: [machineId('web1')], actorId: 'rita' },
  })
  expect(write?.data['refusals']).toHaveLength(2)
  expect(removal).toMatchObject({ action: 'policy.refused', data: { what: 'remove', code: 'AuthorizationFailed' } })
  const about = await server.call('GET', `/api/v1/audit?machine=${machineId('web1')}`)
  expect(about.body.value).toHaveLength(1)
})

test('a policy that is wrong in several places, each of them', async () => {
  const body = policyBody({ [machineId('web1')]: [rule({ number: 99_999, protocol: 'ICMP' })] })
  await server.call('PUT', `${policyPath()}${VERSION}`, { body })
  const { value } = (await server.call('GET', '/api/v1/audit?action=policy.refused')).body
  expect(value).toHaveLength(1)
  expect(value[0].data.refusals.map(({ code }: { code: string }) => code)).toEqual(['InvalidPort', 'InvalidProtocol'])
})

test('a dry run is no write and leaves no trace', async () => {
  await server.assign('Reader', 'rita', SUB)
  await server.as('rita', 'PUT', `${policyPath()}${VERSION}&dryRun=true`, policyBody())
  expect(await refusalsOf('rita')).toEqual([])
})

test('roles, plans, users, groups, programs and connections', async () => {
  const assignment = `${under(SUB)}/roleAssignments/${GUID}?${ROLE_VERSION}`
  const definition = `${under(SUB)}/roleDefinitions/${GUID}?${ROLE_VERSION}`
  const role = { properties: { roleName: 'Everything', permissions: [], assignableScopes: [SUB] } }
  await server.as('eve', 'PUT', assignment, { properties: { roleDefinitionId: GUID, principalId: 'eve' } })
  await server.as('eve', 'DELETE', assignment)
  await server.as('eve', 'PUT', definition, role)
  await server.as('eve', 'DELETE', definition)
  const pricing = `${SUB}/providers/Microsoft.Security/pricings/VirtualMachines?api-version=2024-01-01`
  await server.as('eve', 'PUT', pricing, { properties: { pricingTier: 'Free' } })
  await server.as('eve', 'POST', '/api/v1/users', { name: 'mallory', password: 'correct horse battery staple' })
  await server.as('eve', 'DELETE', '/api/v1/users/ada')
  await server.as('eve', 'POST', '/api/v1/groups', { name: 'admins' })
  await server.as('eve', 'POST', '/api/v1/service-principals', { name: 'robot' })
  await server.as('eve', 'DELETE', '/api/v1/connections/production')
  const refusals = await refusalsOf('eve')
  expect(refusals.map(({ action, data }) => `${action} ${String(data['what'] ?? data['tier'])}`)).toEqual([
    'role.refused assign',
    'role.refused unassign',
    'role.refused define',
    'role.refused remove',
    'plan.refused Free',
    'identity.refused create user',
    'identity.refused remove user',
    'identity.refused create group',
    'identity.refused create service principal',
    'connection.refused remove',
  ])
  for (const { data, outcome } of refusals) expect([data['code'], outcome]).toEqual(['AuthorizationFailed', 'refused'])
  expect(JSON.stringify(refusals)).not.toContain('battery')
  expect(JSON.stringify(refusals)).not.toContain('withheld')
  expect(refusals[0]?.data).toMatchObject({ principalId: 'eve', role: GUID })
})

test('a password that is too weak is refused on record without the password', async () => {
  await server.call('POST', '/api/v1/users', { body: { name: 'bob', password: 'hunter2' } })
  const { text, body } = await server.call('GET', '/api/v1/audit?action=identity.refused')
  expect(body.value[0]).toMatchObject({ target: '', data: { what: 'create user', code: 'WeakPassword' } })
  expect(text).not.toContain('hunter2')
})

test('a secret in the field of a name is not kept: only a name that somebody here has is on record', async () => {
  const { body: ada } = await server.call('POST', '/api/v1/users', { body: { name: 'ada' } })
  await server.call('POST', '/api/v1/groups', { body: { name: 'admins' } })
  const wrong = 'correct-horse-battery'
  await server.call('POST', '/api/v1/users', { body: { name: wrong, password: 'ada' } })
  await server.call('POST', '/api/v1/users', { body: { name: `${wrong} staple` } })
  await server.call('POST', '/api/v1/groups', { body: { name: `${wrong}\u0007` } })
  await server.call('DELETE', `/api/v1/users/${wrong}`)
  await server.call('PUT', `/api/v1/groups/admins/members/${wrong}`)
  await server.call('DELETE', `/api/v1/groups/admins/members/${wrong}`)
  await server.as('eve', 'DELETE', `/api/v1/users/${wrong}`)
  await server.as('eve', 'DELETE', '/api/v1/users/ADA')
  await server.call('POST', '/api/v1/users', { body: { name: 'ada' } })
  expect((await server.call('GET', '/api/v1/audit')).text).not.toContain(wrong)
  const { body } = await server.call('GET', '/api/v1/audit?action=identity.refused')
  const told = body.value.map(({ target, data }: { target: string; data: Record<string, unknown> }) =>
    [data['what'], data['code'], target === ada.user.id ? 'ada’s id' : target !== '', data['name']].join(' '),
  )
  expect(told).toEqual([
    'create user WeakPassword false ',
    'create user InvalidUserName false ',
    'create group InvalidDisplayName false ',
    'remove user UserNotFound false ',
    'add member UserNotFound true admins',
    'remove user AuthorizationFailed false ',
    'remove user AuthorizationFailed ada’s id ada',
    'create user NameTaken ada’s id ada',
  ])
})
