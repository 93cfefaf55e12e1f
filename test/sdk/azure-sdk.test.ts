import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { AuthorizationManagementClient } from '@azure/arm-authorization'
import { SecurityCenter } from '@azure/arm-security'
import { ClientSecretCredential } from '@azure/identity'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FLEET_SUBSCRIPTION, fleetMachine, startServerProcess, type ServerProcess } from '../support/server-process.ts'

const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
const SUBSCRIPTION = `/subscriptions/${FLEET_SUBSCRIPTION}`
const known = getCACertificates()

let server: ServerProcess
let credential: ClientSecretCredential
let program: { readonly id: string; readonly appId: string; readonly secret: string; readonly tenant: string }

beforeAll(async () => {
  server = await startServerProcess()
  setDefaultCACertificates([...known, server.authority])
  const { body: made } = await server.call('POST', '/api/v1/service-principals', { name: 'deployer' })
  const path = `/api/v1/service-principals/${made.appId}/credentials`
  const { body: added } = await server.call('POST', path, { kind: 'secret', days: 1 })
  program = { id: made.id, appId: made.appId, secret: added.secret, tenant: added.tenant }
  await server.call(
    'PUT',
    `/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`,
    {
      properties: {
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${OWNER}`,
        principalId: program.id,
        principalType: 'ServicePrincipal',
      },
    },
  )
  credential = signIn(program.tenant, program.secret)
})

afterAll(async () => {
  setDefaultCACertificates(known)
  await server.stop()
})

function signIn(tenant: string, secret: string): ClientSecretCredential {
  return new ClientSecretCredential(tenant, program.appId, secret, {
    authorityHost: server.url,
    disableInstanceDiscovery: true,
  })
}

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of list) items.push(item)
  return items
}

describe('@azure/arm-security signed in by @azure/identity', () => {
  const place = ['shop', 'westeurope', 'default'] as const

  function client(by = credential): SecurityCenter {
    return new SecurityCenter(by, FLEET_SUBSCRIPTION, { endpoint: server.url })
  }

  it('writes a policy, finds it in every list, opens a port and removes the policy', async () => {
    const policies = client().jitNetworkAccessPolicies
    const ports = [{ number: 22, protocol: '*', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }]
    const body = { kind: 'Basic', virtualMachines: [{ id: fleetMachine('web1'), ports }] }
    expect(await policies.createOrUpdate(...place, body)).toMatchObject({ name: 'default', kind: 'Basic' })
    const lists = [
      policies.list(),
      policies.listByRegion('westeurope'),
      policies.listByResourceGroup('shop'),
      policies.listByResourceGroupAndRegion('shop', 'westeurope'),
    ]
    for (const list of lists) expect(await all(list)).toMatchObject([{ name: 'default' }])
    const endTimeUtc = new Date(Date.now() + 3_600_000)
    const asked = [{ number: 22, allowedSourceAddressPrefix: '203.0.113.9', endTimeUtc }]
    const request = { virtualMachines: [{ id: fleetMachine('web1'), ports: asked }], justification: 'deploy' }
    expect(await policies.initiate(...place, request)).toMatchObject({ justification: 'deploy', requestor: '' })
    expect((await policies.get(...place)).requests).toHaveLength(1)
    await policies.delete(...place)
    await expect(policies.get(...place)).rejects.toMatchObject({ statusCode: 404, code: 'PolicyNotFound' })
    await policies.delete(...place)
  })

  it('finds the locations', async () => {
    const locations = await all(client().locations.list())
    expect(locations.map(({ name }) => name)).toContain('westeurope')
  })

  it('may name the tenant as ADFS does', async () => {
    expect(await all(client(signIn('adfs', program.secret)).jitNetworkAccessPolicies.list())).toEqual([])
  })

  it('is not let in by a wrong secret', async () => {
    const list = all(client(signIn(program.tenant, 'guessed')).jitNetworkAccessPolicies.list())
    await expect(list).rejects.toThrow('could not prove who it is')
  })
})

describe('@azure/arm-authorization', () => {
  function client(): AuthorizationManagementClient {
    return new AuthorizationManagementClient(credential, FLEET_SUBSCRIPTION, { endpoint: server.url })
  }

  it('lists the roles, assigns one, finds it and takes it back', async () => {
    const { roleAssignments, roleDefinitions } = client()
    const roles = await all(roleDefinitions.list(SUBSCRIPTION))
    const reader = roles.find(({ name }) => name === READER)
    expect(reader).toMatchObject({ roleName: 'Reader', roleType: 'BuiltInRole' })
    const [principalId, name] = [crypto.randomUUID(), crypto.randomUUID()]
    const roleDefinitionId = reader?.id ?? ''
    const scope = `${SUBSCRIPTION}/resourceGroups/shop`
    await roleAssignments.create(scope, name, { roleDefinitionId, principalId, principalType: 'User' })
    const filter = `principalId eq '${principalId}'`
    expect(await all(roleAssignments.listForSubscription({ filter }))).toMatchObject([{ name, scope, principalId }])
    expect(await roleAssignments.get(scope, name)).toMatchObject({ principalType: 'User' })
    await roleAssignments.delete(scope, name)
    expect(await all(roleAssignments.listForScope(scope, { filter }))).toEqual([])
  })
})
