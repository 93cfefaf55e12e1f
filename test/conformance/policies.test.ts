import { afterEach, beforeEach, expect, test } from 'vitest'
import { initiateBody, policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { machineId, OTHER_SUBSCRIPTION, startServer, SUBSCRIPTION, type RunningServer } from './running-server.ts'

let server: RunningServer

beforeEach(async () => {
  server = await startServer()
})
afterEach(async () => {
  await server.stop()
})

const put = (path = policyPath(), body: unknown = policyBody(), headers = {}) =>
  server.call('PUT', `${path}${VERSION}`, { body, headers })
const get = (path: string) => server.call('GET', `${path}${VERSION}`)

test('a new policy is answered 200 with id, name, type and location although the client sent none (R1, R2)', async () => {
  const { status, body } = await put()
  expect(status).toBe(200)
  expect(body).toEqual({
    kind: 'Basic',
    properties: {
      virtualMachines: [{ id: machineId('web1'), ports: [rule()] }],
      requests: [],
      provisioningState: 'Succeeded',
      appendMode: false,
    },
    id: policyPath(),
    name: 'default',
    type: 'Microsoft.Security/locations/jitNetworkAccessPolicies',
    location: 'westeurope',
  })
})

test('members come in the order of the original (R23)', async () => {
  const { text } = await put()
  const places = ['"kind"', '"properties"', '"provisioningState"', '"id":"/sub', '"name"', '"type"', '"location"']
  const found = places.map((place) => text.lastIndexOf(place))
  expect(found.every((index) => index >= 0)).toBe(true)
  expect(found.toSorted((a, b) => a - b)).toEqual(found)
})

test('ports stay in the order they were written (R23)', async () => {
  const ports = [3389, 22, 5986].map((number) => rule({ number }))
  await put(policyPath(), policyBody({ [machineId('web1')]: ports }))
  const { body } = await get(policyPath())
  expect(body.properties.virtualMachines[0].ports).toEqual(ports)
})

test('a policy whose firewall has not answered yet says Updating, and Succeeded once it is seen in place (R2)', async () => {
  await put()
  const release = server.driver.holdUp()
  await server.call('POST', `${policyPath()}/initiate${VERSION}`, { body: initiateBody() })
  const { body: updating } = await put(
    policyPath(),
    policyBody({ [machineId('web1')]: [rule(), rule({ number: 80 })] }),
  )
  expect(updating.properties.provisioningState).toBe('Updating')
  release()
  await server.pass(120_000)
  expect((await get(policyPath())).body.properties.provisioningState).toBe('Succeeded')
})

test('writing answers requests: [] although the policy keeps its history, and open access stays open (R4, R5)', async () => {
  await put()
  await server.call('POST', `${policyPath()}/initiate${VERSION}`, { body: initiateBody() })
  expect((await put()).body.properties.requests).toEqual([])
  const { body } = await get(policyPath())
  expect(body.properties.requests).toHaveLength(1)
  expect(body.properties.requests[0].virtualMachines[0].ports[0].status).toBe('Initiated')
})

test('a body may carry id, name, type, location, requests and members nobody knows: they are ignored', async () => {
  const extra = { id: '/x', name: 'x', type: 'y', location: 'z', tags: { a: 1 } }
  const body = { ...policyBody(), ...extra }
  const { status, body: answer } = await put(policyPath(), {
    ...body,
    properties: { ...body.properties, requests: [{ nonsense: true }], provisioningState: 'Failed', appendMode: true },
  })
  expect(status).toBe(200)
  expect(answer.name).toBe('default')
  expect(answer.properties).toMatchObject({ requests: [], provisioningState: 'Succeeded', appendMode: false })
})

test('a member sent as null is the same as a member left out', async () => {
  const nulls = rule({ allowedSourceAddressPrefix: null, allowedSourceAddressPrefixes: ['10.0.0.0/8'] })
  const { body } = await put(policyPath(), policyBody({ [machineId('web1')]: [nulls] }))
  expect(body.properties.virtualMachines[0].ports[0]).toEqual({
    number: 22,
    protocol: '*',
    allowedSourceAddressPrefixes: ['10.0.0.0/8'],
    maxRequestAccessDuration: 'PT3H',
  })
})

test('what becomes of who is connected at the end is kept as it was written, and left out where nobody wrote it', async () => {
  const ports = [rule({ onExpiry: 'cut' }), rule({ number: 3389 }), rule({ number: 5985, onExpiry: null })]
  expect((await put(policyPath(), policyBody({ [machineId('web1')]: ports }))).status).toBe(200)
  const [machine] = (await get(policyPath())).body.properties.virtualMachines
  expect(machine.ports.map(({ onExpiry }: { onExpiry?: string }) => onExpiry)).toEqual(['cut', undefined, undefined])
  const wrong = await put(policyPath(), policyBody({ [machineId('web1')]: [rule({ onExpiry: 'drop' })] }))
  expect([wrong.status, wrong.body.error.code]).toEqual([400, 'InvalidOnExpiry'])
})

test('paths are matched without regard to case and ids are echoed as first written (R20)', async () => {
  await put(policyPath('Default', 'MainWS'))
  const upper = await get(policyPath('DEFAULT', 'MAINWS').toUpperCase())
  const lower = await get(policyPath('default', 'mainws').toLowerCase())
  const slash = await get(`${policyPath()}/`)
  expect([upper.status, lower.status, slash.status]).toEqual([200, 200, 200])
  expect(upper.body.id).toBe(policyPath('Default', 'MainWS'))
  expect(lower.body.name).toBe('Default')
})

test('a location may be written with spaces and capitals', async () => {
  const { body } = await put(policyPath('default', 'mainWS', 'West%20Europe'))
  expect(body.location).toBe('westeurope')
  expect((await get(policyPath())).status).toBe(200)
})

test('a policy may name a machine of another resource group (R18)', async () => {
  const machines = { [machineId('web1', 'myService1')]: [rule()], [machineId('db1', 'mainWS')]: [rule()] }
  expect((await put(policyPath(), policyBody(machines))).status).toBe(200)
})

test('a machine may be in two policies of different locations at once (R19)', async () => {
  expect((await put(policyPath('default', 'mainWS', 'westeurope'))).status).toBe(200)
  expect((await put(policyPath('default', 'mainWS', 'uksouth'))).status).toBe(200)
  expect(
    (await get(`/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Security/jitNetworkAccessPolicies`)).body.value,
  ).toHaveLength(2)
})

test('one policy may protect several machines, each with ports of its own (R21)', async () => {
  const machines = {
    [machineId('web1')]: [rule({ number: 22 })],
    [machineId('web2')]: [rule({ number: 3389, protocol: 'TCP' }), rule({ number: 5986 })],
    [machineId('db1', 'mainWS')]: [rule({ number: 53, protocol: 'UDP', maxRequestAccessDuration: 'PT5M' })],
  }
  const { body } = await put(policyPath(), policyBody(machines))
  expect(body.properties.virtualMachines).toEqual(Object.entries(machines).map(([id, ports]) => ({ id, ports })))
})

test('the four lists show the policies of their subscription, group and location (R22)', async () => {
  await put(policyPath('a', 'group1', 'westeurope'))
  await put(policyPath('b', 'group1', 'uksouth'))
  await put(policyPath('c', 'group2', 'westeurope'))
  const names = async (scope: string) => {
    const { status, body } = await get(`/subscriptions/${SUBSCRIPTION}${scope}/jitNetworkAccessPolicies`)
    expect(status).toBe(200)
    expect(body).not.toHaveProperty('nextLink')
    return body.value.map(({ name }: { name: string }) => name).toSorted()
  }
  const security = '/providers/Microsoft.Security'
  expect(await names(security)).toEqual(['a', 'b', 'c'])
  expect(await names(`${security}/locations/westeurope`)).toEqual(['a', 'c'])
  expect(await names(`/resourcegroups/GROUP1${security}`)).toEqual(['a', 'b'])
  expect(await names(`/resourceGroups/group1${security}/locations/UKSouth`)).toEqual(['b'])
})

test('an empty list is {"value":[]} (R22)', async () => {
  const { text } = await get(`/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Security/jitNetworkAccessPolicies`)
  expect(text).toBe('{"value":[]}')
})

test('the policies of another subscription with machines here are another list', async () => {
  await put()
  const { status, body } = await get(
    `/subscriptions/${OTHER_SUBSCRIPTION}/providers/Microsoft.Security/jitNetworkAccessPolicies`,
  )
  expect([status, body]).toEqual([200, { value: [] }])
})

test('a long list comes in pages of 200 that nextLink joins without loss or repetition', async () => {
  const wanted = Array.from({ length: 205 }, (_, index) => `p${String(index).padStart(3, '0')}`)
  for (const name of wanted) expect((await put(policyPath(name))).status).toBe(200)
  const first = await get(`/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Security/jitNetworkAccessPolicies`)
  expect(first.body.value).toHaveLength(200)
  const link = new URL(first.body.nextLink)
  expect(link.origin).toBe(server.url)
  const second = await server.call('GET', `${link.pathname}${link.search}`)
  expect(second.body).not.toHaveProperty('nextLink')
  const names = [...first.body.value, ...second.body.value].map(({ name }: { name: string }) => name)
  expect(names.toSorted()).toEqual(wanted)
})

test('a $skiptoken that is not ours is refused', async () => {
  const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Security/jitNetworkAccessPolicies${VERSION}`
  const { status, body } = await server.call('GET', `${list}&$skiptoken=bm9uc2Vuc2U`)
  expect([status, body.error.code]).toEqual([400, 'InvalidSkipToken'])
})

test('a policy that does not exist is answered 404 PolicyNotFound', async () => {
  const { status, body } = await get(policyPath('nowhere'))
  expect([status, body.error.code]).toEqual([404, 'PolicyNotFound'])
})

test('removing answers 200 with an empty body, and 204 when there was nothing (R6)', async () => {
  await put()
  const removed = await server.call('DELETE', `${policyPath()}${VERSION}`)
  expect([removed.status, removed.text, removed.headers.get('content-length')]).toEqual([200, '', '0'])
  const again = await server.call('DELETE', `${policyPath()}${VERSION}`)
  expect([again.status, again.text]).toEqual([204, ''])
  expect((await get(policyPath())).status).toBe(404)
})

test('an edit of a version that is no longer current is refused and changes nothing', async () => {
  const first = await put()
  const seen = first.headers.get('etag') ?? ''
  expect((await get(policyPath())).headers.get('etag')).toBe(seen)
  const edit = policyBody({ [machineId('web2')]: [rule()] })
  expect((await put(policyPath(), edit, { 'if-match': seen })).status).toBe(200)
  const late = await put(policyPath(), policyBody(), { 'if-match': seen })
  expect([late.status, late.body.error.code]).toEqual([412, 'PreconditionFailed'])
  expect((await get(policyPath())).body.properties.virtualMachines[0].id).toBe(machineId('web2'))
})

test("'If-None-Match: *' makes a policy only where there is none", async () => {
  expect((await put(policyPath(), policyBody(), { 'if-none-match': '*' })).status).toBe(200)
  expect((await put(policyPath(), policyBody(), { 'if-none-match': '*' })).status).toBe(412)
})

test('a policy removed and made again under its name does not match the old ETag', async () => {
  const old = (await put()).headers.get('etag') ?? ''
  await server.call('DELETE', `${policyPath()}${VERSION}`)
  await put()
  expect((await put(policyPath(), policyBody(), { 'if-match': old })).status).toBe(412)
})

test('a dry run of a PUT answers the plan and changes nothing', async () => {
  const { status, body } = await server.call('PUT', `${policyPath()}${VERSION}&dryRun=true`, { body: policyBody() })
  expect(status).toBe(200)
  expect(body.points).toEqual([
    { point: expect.stringContaining('web1'), steps: [{ kind: 'protect', text: expect.stringContaining('22') }] },
  ])
  expect((await get(policyPath())).status).toBe(404)
})

test("closing the port of the caller's own shell is refused with 409 unless forced", async () => {
  const headers = { 'x-sallyport-shell': '203.0.113.7 50022' }
  const cut = await put(policyPath(), policyBody(), headers)
  expect([cut.status, cut.body.error.code]).toEqual([409, 'WouldCutYourOwnConnection'])
  expect((await get(policyPath())).status).toBe(404)
  const forced = await server.call('PUT', `${policyPath()}${VERSION}&force=true`, { body: policyBody(), headers })
  expect(forced.status).toBe(200)
})

test.each([
  ['a machine that does not exist', 'nosuch', 'MachineNotFound'],
  ['a machine that nothing can protect', 'bare1', 'NoSecurityGroup'],
])('%s is refused with its place', async (_, name, code) => {
  await server.stop()
  server = await startServer({ bare: [machineId('bare1')] })
  const { status, body } = await put(policyPath(), policyBody({ [machineId(name)]: [rule()] }))
  expect([status, body.error.code, body.error.target]).toEqual([400, code, 'properties.virtualMachines[0].id'])
})

test('every mistake of a policy is named at once, each with its place', async () => {
  const wrong = rule({ number: 70_000, protocol: '', maxRequestAccessDuration: 'PT1M' })
  const { status, body } = await put(policyPath(), policyBody({ [machineId('web1')]: [wrong], '/x': [] }))
  expect(status).toBe(400)
  const reasons = body.error.details.map(({ code, target }: { code: string; target: string }) => `${code} ${target}`)
  expect(reasons).toEqual([
    'InvalidPort properties.virtualMachines[0].ports[0].number',
    'InvalidProtocol properties.virtualMachines[0].ports[0].protocol',
    'InvalidMaxRequestAccessDuration properties.virtualMachines[0].ports[0].maxRequestAccessDuration',
    'InvalidResourceId properties.virtualMachines[1].id',
    'NoPorts properties.virtualMachines[1].ports',
  ])
})
