import { afterEach, beforeEach, expect, test } from 'vitest'
import { initiateBody, policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { machineId, START, startServer, SUBSCRIPTION, type RunningServer } from './running-server.ts'

let server: RunningServer

beforeEach(async () => {
  server = await startServer()
  const machines = {
    [machineId('web1')]: [rule(), rule({ number: 3389, allowedSourceAddressPrefix: '10.0.0.0/8' })],
    [machineId('web2')]: [rule({ maxRequestAccessDuration: 'PT8H' })],
  }
  await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody(machines) })
})
afterEach(async () => {
  await server.stop()
})

const initiate = (body: unknown, path = policyPath(), query = '') =>
  server.call('POST', `${path}/initiate${VERSION}${query}`, { body })
const portOf = async (index = 0) => {
  const { body } = await server.call('GET', `${policyPath()}${VERSION}`)
  return body.properties.requests[index].virtualMachines[0].ports[0]
}

test('a request inside the policy is answered exactly 202 with what was granted (R7, R9, R11, R12, R13)', async () => {
  const { status, body } = await initiate(initiateBody())
  expect(status).toBe(202)
  expect(body).toEqual({
    virtualMachines: [
      {
        id: machineId('web1'),
        ports: [
          {
            number: 22,
            allowedSourceAddressPrefix: '127.0.0.1',
            endTimeUtc: '2026-03-01T13:00:00.1230000Z',
            status: 'Initiated',
            statusReason: 'UserRequested',
          },
        ],
      },
    ],
    startTimeUtc: '2026-03-01T12:00:00.1230000Z',
    requestor: 'ada@example.org',
  })
})

test('a slow firewall is answered Initiating; Location answers 202 until the port is open, then 200 (R7)', async () => {
  const release = server.driver.holdUp()
  const { status, body, headers } = await initiate(initiateBody())
  expect([status, body.virtualMachines[0].ports[0].status]).toEqual([202, 'Initiating'])
  const location = new URL(headers.get('location') ?? '')
  expect(location.href).toMatch(
    new RegExp(`^${server.url}${policyPath()}/operationResults/[-0-9a-f]{36}\\?api-version=2020-01-01$`),
  )
  const poll = () => server.call('GET', `${location.pathname}${location.search}`)
  const waiting = await poll()
  expect([waiting.status, waiting.headers.get('retry-after')]).toEqual([202, '1'])
  expect((await portOf()).status).toBe('Initiating')
  release()
  await expect.poll(async () => (await poll()).status).toBe(200)
  expect((await poll()).body.virtualMachines[0].ports[0].status).toBe('Initiated')
  expect((await portOf()).status).toBe('Initiated')
})

test('the operation result of another policy is not shown', async () => {
  await server.call('PUT', `${policyPath('other')}${VERSION}`, { body: policyBody() })
  const { headers } = await initiate(initiateBody())
  const stolen = (headers.get('location') ?? '').replace(server.url, '').replace('/default/', '/other/')
  const { status, body } = await server.call('GET', stolen)
  expect([status, body.error.code]).toEqual([404, 'RequestNotFound'])
})

test('initiate is found in any case', async () => {
  const { status } = await server.call('POST', `${policyPath()}/Initiate${VERSION}`, { body: initiateBody() })
  expect(status).toBe(202)
})

test('the end is echoed with the digits the caller wrote (R10)', async () => {
  const endTimeUtc = '2026-03-01T12:30:55.21337Z'
  const { body } = await initiate(initiateBody({ duration: undefined, endTimeUtc }))
  expect(body.virtualMachines[0].ports[0].endTimeUtc).toBe(endTimeUtc)
  await server.pass(3_600_000)
  expect((await portOf()).endTimeUtc).toBe(endTimeUtc)
})

test('sources come back in the field they were sent in', async () => {
  const single = await initiate(initiateBody({ allowedSourceAddressPrefix: '203.0.113.0/24' }))
  const list = await initiate(initiateBody({ allowedSourceAddressPrefixes: ['203.0.113.7', '2001:db8::/32'] }))
  const port = (reply: typeof single) => reply.body.virtualMachines[0].ports[0]
  expect(port(single)).toMatchObject({ allowedSourceAddressPrefix: '203.0.113.0/24' })
  expect(port(single)).not.toHaveProperty('allowedSourceAddressPrefixes')
  expect(port(list)).toMatchObject({ allowedSourceAddressPrefixes: ['203.0.113.7', '2001:db8::/32'] })
  expect(port(list)).not.toHaveProperty('allowedSourceAddressPrefix')
})

