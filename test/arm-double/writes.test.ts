import { RestError } from '@azure/core-rest-pipeline'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { asgId, networkInterface, nsgId, securityGroup, virtualNetwork } from './estate.ts'
import { BRISK } from './pace.ts'
import { startDouble, type RunningDouble } from './running-double.ts'

let azure: RunningDouble

beforeAll(async () => {
  azure = await startDouble({ pace: { ...BRISK, retryAfter: 0 } })
})

afterAll(() => azure.stop())

beforeEach(() => {
  azure.double.faults.clear()
  azure.double.place(securityGroup('web', [{ name: 'ssh', priority: 1000 }]))
  azure.double.forgetWrites()
})

const RULE = {
  protocol: 'Tcp',
  sourcePortRange: '*',
  destinationPortRange: '22',
  sourceAddressPrefix: '203.0.113.9',
  destinationAddressPrefix: '10.0.0.4',
  access: 'Allow',
  direction: 'Inbound',
  priority: 100,
} as const

async function refusal(work: PromiseLike<unknown>): Promise<RestError> {
  const error: unknown = await Promise.resolve(work).then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  )
  if (error instanceof RestError) return error
  throw error
}

/** The raw answer to one call, without the SDK's patience. */
async function ask(
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
) {
  const { token } = await azure.credential.getToken(`${azure.url}/.default`)
  const url = `${azure.url}${path}?api-version=2024-05-01`
  const { response } = azure.double.handle({
    method,
    url,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (response === undefined) throw new Error('no answer')
  return { ...response, json: JSON.parse(response.body ?? 'null') }
}

const rulePath = (name: string): string => `${nsgId('web')}/securityRules/${name}`

async function settled(answer: { headers: Readonly<Record<string, string>> }): Promise<void> {
  const path = new URL(answer.headers['azure-asyncoperation'] ?? '').pathname
  await expect.poll(async () => (await ask('GET', path)).json.status).not.toBe('InProgress')
}

describe('a write that goes on (platform reference, B.3)', () => {
  it('is accepted as Updating, with the address of its operation, and is done when that has succeeded', async () => {
    const accepted = await ask('PUT', rulePath('hole'), { body: { properties: RULE } })
    expect(accepted.status).toBe(201)
    expect(accepted.json).toMatchObject({
      name: 'hole',
      properties: { provisioningState: 'Updating', sourceAddressPrefixes: [] },
    })
    expect(accepted.headers['azure-asyncoperation']).toMatch(
      /\/providers\/Microsoft\.Network\/locations\/westeurope\/operations\/[0-9a-f-]{36}\?api-version=/,
    )
    expect(accepted.headers).toMatchObject({ 'retry-after': '0', 'azure-asyncnotification': 'Enabled' })
    await settled(accepted)
    const after = await ask('GET', rulePath('hole'))
    expect(after.json.properties.provisioningState).toBe('Succeeded')
    expect(after.headers['etag']).toBe(after.json.etag)
    expect(after.json.etag).not.toBe(accepted.json.etag)
  })

  it('is followed by the SDK, and a deletion too', async () => {
    const rules = azure.network.securityRules
    await rules.createOrUpdate('shop', 'web', 'hole', RULE, { updateIntervalInMs: 10 })
    await rules.delete('shop', 'web', 'hole', { updateIntervalInMs: 10 })
    const left = await azure.network.networkSecurityGroups.get('shop', 'web')
    expect(left.securityRules?.map(({ name }) => name)).toEqual(['ssh'])
    const gone = await ask('DELETE', rulePath('hole'))
    expect(gone.status).toBe(204)
  })

  it('gives a deletion a Location that is 202 until 204', async () => {
    const accepted = await ask('DELETE', rulePath('ssh'))
    expect(accepted.status).toBe(202)
    const location = new URL(accepted.headers['location'] ?? '').pathname
    expect((await ask('GET', location)).status).toBe(202)
    await settled(accepted)
    expect((await ask('GET', location)).status).toBe(204)
  })

  it('that fails tells why at its operation, and leaves the group Failed', async () => {
    azure.double.faults.order({
      method: 'PUT',
      harm: { kind: 'fail-operation', code: 'InternalServerError', message: 'An error occurred.' },
    })
    const work = azure.network.securityRules.createOrUpdate('shop', 'web', 'hole', RULE, { updateIntervalInMs: 10 })
    await expect(Promise.resolve(work)).rejects.toThrow(/InternalServerError/)
    expect(azure.double.body(nsgId('web'))).toMatchObject({ properties: { provisioningState: 'Failed' } })
  })

  it('turns others away meanwhile, in one of the two ways of Azure', async () => {
    const codes = new Set<string>()
    for (let round = 0; round < 12; round += 1) {
      azure.double.place(securityGroup(`busy${round}`, []))
      const put = () => ask('PUT', `${nsgId(`busy${round}`)}/securityRules/hole`, { body: { properties: RULE } })
      expect((await put()).status).toBe(201)
      const { status, json, headers } = await put()
      expect(headers['retry-after']).toBeUndefined()
      codes.add(`${status} ${json.error.details?.[0]?.code ?? json.error.code}`)
    }
    expect([...codes].sort()).toEqual(['409 AnotherOperationInProgress', '429 RetryableErrorDueToAnotherOperation'])
  })

  it('keeps others from putting the group to use meanwhile', async () => {
    azure.double.place(virtualNetwork('net', [{ name: 'front', prefix: '10.0.0.0/24' }]))
    await ask('PUT', rulePath('hole'), { body: { properties: RULE } })
    const { id, properties } = networkInterface({
      name: 'nic',
      subnet: ['net', 'front'],
      nsg: 'web',
      addresses: [{ privateIp: '10.0.0.4' }],
    })
    const refused = await ask('PUT', id, { body: { location: 'westeurope', properties } })
    expect(refused).toMatchObject({
      status: 429,
      json: { error: { code: 'RetryableError', details: [{ code: 'ReferencedResourceNotProvisioned' }] } },
    })
  })
})

describe('ETags', () => {
  it('refuse a write on what somebody else has changed', async () => {
    const read = await ask('GET', nsgId('web'))
    azure.double.edit(nsgId('web'), (properties) => ({ ...properties, flushConnection: true }))
    const body = { location: 'westeurope', properties: { securityRules: [] } }
    const refused = await ask('PUT', nsgId('web'), { body, headers: { 'if-match': read.json.etag } })
    expect(refused.status).toBe(412)
    expect(refused.json.error).toMatchObject({
      code: 'PreconditionFailed',
      details: [{ code: 'PreconditionFailedEtagMismatch' }],
    })
    const now = await ask('GET', nsgId('web'))
    expect((await ask('PUT', nsgId('web'), { body, headers: { 'if-match': now.json.etag } })).status).toBe(200)
    expect(azure.double.writes(nsgId('web'))).toBe(1)
  })

  it('are ignored where the SDK repeats the header on its polls', async () => {
    const { etag = '' } = await azure.network.networkSecurityGroups.get('shop', 'web')
    const options = { requestOptions: { headers: { 'If-Match': etag } }, updateIntervalInMs: 10 }
    const write = () => azure.network.securityRules.createOrUpdate('shop', 'web', 'ssh', RULE, options)
    expect(await write()).toMatchObject({ priority: 100, provisioningState: 'Succeeded' })
    expect((await refusal(write())).statusCode).toBe(412)
  })
})

describe('rules that Azure refuses', () => {
  const families = { sourceAddressPrefix: '203.0.113.9', destinationAddressPrefix: 'fd00::4' }
  const list = (values: readonly string[]) => ({ sourceAddressPrefix: undefined, sourceAddressPrefixes: values })
  it.each([
    ['the same priority and direction twice', { priority: 1000 }, 'SecurityRuleConflict'],
    ['a priority below 100', { priority: 99 }, 'SecurityRuleInvalidPriority'],
    ['a priority above 4096', { priority: 4097 }, 'SecurityRuleInvalidPriority'],
    ['a long description', { description: 'x'.repeat(141) }, 'SecurityRuleDescriptionTooLong'],
    ['bits behind a prefix', { sourceAddressPrefix: '50.206.209.68/27' }, 'SecurityRuleInvalidAddressPrefix'],
    ['two families', families, 'ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies'],
    ['a prefix inside another', list(['10.0.0.0/8', '10.1.0.0/16']), 'OverlappingSubnetsNotPermittedInSecurityRule'],
    ['a wide tag in a list', list(['Internet', '10.0.0.0/8']), 'SecurityRuleParameterContainsUnsupportedValue'],
    ['a port beyond the last', { destinationPortRange: '65536' }, 'SecurityRuleInvalidPortRange'],
    ['no ports', { destinationPortRange: undefined }, 'SecurityRuleParameterMissing'],
    ['a member that Azure does not know', { somethingNew: 1 }, 'InvalidRequestFormat'],
  ])('%s', async (_title, change, code) => {
    const refused = await ask('PUT', rulePath('hole'), { body: { properties: { ...RULE, ...change } } })
    expect(refused).toMatchObject({ status: 400, json: { error: { code } } })
    expect(azure.double.writes(nsgId('web'))).toBe(0)
  })

  it('a name that Azure does not take', async () => {
    for (const name of ['-hole', 'hole-', 'a'.repeat(81)])
      expect(await ask('PUT', rulePath(name), { body: { properties: RULE } })).toMatchObject({
        status: 400,
        json: { error: { code: 'InvalidResourceName' } },
      })
  })

  it('the thousand-and-first, and two of one name', async () => {
    const rules = Array.from({ length: 1001 }, (_, index) => ({
      name: `rule${index}`,
      properties: { ...RULE, priority: 100 + index },
    }))
    const put = (securityRules: unknown) =>
      ask('PUT', nsgId('web'), { body: { location: 'westeurope', properties: { securityRules } } })
    expect((await put(rules)).status).toBe(400)
    expect(
      (
        await put([
          { name: 'Hole', properties: RULE },
          { name: 'hole', properties: { ...RULE, priority: 101 } },
        ])
      ).status,
    ).toBe(400)
    expect((await put(rules.slice(1))).status).toBe(200)
  })

  it('but not one that names application security groups instead of addresses', async () => {
    const destinationApplicationSecurityGroups = [{ id: asgId('web') }]
    const body = { properties: { ...RULE, destinationAddressPrefix: undefined, destinationApplicationSecurityGroups } }
    expect((await ask('PUT', rulePath('hole'), { body })).status).toBe(201)
  })
})

describe('what is not there', () => {
  it('is told as Resource Manager does', async () => {
    const missing = await ask('GET', nsgId('nowhere'))
    expect(missing).toMatchObject({ status: 404, json: { error: { code: 'ResourceNotFound' } } })
    expect((await ask('GET', rulePath('nothing'))).json.error.code).toBe('NotFound')
    const group = nsgId('web', { group: 'no-such-group' })
    expect((await ask('PUT', group, { body: { location: 'x', properties: {} } })).json.error.code).toBe(
      'ResourceGroupNotFound',
    )
    const elsewhere = nsgId('web', { subscription: '00000000-0000-0000-0000-000000000001' })
    expect((await ask('GET', elsewhere)).json.error.code).toBe('SubscriptionNotFound')
  })

  it('cannot be what others use', async () => {
    azure.double.place(virtualNetwork('net', [{ name: 'front', prefix: '10.0.0.0/24', nsg: 'web' }]))
    const refused = await ask('DELETE', nsgId('web'))
    expect(refused.json.error.code).toBe('InUseNetworkSecurityGroupCannotBeDeleted')
    expect((await ask('GET', nsgId('web'))).json.properties.subnets).toHaveLength(1)
    azure.double.place(virtualNetwork('net', [{ name: 'front', prefix: '10.0.0.0/24' }]))
    expect((await ask('DELETE', nsgId('web'))).status).toBe(202)
  })
})
