import { afterEach, beforeEach, expect, test } from 'vitest'
import { CSV_COLUMNS } from '../../src/server/wire/audit-csv.ts'
import { initiateBody, policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { machineId, startServer, SUBSCRIPTION, type RunningServer } from './running-server.ts'

let server: RunningServer

beforeEach(async () => {
  server = await startServer()
  const machines = {
    [machineId('web1')]: [rule(), rule({ number: 80, protocol: 'TCP' })],
    [machineId('web2')]: [rule()],
  }
  await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody(machines) })
})
afterEach(async () => {
  await server.stop()
})

const initiate = (port: object = {}, id = machineId('web1')) =>
  server.call('POST', `${policyPath()}/initiate${VERSION}`, { body: initiateBody(port, id) })
const get = (path: string) => server.call('GET', `/api/v1/${path}`)

test('a request is shown with its policy, its grants and their times', async () => {
  await initiate({ allowedSourceAddressPrefix: '203.0.113.7' })
  const { body } = await get('requests')
  const [request] = body.value
  expect(request).toMatchObject({ policy: policyPath(), requestor: 'ada@example.org', address: '127.0.0.1' })
  expect(request.grants).toEqual([
    {
      id: expect.any(String),
      machine: machineId('web1'),
      port: 22,
      protocol: '*',
      sources: ['203.0.113.7'],
      from: '2026-03-01T12:00:00.1230000Z',
      until: '2026-03-01T13:00:00.1230000Z',
      endTimeUtc: '2026-03-01T13:00:00.1230000Z',
      state: 'open',
      status: 'Initiated',
      reason: 'UserRequested',
      openedAt: '2026-03-01T12:00:00.1230000Z',
    },
  ])
  expect((await get(`requests/${request.id}`)).body).toEqual(request)
})

test('a request is closed early, whole or by grant, and closing twice is no mistake', async () => {
  const ports = [22, 80].map((number) => ({ number, duration: 'PT1H' }))
  const body = { virtualMachines: [{ id: machineId('web1'), ports }] }
  await server.call('POST', `${policyPath()}/initiate${VERSION}`, { body })
  const [request] = (await get('requests')).body.value
  const close = (body?: object) =>
    server.call('POST', `/api/v1/requests/${request.id}/close`, body === undefined ? {} : { body })
  const states = (reply: Awaited<ReturnType<typeof close>>) =>
    reply.body.grants.map(({ state }: { state: string }) => state)
  expect(states(await close({ grants: [request.grants[0].id] }))).toEqual(['closed', 'open'])
  const whole = await close()
  expect([whole.status, ...states(whole)]).toEqual([200, 'closed', 'closed'])
  expect(whole.body.grants[0]).toMatchObject({ status: 'Revoked', reason: 'UserManuallyRevoked' })
  expect((await close()).status).toBe(200)
})

test('closing what does not exist is refused', async () => {
  await initiate()
  const [request] = (await get('requests')).body.value
  const unknown = await server.call('POST', '/api/v1/requests/nope/close')
  expect([unknown.status, unknown.body.error.code]).toEqual([404, 'RequestNotFound'])
  const grant = await server.call('POST', `/api/v1/requests/${request.id}/close`, { body: { grants: ['nope'] } })
  expect([grant.status, grant.body.error.code]).toEqual([400, 'GrantNotFound'])
  expect((await get(`requests/${request.id}`)).body.grants[0].state).toBe('open')
})

test('requests are found by machine, policy and whether they are live, in any case', async () => {
  await initiate({ duration: 'PT1M' })
  await server.pass(120_000)
  await initiate({}, machineId('web2'))
  const count = async (query: string) => (await get(`requests?${query}`)).body.value.length
  expect(await count('')).toBe(2)
  expect(await count('live=true')).toBe(1)
  expect(await count(`machine=${machineId('web1').toUpperCase()}`)).toBe(1)
  expect(await count(`machine=${machineId('db1', 'mainWS')}`)).toBe(0)
  expect(await count(`policy=${policyPath().toLowerCase()}`)).toBe(2)
  expect((await get(`requests?policy=${policyPath('nowhere')}`)).status).toBe(404)
  expect((await get('requests?machine=web1')).body.error.code).toBe('InvalidResourceId')
})

test('a long list of requests is joined by nextLink, newest first, with the filter kept', async () => {
  for (let index = 0; index < 5; index++) {
    await initiate()
    await server.pass(1)
  }
  const first = await get('requests?live=true&top=3')
  expect(first.body.value).toHaveLength(3)
  const link = new URL(first.body.nextLink)
  expect(link.searchParams.get('live')).toBe('true')
  const second = await server.call('GET', `${link.pathname}${link.search}`)
  expect(second.body).not.toHaveProperty('nextLink')
  const starts = [...first.body.value, ...second.body.value].map(({ startTimeUtc }) => startTimeUtc)
  expect(starts).toEqual(starts.toSorted((a, b) => (a < b ? 1 : -1)))
  expect(new Set(starts).size).toBe(5)
})

