/** Posture over HTTP: categories with their reasons, counts, filters, pages, and the assessments that Azure's clients read. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { refusal } from '../../src/domain/refusal.ts'
import { aCloudMachine, ImaginedCloud } from '../support/imagined-cloud.ts'
import { inboundRule } from '../support/inbound-rule.ts'
import { initiateBody, policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { machineId, startServer, SUBSCRIPTION, type Reply, type RunningServer } from './running-server.ts'

const VM = '805651bc-6ecd-4c73-9b55-97a19d0582d0'
const ASSESSMENTS = 'providers/Microsoft.Security/assessments'
const ANY = '?api-version=2020-01-01'

let server: RunningServer
let cloud: ImaginedCloud
beforeEach(async () => {
  cloud = new ImaginedCloud()
  server = await startServer({ clouds: { loadSide: async () => cloud.side }, bare: [machineId('bare1')] })
})
afterEach(() => server.stop())

const get = (path: string): Promise<Reply> => server.call('GET', path)
const postureOf = async (name: string) =>
  (await get('/api/v1/posture?top=1000')).body.value.find((each: { name: string }) => each.name === name)
const openSsh = (access: 'Allow' | 'Deny' = 'Allow', priority = 300) => inboundRule('Allow-SSH', { access, priority })

test('a machine without a security group cannot be protected, and says why', async () => {
  expect(await postureOf('bare1')).toMatchObject({
    category: 'unsupported',
    why: 'missingNsgOrFirewall',
    health: 'NotApplicable',
    reason: expect.stringContaining('no network security group'),
  })
})

test('a machine with closed management ports needs nothing; one that a rule opens is unhealthy by that rule', async () => {
  expect(await postureOf('web1')).toMatchObject({ category: 'notConfigured', severity: 'Healthy', health: 'Healthy' })
  server.addRule('web1-nsg', openSsh())
  expect(await postureOf('web1')).toMatchObject({
    category: 'notConfigured',
    severity: 'High',
    health: 'Unhealthy',
    reason: expect.stringMatching(/^port 22 is open to .* by rule Allow-SSH at priority 300 in NSG web1-nsg$/),
  })
})

test('a configured machine is healthy with a hole that was granted, and not when a rule of others lets somebody in', async () => {
  await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody({ [machineId('web1')]: [rule()] }) })
  await server.call('POST', `${policyPath()}/initiate${VERSION}`, { body: initiateBody() })
  expect(await postureOf('web1')).toMatchObject({ category: 'configured', severity: 'Healthy', health: 'Healthy' })
  server.addRule('web1-nsg', openSsh('Allow', 150))
  expect(await postureOf('web1')).toMatchObject({
    category: 'configured',
    health: 'Unhealthy',
    reason: expect.stringContaining('configured, yet port 22 is open to'),
    findings: [{ code: 'OpenToEverybody', severity: 'High', port: 22 }],
  })
})

test('a machine that a policy names and nobody has is told of', async () => {
  const body = {
    settings: { kind: 'azure', tenant: 't', subscriptions: [SUBSCRIPTION], credential: { kind: 'managedIdentity' } },
  }
  await server.call('PUT', '/api/v1/connections/prod', { body })
  const machine = aCloudMachine('gone1')
  const id = machine.id.replace(/\/subscriptions\/[^/]+/, `/subscriptions/${SUBSCRIPTION}`)
  cloud.machines = [{ ...machine, id, key: id.toLowerCase() }] as typeof cloud.machines // ids still
  await server.call('POST', '/api/v1/connections/prod/refresh')
  await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody({ [id]: [rule()] }) })
  cloud.machines = []
  cloud.gone.add(id.toLowerCase() as (typeof machine)['key']) // a key still
  await server.call('POST', '/api/v1/connections/prod/refresh')
  expect(await postureOf('gone1')).toMatchObject({
    category: 'configured',
    health: 'Unhealthy',
    findings: [{ code: 'NotEnforced', text: expect.stringContaining('no such machine any more') }],
  })
  expect((await get('/api/v1/findings')).body.value).toContainEqual({
    kind: 'vanished',
    point: id,
    machines: [id],
    text: expect.stringContaining('take it out of the policy'),
  })
})

test('a subscription without the plan has machines that cannot be protected', async () => {
  const plan = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Security/pricings/VirtualMachines?api-version=2023-01-01`
  await server.call('PUT', plan, { body: { properties: { pricingTier: 'Free' } } })
  expect(await postureOf('web1')).toMatchObject({ category: 'unsupported', why: 'disabledByPlan' })
})

test('a machine that is asked for by its id is judged as it stands now, whatever a list said a moment ago', async () => {
  expect((await get('/api/v1/machines?top=50')).body.value.length).toBeGreaterThan(1)
  server.addRule('web1-nsg', openSsh())
  const { value, total } = (await get(`/api/v1/machines?top=20&ids=${machineId('web1')},${machineId('nobody')}`)).body
  expect(total).toBe(1)
  expect(value).toMatchObject([{ name: 'web1', posture: { category: 'notConfigured', severity: 'High' } }])
})

test('counts are of everything, filters choose, and pages have each machine once', async () => {
  server.addRule('web1-nsg', openSsh())
  const all = (await get('/api/v1/posture?top=1000')).body
  const total = all.value.length
  expect(all.counts.category).toEqual({ configured: 0, notConfigured: total - 1, unsupported: 1 })
  expect(all.counts.severity).toEqual({ High: 1, Low: 0, Healthy: total - 2 })
  expect(all.counts.why).toEqual({ missingNsgOrFirewall: 1 })
  const high = (await get('/api/v1/posture?severity=High')).body
  expect([high.value.map(({ name }: { name: string }) => name), high.counts]).toEqual([['web1'], all.counts])
  expect((await get('/api/v1/posture?category=unsupported')).body.value).toHaveLength(1)
  expect((await get('/api/v1/posture?category=nonsense')).status).toBe(400)
  const one = (await get(`/api/v1/posture?within=${machineId('web1')}`)).body
  expect([one.value.length, one.counts.health]).toEqual([1, { Healthy: 0, Unhealthy: 1, NotApplicable: 0 }])
  const seen: string[] = []
  for (let path: string | undefined = '/api/v1/posture?top=1'; path !== undefined;) {
    const { body } = await get(path)
    seen.push(...body.value.map(({ id }: { id: string }) => id))
    path = body.nextLink === undefined ? undefined : new URL(body.nextLink).pathname + new URL(body.nextLink).search
  }
  expect(seen).toEqual(all.value.map(({ id }: { id: string }) => id))
})

test('Azure’s clients read an assessment of each machine, at any scope above it', async () => {
  server.addRule('web1-nsg', openSsh())
  const path = `${machineId('web1')}/${ASSESSMENTS}/${VM}`
  const one = (await get(`${path}${ANY}`)).body
  expect(one).toEqual({
    id: path,
    name: VM,
    type: 'Microsoft.Security/assessments',
    properties: {
      resourceDetails: { source: 'Azure', id: machineId('web1') },
      displayName: 'Management ports of virtual machines should be protected with just-in-time network access control',
      status: { code: 'Unhealthy', description: expect.stringContaining('rule Allow-SSH') },
      additionalData: { category: 'Not configured', severity: 'High' },
    },
  })
  for (const scope of [`/subscriptions/${SUBSCRIPTION}`, machineId('web1').split('/providers')[0], machineId('web1')])
    expect((await get(`${scope}/${ASSESSMENTS}${ANY}`)).body.value).toContainEqual(one)
  expect((await get(`${machineId('web1')}/${ASSESSMENTS}/9b26b102-ccde-4697-aa30-f0621f865f99${ANY}`)).status).toBe(404)
  expect((await get(`${machineId('nobody')}/${ASSESSMENTS}/${VM}${ANY}`)).status).toBe(404)
})

test('machines of AWS have the assessment of their own', async () => {
  const credential = { kind: 'instanceRole' }
  cloud = Object.assign(cloud, { side: { ...cloud.side, kind: 'aws' } })
  const made = await server.call('PUT', '/api/v1/connections/aws', {
    body: { settings: { kind: 'aws', credential, regions: ['eu-west-1'] } },
  })
  const id = `${made.body.id}/ec2Instances/i-0123456789abcdef0`
  cloud.machines = [
    { ...aCloudMachine('web'), id, key: id.toLowerCase(), unsupported: refusal('TooManyGroups', 'five groups') },
  ] as typeof cloud.machines // ids still
  await server.call('POST', '/api/v1/connections/aws/refresh')
  const { body } = await get(`${id}/${ASSESSMENTS}/9b26b102-ccde-4697-aa30-f0621f865f99${ANY}`)
  expect(body.properties).toMatchObject({
    displayName: expect.stringContaining('EC2 instances'),
    status: { code: 'NotApplicable', cause: 'other', description: 'five groups' },
  })
})
