/** Connections to clouds over HTTP: kept, shown without their secrets, tried, read, refused, forgotten. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { aCloudMachine, ImaginedCloud } from '../support/imagined-cloud.ts'
import { policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { startServer, type Reply, type RunningServer } from './running-server.ts'

const CLOUD_SUBSCRIPTION = '11111111-1111-4111-8111-111111111111'
const TENANT = '22222222-2222-4222-8222-222222222222'
const CLIENT = '33333333-3333-4333-8333-333333333333'
const SECRET = 'dont-tell-9f2c'

const settings = (more: object = {}) => ({
  kind: 'azure',
  tenant: TENANT,
  subscriptions: [CLOUD_SUBSCRIPTION.toUpperCase()],
  credential: { kind: 'clientSecret', clientId: CLIENT },
  ...more,
})

let server: RunningServer
let cloud: ImaginedCloud
beforeEach(async () => {
  cloud = new ImaginedCloud()
  server = await startServer({ clouds: { loadSide: async () => cloud.side } })
})
afterEach(() => server.stop())

const put = (body: object, name = 'prod', query = '', headers = {}): Promise<Reply> =>
  server.call('PUT', `/api/v1/connections/${name}${query}`, { body, headers })
const get = (path: string): Promise<Reply> => server.call('GET', `/api/v1/${path}`)
const post = (path: string): Promise<Reply> => server.call('POST', `/api/v1/connections/${path}`)
const inSubscription = (id: string): string =>
  id.replace(/\/subscriptions\/[^/]+/, `/subscriptions/${CLOUD_SUBSCRIPTION}`)

test('a connection is kept, shown with what was left out filled in, and never shows its secret', async () => {
  const made = await put({ settings: settings(), secret: SECRET })
  expect(made.status).toBe(200)
  expect(made.body).toMatchObject({
    name: 'prod',
    kind: 'azure',
    hasSecret: true,
    settings: { subscriptions: [CLOUD_SUBSCRIPTION], cloud: { name: 'public' }, drift: 'repair', refreshEvery: 'PT5M' },
    inventory: { state: 'unread', machines: 0 },
  })
  expect(made.body.id).toMatch(/\/resourceGroups\/default\/providers\/Microsoft.Security\/securityConnectors\/prod$/)
  expect((await get('connections')).body.value).toEqual([made.body])
  expect((await get('connections/PROD')).body).toEqual(made.body)
  expect(cloud.connections.map(({ secret }) => secret)).toEqual([SECRET])
  const everything = await Promise.all([get('connections'), get('audit'), get('connections/prod')])
  expect([made, ...everything].filter(({ text }) => text.includes(SECRET))).toEqual([])
  expect(JSON.stringify(await server.app.store.reads.connections.all())).not.toContain(SECRET)
  expect(JSON.stringify(server.logged)).not.toContain(SECRET)
})

test('its making, change and removal are in the trail, with every setting and no secret withheld unseen', async () => {
  await put({ settings: settings(), secret: SECRET })
  await put({ settings: settings({ drift: 'report' }) })
  await server.call('DELETE', '/api/v1/connections/prod')
  const { value } = (await get('audit?action=connection.saved,connection.removed')).body
  expect(value.map(({ action, data }: { action: string; data: object }) => [action, data])).toMatchObject([
    ['connection.saved', { before: null, after: { tenant: TENANT, drift: 'repair' }, secretChanged: true }],
    ['connection.saved', { before: { drift: 'repair' }, after: { drift: 'report' }, secretChanged: false }],
    ['connection.removed', { after: null }],
  ])
  expect(JSON.stringify(value)).not.toContain('withheld')
})

test('a kept secret stays when nothing changes for whom it is, and must be given again for anybody else', async () => {
  await put({ settings: settings(), secret: SECRET })
  await put({ settings: settings({ refreshEvery: 'PT1H' }) })
  expect(cloud.connections[0]).toMatchObject({ secret: SECRET, settings: { refreshEvery: 3_600_000 } })
  const elsewhere = { name: 'custom', endpoint: 'https://evil.example', authority: 'https://evil.example' }
  const stolen = await put({ settings: settings({ cloud: elsewhere }) })
  expect(stolen.status).toBe(400)
  expect(stolen.body.error.message).toContain('needs the client secret as its secret')
  expect(await put({ settings: settings({ cloud: elsewhere }) }, 'prod', '?dryRun=true')).toMatchObject({ status: 400 })
  expect(cloud.checked).toEqual([])
})

test('a secret that is written among the settings is refused instead of being shown to everybody', async () => {
  const wrong = await put({
    settings: settings({ credential: { kind: 'clientSecret', clientId: CLIENT, clientSecret: SECRET } }),
  })
  expect(wrong.status).toBe(400)
  expect((await get('connections')).body.value).toEqual([])
})

test('all mistakes are told at once, each with its place', async () => {
  const wrong = await put({
    settings: settings({
      tenant: '!',
      subscriptions: ['x', CLOUD_SUBSCRIPTION, CLOUD_SUBSCRIPTION],
      refreshEvery: 'PT1S',
    }),
  })
  expect(wrong.status).toBe(400)
  expect(wrong.body.error.details.map(({ target }: { target: string }) => target)).toEqual([
    'settings.refreshEvery',
    'settings.tenant',
    'settings.subscriptions[0]',
    'settings.subscriptions',
    'secret',
  ])
})

test('a place belongs to one connection', async () => {
  await put({ settings: settings(), secret: SECRET })
  const second = await put({ settings: settings(), secret: SECRET }, 'second')
  expect([second.status, second.body.error.code]).toEqual([409, 'ConnectionConflict'])
})

test('a write on top of what somebody else wrote meanwhile is refused', async () => {
  const { headers } = await put({ settings: settings(), secret: SECRET })
  const seen = headers.get('etag') ?? ''
  expect((await put({ settings: settings() }, 'prod', '', { 'if-match': seen })).status).toBe(200)
  expect((await put({ settings: settings() }, 'prod', '', { 'if-match': seen })).status).toBe(412)
})

test('what is meant as a new connection never replaces one, and what is meant as a change never makes one', async () => {
  const isNew = { 'if-none-match': '*' }
  expect((await put({ settings: settings(), secret: SECRET }, 'prod', '', { 'if-match': '*' })).status).toBe(412)
  expect((await put({ settings: settings(), secret: SECRET }, 'prod', '?dryRun=true', isNew)).status).toBe(200)
  expect((await put({ settings: settings(), secret: SECRET }, 'prod', '', isNew)).status).toBe(200)
  for (const query of ['', '?dryRun=true']) {
    const second = await put({ settings: settings(), secret: 'another' }, 'PROD', query, isNew)
    expect([second.status, second.body.error.code]).toEqual([412, 'PreconditionFailed'])
  }
  expect(cloud.connections.map(({ secret }) => secret)).toEqual([SECRET])
})

test('a dry run tries the cloud and keeps nothing', async () => {
  cloud.checks = [{ name: 'Microsoft.Compute/virtualMachines/read', scope: 'all', status: 'missing', text: 'no right' }]
  const tried = await put({ settings: settings(), secret: SECRET }, 'prod', '?dryRun=true')
  expect(tried.body).toEqual({ value: cloud.checks })
  expect(cloud.checked).toMatchObject([{ secret: SECRET, name: 'prod' }])
  expect((await get('connections')).body.value).toEqual([])
})

test('its machines are there after a refresh, and stay when the cloud cannot be read any more', async () => {
  await put({ settings: settings(), secret: SECRET })
  cloud.machines = [aCloudMachine('vm1')]
  cloud.warnings = [{ code: 'SessionsCut', message: 'nsg1 cuts sessions' }]
  const fresh = (await post('prod/refresh')).body.inventory
  expect(fresh).toMatchObject({ state: 'fresh', machines: 1, warnings: cloud.warnings })
  cloud.broken = 'throttled'
  await server.pass(60_000)
  const stale = (await post('prod/refresh')).body.inventory
  expect(stale).toMatchObject({ state: 'stale', machines: 1, problem: 'throttled', readAt: fresh.readAt })
  expect(stale.staleSince).toBe('2026-03-01T12:01:00.1230000Z')
  expect((await get('machines')).text).toContain('/virtualMachines/vm1')
  expect((await get('findings')).body.value).toEqual([
    {
      kind: 'stale',
      point: expect.stringMatching(/securityConnectors\/prod$/),
      machines: [],
      since: stale.staleSince,
      text: 'its machines cannot be read: throttled; the known ones (1) stay protected',
      reason: 'throttled',
    },
  ])
})

test('a subscription is called as the connection that reaches it, with the beginning of its id where that reaches more', async () => {
  const machine = aCloudMachine('vm1')
  cloud.machines = [
    { ...machine, id: inSubscription(machine.id), key: inSubscription(machine.key) },
  ] as typeof cloud.machines // ids still
  const named = async (subscriptions: readonly string[]): Promise<readonly string[]> => {
    await put({ settings: settings({ subscriptions }), secret: SECRET })
    await post('prod/refresh')
    const { value } = (await server.call('GET', '/subscriptions?api-version=2022-12-01')).body
    return value.map(({ displayName }: { displayName: string }) => displayName)
  }
  expect(await named([CLOUD_SUBSCRIPTION])).toEqual(['Sallyport 20ff7fc3', 'prod', 'Sallyport 31ff7fc3'])
  expect(await named([CLOUD_SUBSCRIPTION, CLIENT])).toContain('prod (11111111)')
})

test('a connection whose machines policies name can neither be removed nor changed to lose them', async () => {
  await put({ settings: settings(), secret: SECRET })
  const machine = aCloudMachine('vm1')
  cloud.machines = [
    { ...machine, id: inSubscription(machine.id), key: inSubscription(machine.key) },
  ] as typeof cloud.machines // ids still
  await post('prod/refresh')
  const id = cloud.machines[0]?.id ?? ''
  const path = inSubscription(policyPath())
  expect((await server.call('PUT', `${path}${VERSION}`, { body: policyBody({ [id]: [rule()] }) })).status).toBe(200)
  const [connection] = await server.app.store.reads.connections.all()
  expect(connection && (await server.app.store.reads.connections.remembered(connection.key))).toEqual(cloud.machines)
  const removal = await server.call('DELETE', '/api/v1/connections/prod')
  expect([removal.status, removal.body.error.code]).toEqual([409, 'ConnectionInUse'])
  const smaller = await put({ settings: settings({ subscriptions: [CLIENT] }) })
  expect([smaller.status, smaller.body.error.code]).toEqual([409, 'ConnectionInUse'])
  await server.call('DELETE', `${path}${VERSION}`)
  expect((await server.call('DELETE', '/api/v1/connections/prod')).status).toBe(200)
  expect((await server.call('DELETE', '/api/v1/connections/prod')).status).toBe(204)
  expect((await get('connections/prod')).status).toBe(404)
  expect((await get('machines')).text).not.toContain('vm1')
})