test('a justification is kept and shown; without one there is no such member (R13)', async () => {
  const { body } = await initiate({ ...initiateBody(), justification: 'INC-4711' })
  expect(body.justification).toBe('INC-4711')
  expect((await initiate({ ...initiateBody(), justification: null })).body).not.toHaveProperty('justification')
})

test('one request may open several ports of several machines', async () => {
  const machines = [
    {
      id: machineId('web1'),
      ports: [
        { number: 22, duration: 'PT1H' },
        { number: 3389, duration: 'PT2H', allowedSourceAddressPrefix: '10.1.0.0/16' },
      ],
    },
    { id: machineId('web2').toUpperCase(), ports: [{ number: 22, duration: 'PT8H' }] },
  ]
  const { status, body } = await initiate({ virtualMachines: machines })
  expect(status).toBe(202)
  expect(body.virtualMachines.map(({ id, ports }: { id: string; ports: unknown[] }) => [id, ports.length])).toEqual([
    [machineId('web1'), 2],
    [machineId('web2').toUpperCase(), 1],
  ])
})

test('access that has ended is Revoked because it Expired, and its end is unchanged (R17)', async () => {
  await initiate(initiateBody())
  await server.pass(3_600_000)
  expect(await portOf()).toMatchObject({
    status: 'Revoked',
    statusReason: 'Expired',
    endTimeUtc: '2026-03-01T13:00:00.1230000Z',
  })
})

test('overlapping requests for one port live side by side, each to its own end (R27)', async () => {
  await initiate(initiateBody({ duration: 'PT1H' }))
  await server.pass(60_000)
  await initiate(initiateBody({ duration: 'PT2H' }))
  expect([(await portOf(0)).status, (await portOf(1)).status]).toEqual(['Initiated', 'Initiated'])
  await server.pass(3_600_000)
  const { body } = await server.call('GET', `${policyPath()}${VERSION}`)
  const states = body.properties.requests.map(
    ({ virtualMachines: [machine] }: { virtualMachines: [{ ports: [{ status: string; statusReason: string }] }] }) =>
      `${machine.ports[0].status} ${machine.ports[0].statusReason}`,
  )
  expect(states.toSorted()).toEqual(['Initiated UserRequested', 'Revoked Expired'])
})

test('a machine that leaves the policy loses its access at once, keeps its history and its end (R16, R17, R28)', async () => {
  await initiate(initiateBody())
  await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody({ [machineId('web2')]: [rule()] }) })
  expect(await portOf()).toMatchObject({
    status: 'Revoked',
    statusReason: 'UserManuallyRevoked',
    endTimeUtc: '2026-03-01T13:00:00.1230000Z',
  })
  const { body } = await server.call('GET', `${policyPath()}${VERSION}`)
  expect(body.properties.requests[0].virtualMachines[0].id).toBe(machineId('web1'))
})

test('a request of seventeen days ago is still listed (R15)', async () => {
  await initiate(initiateBody())
  await server.pass(17 * 86_400_000)
  expect((await portOf()).statusReason).toBe('Expired')
})