test('machines are shown with their protected ports and what is open on them', async () => {
  await initiate()
  const { body } = await get('machines')
  const machine = body.value.find(({ name }: { name: string }) => name === 'web1')
  expect(machine).toMatchObject({
    id: machineId('web1'),
    location: 'westeurope',
    os: 'Linux',
    policies: [policyPath()],
    ports: [
      { number: 22, protocol: '*', allowedSources: ['*'], maxRequestAccessDuration: 'PT3H' },
      { number: 80, protocol: 'TCP', allowedSources: ['*'], maxRequestAccessDuration: 'PT3H' },
    ],
  })
  expect(machine.grants).toHaveLength(1)
})

test('the audit trail tells every transition once, in order, and pages by seq', async () => {
  await initiate({ duration: 'PT1M' })
  await server.pass(60_000)
  const { body } = await get('audit')
  expect(body.value.map(({ seq, action }: { seq: number; action: string }) => `${seq} ${action}`)).toEqual([
    '1 policy.saved',
    '2 access.requested',
    '3 access.opened',
    '4 access.closed',
  ])
  const first = await get('audit?top=3')
  const link = new URL(first.body.nextLink)
  const rest = await server.call('GET', `${link.pathname}${link.search}`)
  expect(rest.body.value[0]).toEqual(body.value[3])
  // Reading is on record too: once for a list, not for the page that follows.
  expect((await get('audit?action=audit.read')).body.value).toHaveLength(2)
  expect((await get('audit?action=access.opened,access.closed')).body.value).toHaveLength(2)
  expect((await get(`audit?request=${body.value[1].request}`)).body.value).toHaveLength(3)
  expect((await get('audit?since=2026-03-01T12:01:00Z&actor=sallyport')).body.value).toHaveLength(1)
  expect((await get('audit?since=yesterday')).body.error).toMatchObject({ code: 'InvalidInstant', target: 'since' })
})

test('the audit trail is found by person, machine, outcome and time', async () => {
  await initiate({ duration: 'PT1M' })
  await initiate({ duration: 'PT9H' })
  await server.pass(60_000)
  const actions = async (query: string): Promise<string[]> =>
    (await get(`audit?${query}`)).body.value.map(({ action }: { action: string }) => action)
  expect(await actions('outcome=refused')).toEqual(['access.refused'])
  expect(await actions('actor=SALLYPORT')).toEqual(['access.opened', 'access.closed'])
  const about = await actions(`machine=${machineId('WEB1')}`)
  expect(about).toEqual(['policy.saved', 'access.requested', 'access.opened', 'access.refused', 'access.closed'])
  expect(await actions(`machine=${machineId('web2')}`)).toEqual(['policy.saved'])
  expect(await actions('until=2026-03-01T12:01:00Z&actor=sallyport')).toEqual(['access.opened'])
  expect((await get('audit?machine=web1')).body.error).toMatchObject({ target: 'machine' })
  expect((await get('audit?outcome=good')).status).toBe(400)
})

test('the audit trail is downloaded as CSV and as JSON Lines, and that is on record', async () => {
  const body = { ...initiateBody({ duration: 'PT1M' }, machineId('web1')), justification: '=1+1' }
  await server.call('POST', `${policyPath()}/initiate${VERSION}`, { body })
  const csv = await get('audit/export?action=access.requested')
  expect(csv.headers.get('content-type')).toContain('text/csv')
  const [header, line, end] = csv.text.split('\r\n')
  expect(header).toBe(CSV_COLUMNS.join(','))
  expect(line).toContain(`,"'=1+1",`)
  expect(end).toBe('')
  const lines = (await get('audit/export?format=jsonl')).text.trimEnd().split('\n')
  const events = lines.map((text) => JSON.parse(text) as Record<string, unknown>)
  expect(events.map(({ action }) => action)).toEqual([
    'policy.saved',
    'access.requested',
    'access.opened',
    'audit.exported',
  ])
  expect(events.at(-1)).toMatchObject({ data: { format: 'csv', filter: { action: 'access.requested' } } })
})

test('the audit trail is checked, and the finding is on record', async () => {
  expect((await get('audit/verify')).body).toMatchObject({ intact: true, events: 1, first: 1 })
  expect((await get('audit?action=audit.verified')).body.value).toMatchObject([{ data: { intact: true, events: 1 } }])
})

test('the doctor tells what it found', async () => {
  expect((await get('doctor')).body).toEqual({ value: [{ name: 'kernel', status: 'ok', text: 'fine' }] })
})

test('a network security group is shown at its ARM path, in any case', async () => {
  await server.stop()
  const rules = [{ name: 'ssh', properties: { access: 'Allow' } }]
  const group = { name: 'nsg1', properties: { securityRules: rules } }
  const key = `/subscriptions/${SUBSCRIPTION}/resourcegroups/g/providers/microsoft.network/networksecuritygroups/nsg1`
  server = await startServer({ nsgs: { find: (asked) => (asked === key ? group : undefined), list: () => [group] } })
  const path = `/subscriptions/${SUBSCRIPTION}/resourceGroups/G/providers/Microsoft.Network/networkSecurityGroups/NSG1`
  expect((await server.call('GET', `${path}?api-version=2022-07-01`)).body).toEqual(group)
  expect((await server.call('GET', `${path}/securityRules?api-version=2022-07-01`)).body).toEqual({ value: rules })
  expect((await server.call('GET', path)).body.error.code).toBe('MissingApiVersionParameter')
})
