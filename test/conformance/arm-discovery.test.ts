import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ok, refusal, refused } from '../../src/domain/refusal.ts'
import { parseIpPrefix } from '../../src/domain/net.ts'
import { initiateBody, policyBody, policyPath, VERSION } from './bodies.ts'
import {
  machineId,
  OTHER_SUBSCRIPTION,
  startServer,
  SUBSCRIPTION,
  TOKEN,
  type RunningServer,
} from './running-server.ts'

const GUEST = '0f8fad5b-d9cb-469f-a165-70867728950e'
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
const ANY = '?api-version=2022-07-01'
const SUB = `/subscriptions/${SUBSCRIPTION}`

let server: RunningServer

beforeEach(async () => {
  server = await startServer({
    authenticate: async (token) => {
      if (token === TOKEN) return ok({ name: 'ada@example.org', principals: [], isBreakGlass: true })
      if (token === 'guest') return ok({ name: 'guest@example.org', principals: [GUEST], isBreakGlass: false })
      return refused(refusal('AuthenticationFailed', 'nobody'))
    },
  })
})

afterEach(async () => {
  await server.stop()
})

async function read(path: string, token = TOKEN) {
  return (await server.call('GET', path, { token })).body
}

async function names(path: string, token = TOKEN): Promise<string[]> {
  const { value } = await read(path, token)
  return value.map(({ name, subscriptionId }: Record<string, string>) => name ?? subscriptionId)
}