/** The rules that let something in, as the security group of a machine carries them. */
async function opened(name: string): Promise<{ properties: Record<string, unknown> }[]> {
  const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/myService1/providers/Microsoft.Network/networkSecurityGroups/${name}-nsg`
  const { body } = await server.call('GET', `${group}/securityRules?api-version=2022-07-01`)
  return body.value.filter((rule: { properties: { access: string } }) => rule.properties.access === 'Allow')
}

test('what is granted is what the security group lets in, and nothing after the end', async () => {
  await initiate(initiateBody({ allowedSourceAddressPrefix: '203.0.113.7' }))
  const rules = await opened('web1')
  expect(rules).toHaveLength(1)
  expect(rules[0]?.properties).toMatchObject({
    sourceAddressPrefix: '203.0.113.7',
    destinationPortRange: '22',
    destinationAddressPrefix: '10.0.0.4',
    priority: 100,
  })
  await server.pass(3_600_000)
  expect(await opened('web1')).toEqual([])
})

const SUBSET = `The given access request is not a subset of policy '${policyPath()}'. Please make sure that the access request is within the allowed policy properties.`

const REFUSED: readonly [string, object, string, string][] = [
  [
    'neither end nor duration',
    { duration: undefined },
    'InvalidInitiateInput',
    "Only one of fields 'EndTimeUtc' and 'Duration' can be set.",
  ],
  [
    'both end and duration',
    { endTimeUtc: '2026-03-01T13:00:00Z' },
    'InvalidInitiateInput',
    "Only one of fields 'EndTimeUtc' and 'Duration' can be set.",
  ],
  ['a port that the policy does not name', { number: 80 }, 'AccessRequestNotSubsetOfPolicy', SUBSET],
  ['a longer time than the policy allows', { duration: 'PT4H' }, 'AccessRequestNotSubsetOfPolicy', SUBSET],
  [
    'a source outside the policy',
    { number: 3389, allowedSourceAddressPrefix: '*' },
    'AccessRequestNotSubsetOfPolicy',
    SUBSET,
  ],
]

test.each(REFUSED)('%s is refused with the documented sentence', async (_, port, code, message) => {
  const { status, body } = await initiate(initiateBody(port))
  expect([status, body.error.code, body.error.message]).toEqual([400, code, message])
  expect(body.error.details[0].target).toMatch(/^virtualMachines\[0\]\.ports\[0\]/)
  expect(await opened('web1')).toEqual([])
})

test('a machine that the policy does not name is refused with the documented sentence', async () => {
  const { status, body } = await initiate(initiateBody({}, machineId('db1', 'mainWS')))
  expect([status, body.error.message]).toEqual([400, SUBSET])
})

test('all reasons are told at once', async () => {
  const { body } = await initiate({
    virtualMachines: [
      {
        id: machineId('web1'),
        ports: [
          { number: 22, duration: 'PT9H' },
          { number: 3389, duration: 'PT1H', allowedSourceAddressPrefix: '11.0.0.0/8' },
        ],
      },
      { id: machineId('db1', 'mainWS'), ports: [{ number: 22, duration: 'nonsense' }] },
    ],
  })
  expect(body.error.details.map(({ code }: { code: string }) => code).toSorted()).toEqual([
    'DurationTooLong',
    'InvalidDuration',
    'MachineNotInPolicy',
    'SourceNotAllowed',
  ])
})

test('one forbidden port refuses the whole request and opens nothing', async () => {
  const ports = [
    { number: 22, duration: 'PT1H' },
    { number: 80, duration: 'PT1H' },
  ]
  expect((await initiate({ virtualMachines: [{ id: machineId('web1'), ports }] })).status).toBe(400)
  expect(await opened('web1')).toEqual([])
})

test('an installation that refuses IPv6 says so as the original does', async () => {
  await server.stop()
  server = await startServer({ settings: { ipv6: 'refused' } })
  await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody() })
  const { status, body } = await initiate(initiateBody({ allowedSourceAddressPrefix: '2001:db8::1' }))
  expect([status, body.error.code, body.error.message]).toEqual([
    400,
    'Ipv6SourceUnsupported',
    'The provided access request contains a source IP address in IPv6 format, which is unsupported by Just-In-Time Network Access.',
  ])
})

test('a policy that does not exist is answered 404 PolicyNotFound', async () => {
  const { status, body } = await initiate(initiateBody(), policyPath('nowhere'))
  expect([status, body.error.code]).toEqual([404, 'PolicyNotFound'])
})

test('a malformed body is answered 400 even when the policy does not exist', async () => {
  const neither = await initiate(initiateBody({ duration: undefined }), policyPath('nowhere'))
  expect([neither.status, neither.body.error.code]).toEqual([400, 'InvalidInitiateInput'])
  const shapeless = await initiate({ virtualMachines: 'web1' }, policyPath('nowhere'))
  expect([shapeless.status, shapeless.body.error.code]).toEqual([400, 'InvalidRequestContent'])
})

test('a refused request leaves its trace in the audit trail and none in the history', async () => {
  await initiate(initiateBody({ number: 80 }))
  const { body } = await server.call('GET', '/api/v1/audit?action=access.refused')
  expect(body.value).toHaveLength(1)
  expect((await server.call('GET', `${policyPath()}${VERSION}`)).body.properties.requests).toEqual([])
})

test('a dry run answers 200 with the decision and opens nothing', async () => {
  const { status, body } = await initiate(initiateBody(), policyPath(), '&dryRun=true')
  expect(status).toBe(200)
  expect(body.virtualMachines[0].ports).toEqual([
    { number: 22, protocol: '*', allowedSourceAddressPrefix: '127.0.0.1', endTimeUtc: '2026-03-01T13:00:00.1230000Z' },
  ])
  expect((await server.call('GET', '/api/v1/requests')).body.value).toEqual([])
  const refused = await initiate(initiateBody({ number: 80 }), policyPath(), '&dryRun=TRUE')
  expect([refused.status, refused.body.error.message]).toEqual([400, SUBSET])
})

test('the start is the clock of the server (R10)', async () => {
  const { body } = await initiate(initiateBody())
  expect(Date.parse(body.startTimeUtc)).toBe(START)
})
