import { afterEach, beforeEach, expect, test } from 'vitest'
import { policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { machineId, startServer, type Reply, type RunningServer } from './running-server.ts'

const OWNER = 'sallyport-apply github.com/acme/access'
const code = (owner = OWNER): Record<string, string> => ({ 'x-sallyport-managed-by': owner })

let server: RunningServer
beforeEach(async () => {
  server = await startServer()
})
afterEach(() => server.stop())

const write = (headers: Record<string, string> = {}, max = 'PT3H', query = ''): Promise<Reply> =>
  server.call('PUT', `${policyPath()}${VERSION}${query}`, {
    body: policyBody({ [machineId('web1')]: [rule({ maxRequestAccessDuration: max })] }),
    headers,
  })
const remove = (headers: Record<string, string> = {}, query = ''): Promise<Reply> =>
  server.call('DELETE', `${policyPath()}${VERSION}${query}`, { headers })
const managedBy = async () => (await server.call('GET', '/api/v1/policies')).body.value[0].managedBy
const plan = async (body: object) => (await server.call('POST', '/api/v1/policies/plan', { body })).body

test('a policy that code wrote says so, and the original’s clients see no difference', async () => {
  const plain = (await write()).body
  expect(await managedBy()).toBeUndefined()
  const written = await write(code())
  expect(written.body).toEqual(plain)
  expect(written.headers.get('x-sallyport-managed-by')).toBe(OWNER)
  expect(await managedBy()).toEqual({
    tool: 'sallyport-apply',
    source: 'github.com/acme/access',
    since: '2026-03-01T12:00:00.1230000Z',
  })
})

test('a change by hand succeeds, is on record as made outside, and is settled by the next write of the owner', async () => {
  await write(code())
  await write()
  expect(await managedBy()).not.toHaveProperty('changedOutsideAt')
  expect((await write({}, 'PT2H')).status).toBe(200)
  expect(await managedBy()).toMatchObject({
    tool: 'sallyport-apply',
    changedOutsideAt: '2026-03-01T12:00:00.1230000Z',
  })
  const shown = await server.call('GET', `${policyPath()}${VERSION}`)
  expect(shown.headers.get('x-sallyport-changed-outside-at')).toBe('2026-03-01T12:00:00.1230000Z')
  const [event] = (await server.call('GET', '/api/v1/audit?action=policy.saved')).body.value.slice(-1)
  expect(event.data).toMatchObject({ managedBy: OWNER, changedOutsideAt: expect.any(String) })
  await write(code())
  expect(await managedBy()).not.toHaveProperty('changedOutsideAt')
})

test('two sources do not fight over one policy: the second must say that it takes it over', async () => {
  await write(code())
  const refused = await write(code('terraform'))
  expect([refused.status, refused.body.error.code]).toEqual([409, 'PolicyManagedElsewhere'])
  expect((await write(code('terraform'), 'PT3H', '&takeOver=true')).status).toBe(200)
  expect(await managedBy()).toMatchObject({ tool: 'terraform' })
  expect((await write(code('none'))).status).toBe(200)
  expect(await managedBy()).toBeUndefined()
  expect((await write(code('no such owner here'))).body.error.code).toBe('InvalidManagedBy')
})

test('code removes only what it manages; a person removes anything', async () => {
  await write()
  expect((await remove(code())).body.error.code).toBe('PolicyManagedElsewhere')
  await write(code('terraform'))
  expect((await remove(code())).status).toBe(409)
  expect((await remove(code('terraform'))).status).toBe(200)
  await write(code())
  expect((await remove()).status).toBe(200)
})

test('policies are listed without their history, by owner and page by page', async () => {
  await write(code())
  const other = policyPath('other', 'myService1')
  await server.call('PUT', `${other}${VERSION}`, { body: policyBody({ [machineId('web2')]: [rule()] }) })
  const ids = async (query: string): Promise<string[]> =>
    (await server.call('GET', `/api/v1/policies?${query}`)).body.value.map(({ id }: { id: string }) => id)
  expect(await ids('')).toEqual([policyPath(), other])
  expect(await ids('managed=true')).toEqual([policyPath()])
  expect(await ids('managed=false')).toEqual([other])
  expect(await ids(`managedBy=${encodeURIComponent(OWNER)}`)).toEqual([policyPath()])
  expect(await ids('managedBy=terraform')).toEqual([])
  const first = await server.call('GET', '/api/v1/policies?top=1')
  const link = new URL(first.body.nextLink)
  expect((await server.call('GET', `${link.pathname}${link.search}`)).body.value[0].id).toBe(other)
  expect(first.body.value[0]).toMatchObject({
    name: 'default',
    virtualMachines: [{ id: machineId('web1'), ports: [rule()] }],
    etag: expect.any(String),
  })
})

test('many policies are planned in one call: made, changed, kept, removed, and why not', async () => {
  await write(code())
  const machine = (name: string, rules = [rule()], group?: string) => [{ id: machineId(name, group), ports: rules }]
  const [tool, source] = OWNER.split(' ')
  const owner = { tool, source }
  const { value } = await plan({
    managedBy: owner,
    policies: [
      { id: policyPath(), virtualMachines: machine('web1') },
      { id: policyPath(), virtualMachines: machine('web1', [rule({ number: 23 })]) },
      { id: policyPath('new'), virtualMachines: machine('web2') },
      { id: policyPath('bad'), virtualMachines: machine('nowhere', [rule({ protocol: 'ICMP' })]) },
      { id: '/subscriptions/x', virtualMachines: [] },
    ],
    remove: [policyPath(), policyPath('gone')],
  })
  expect(value.map(({ action }: { action: string }) => action)).toEqual([
    'none',
    'update',
    'create',
    'refused',
    'refused',
    'remove',
    'none',
  ])
  expect(value[1].points[0].steps.length).toBeGreaterThan(0)
  expect(value[0].before).toMatchObject({ id: policyPath(), managedBy: { tool } })
  expect(value[3].refusals).toEqual([expect.objectContaining({ code: 'InvalidProtocol' })])
  expect(value[4].refusals[0].code).toBe('InvalidResourceId')
  expect((await server.call('GET', '/api/v1/policies')).body.value).toHaveLength(1)
})

test('a plan says what takes a policy over or settles a change by hand, though the policy stays as it is', async () => {
  await write()
  const policies = [{ id: policyPath(), virtualMachines: policyBody().properties.virtualMachines }]
  const action = async (managedBy?: object, more: object = {}) =>
    (await plan({ managedBy, policies, steps: false, ...more })).value[0].action
  expect([await action(), await action({ tool: 'terraform' })]).toEqual(['none', 'adopt'])
  await write(code('terraform'))
  expect(await action({ tool: 'terraform' })).toBe('none')
  expect(await action({ tool: 'pulumi' })).toBe('refused')
  expect(await action({ tool: 'pulumi' }, { takeOver: true })).toBe('adopt')
  await write({}, 'PT2H')
  await write()
  expect(await action({ tool: 'terraform' })).toBe('adopt')
})