async function letRead(scope: string): Promise<void> {
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${READER}`
  const body = { properties: { roleDefinitionId, principalId: GUEST, principalType: 'User' } }
  expect((await server.call('PUT', path, { body })).status).toBe(201)
}

describe('subscriptions, groups and places', () => {
  test('are those of the machines', async () => {
    expect(await names(`/subscriptions${ANY}`)).toEqual([SUBSCRIPTION, OTHER_SUBSCRIPTION])
    expect(await names(`${SUB}/resourcegroups${ANY}`)).toEqual(['default', 'mainWS', 'myService1'])
    expect(await names(`${SUB}/locations${ANY}`)).toEqual(['local', 'westeurope'])
    expect(await names(`${SUB}/providers/Microsoft.Security/locations${ANY}`)).toEqual(['local', 'westeurope'])
    expect(await read(`${SUB}/providers/microsoft.security${ANY}`)).toMatchObject({ namespace: 'Microsoft.Security' })
    expect(await read(`${SUB}/resourceGroups/MAINws${ANY}`)).toMatchObject({ name: 'mainWS' })
  })

  test('show to each caller what it has rights in, and nothing of the rest', async () => {
    expect(await names(`/subscriptions${ANY}`, 'guest')).toEqual([])
    expect(await read(`${SUB}${ANY}`, 'guest')).toMatchObject({ error: { code: 'SubscriptionNotFound' } })
    await letRead(machineId('web1'))
    expect(await names(`/subscriptions${ANY}`, 'guest')).toEqual([SUBSCRIPTION])
    expect(await names(`${SUB}/resourcegroups${ANY}`, 'guest')).toEqual([])
    await letRead(`${SUB}/resourceGroups/mainWS`)
    expect(await names(`${SUB}/resourcegroups${ANY}`, 'guest')).toEqual(['mainWS'])
    const other = await read(`${SUB}/resourceGroups/myService1${ANY}`, 'guest')
    const missing = await read(`${SUB}/resourceGroups/missing${ANY}`, 'guest')
    expect([other.error.code, missing.error.code]).toEqual(['ResourceGroupNotFound', 'ResourceGroupNotFound'])
  })
})

describe('virtual machines', () => {
  const machines = `${SUB}/providers/Microsoft.Compute/virtualMachines`
  const nics = `${SUB}/resourceGroups/myService1/providers/Microsoft.Network/networkInterfaces`

  test('are listed with the network interfaces that follow from them', async () => {
    expect(await names(`${machines}${ANY}`)).toEqual(['db1', 'web1', 'web2'])
    const machine = await read(`${machineId('WEB1')}${ANY}&$expand=instanceView`)
    expect(machine.properties.instanceView.statuses).not.toEqual([])
    const [{ id }] = machine.properties.networkProfile.networkInterfaces
    const nic = await read(`${id}${ANY}`)
    expect(nic.properties.ipConfigurations).toMatchObject([{ properties: { privateIPAddress: '10.0.0.4' } }])
    expect(nic.properties.virtualMachine.id).toBe(machine.id)
  })

  test('are shown to those who may read them, and the others are not told whether there are any', async () => {
    await letRead(machineId('web1'))
    expect(await names(`${machines}${ANY}`, 'guest')).toEqual(['web1'])
    for (const name of ['web2', 'missing']) {
      const { status, body } = await server.call('GET', `${machineId(name)}${ANY}`, { token: 'guest' })
      expect([status, body.error.code]).toEqual([403, 'AuthorizationFailed'])
    }
    expect(await names(`${nics}${ANY}`, 'guest')).toEqual([])
  })

  test('that do not exist are not found', async () => {
    for (const path of [
      machineId('missing'),
      `${nics}/missing-nic`,
      `${nics}/web1`,
      `${machineId('missing')}/instanceView`,
    ]) {
      const { status, body } = await server.call('GET', `${path}${ANY}`)
      expect([status, body.error.code]).toEqual([404, 'ResourceNotFound'])
    }
  })

  test('bring their network security groups along', async () => {
    const groups = 'providers/Microsoft.Network/networkSecurityGroups'
    expect(await names(`${SUB}/${groups}${ANY}`)).toEqual(['web1-nsg', 'web2-nsg', 'db1-nsg'])
    expect(await names(`${SUB}/resourceGroups/MYSERVICE1/${groups}${ANY}`)).toEqual(['web1-nsg', 'web2-nsg'])
    expect(await names(`${SUB}/${groups}${ANY}`, 'guest')).toEqual([])
  })
})

describe('the activity log', () => {
  const log = `${SUB}/providers/microsoft.insights/eventtypes/management/values?api-version=2015-04-01`

  beforeEach(async () => {
    await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody() })
    await server.call('POST', `${policyPath()}/initiate${VERSION}`, {
      body: { ...initiateBody(), justification: 'why' },
    })
  })

  async function operations(query: string, token = TOKEN): Promise<string[]> {
    const { value } = await read(`${log}${query}`, token)
    return value.map(({ operationName, status }: Record<string, { value: string }>) => {
      return `${operationName?.value.replace(/^.*\/(?:jitNetworkAccessPolicies|roleAssignments)\//, '')} ${status?.value}`
    })
  }

  test('tells what happened, newest first, with who and why', async () => {
    expect(await operations('')).toEqual(['initiate/action Succeeded', 'initiate/action Started', 'write Succeeded'])
    const { value } = await read(log)
    expect(value[1]).toMatchObject({
      caller: 'ada@example.org',
      category: { value: 'Administrative' },
      httpRequest: { clientIpAddress: '127.0.0.1' },
      properties: { Justification: 'why', User: 'ada@example.org' },
    })
  })

  test('is narrowed by time, group, resource, provider and correlation', async () => {
    const filter = (text: string) => operations(`&$filter=${encodeURIComponent(text)}`)
    expect(await filter("eventTimestamp ge '2027-01-01T00:00:00Z'")).toEqual([])
    expect(await filter("eventTimestamp ge '2026-01-01T00:00:00Z' and resourceGroupName eq 'MAINWS'")).toHaveLength(1)
    expect(await filter(`resourceUri eq '${machineId('web1')}'`)).toHaveLength(2)
    expect(await filter("resourceProvider eq 'Microsoft.Authorization'")).toEqual([])
    const { value } = await read(log)
    for (const { correlationId } of value) expect(await filter(`correlationId eq '${correlationId}'`)).not.toEqual([])
    expect((await read(`${log}&$filter=color eq 'red'`)).error.code).toBe('InvalidFilter')
  })

  test('sends only the members that were selected', async () => {
    const { value } = await read(`${log}&$select=caller,eventTimestamp`)
    expect(Object.keys(value[0]).toSorted()).toEqual(['caller', 'eventTimestamp'])
  })

  test('goes on where a page ended', async () => {
    for (let more = 0; more < 210; more += 1)
      await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody() })
    const first = await read(log)
    expect(first.value).toHaveLength(200)
    const second = await read(first.nextLink.replace(server.url, ''))
    expect(second.value).toHaveLength(13)
    expect(second.nextLink).toBeUndefined()
  })

  test('shows to each caller what happened where it may read it', async () => {
    expect(await operations('', 'guest')).toEqual([])
    await letRead(machineId('web1'))
    // The assignment itself is the newest.
    const seen = ['write Succeeded', 'initiate/action Succeeded', 'initiate/action Started']
    expect(await operations('', 'guest')).toEqual(seen)
  })
})

test('names of people are told to those only who may read role assignments', async () => {
  const body = { ids: [GUEST], types: ['user'] }
  const ask = async (token: string) => server.call('POST', '/v1.0/directoryObjects/getByIds', { body, token })
  expect((await ask('guest')).status).toBe(403)
  expect((await ask(TOKEN)).body).toEqual({ value: [] })
  expect((await read(`/v1.0/users?$filter=color eq 'red'`)).error.code).toBe('InvalidFilter')
  expect(await read(`/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq 'x')`)).toEqual({ value: [] })
})

test('a proxy’s word on the caller’s address is taken where the proxy is ours', async () => {
  const local = parseIpPrefix('127.0.0.0/8')
  if (!local.ok) throw new Error('a prefix')
  const behind = await startServer({ proxies: { prefixes: [local.value], header: 'x-forwarded-for' } })
  const addressSeen = async (on: RunningServer) => {
    const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.9', forwarded: 'for=192.0.2.1' }
    return (await on.call('GET', '/api/v1/whoami', { headers })).body.address
  }
  expect(await addressSeen(behind)).toBe('203.0.113.9')
  expect(await addressSeen(server)).toBe('127.0.0.1')
  await behind.stop()
})
