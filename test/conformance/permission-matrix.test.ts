/** Every operation × every built-in role × inside and outside the scope of its assignment, asked of the real server. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { permissionsPage, REQUIREMENTS, roleAllows, type Requirement } from '../../script/permission-matrix.ts'
import type { Operation } from '../../src/contract/operation.ts'
import { OPERATIONS } from '../../src/contract/operations.ts'
import { BUILT_IN_ROLES } from '../../src/domain/roles/built-in-roles.ts'
import { aHost } from '../support/a-host.ts'
import { initiateBody, policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { ROLE_VERSION, roleId, startPeopledServer, under, type PeopledServer } from './people.ts'
import { machineId, OTHER_SUBSCRIPTION, SUBSCRIPTION, type Reply } from './running-server.ts'

const SUB = `/subscriptions/${SUBSCRIPTION}`
const GROUP = `${SUB}/resourceGroups/myService1`
const POLICY = policyPath('default', 'myService1')
const ANY = '?api-version=2022-09-01'
const SECURITY = 'providers/Microsoft.Security'
const NETWORK = 'providers/Microsoft.Network'
const GUID = '55555555-5555-4555-8555-555555555555'

const CONNECTION = {
  kind: 'azure',
  tenant: GUID,
  subscriptions: [GUID],
  credential: { kind: 'managedIdentity' },
} as const

interface Probe {
  readonly path: string
  readonly body?: unknown
  /** For what leaves out instead of refusing: whether the answer shows what it should. */
  readonly sees?: RegExp
  /** Who may not even see it is told that there is none, though others are refused. */
  readonly hidden?: true
}

/** None of them changes anything, also where it is allowed: what they ask for is not there, or is refused for another reason. */
function probes(request: string): Readonly<Record<string, Probe>> {
  const sees = /default|web1/
  return {
    JitNetworkAccessPolicies_List: { path: `${SUB}/${SECURITY}/jitNetworkAccessPolicies${VERSION}`, sees },
    JitNetworkAccessPolicies_ListByRegion: {
      path: `${SUB}/${SECURITY}/locations/westeurope/jitNetworkAccessPolicies${VERSION}`,
      sees,
    },
    JitNetworkAccessPolicies_ListByResourceGroup: {
      path: `${GROUP}/${SECURITY}/jitNetworkAccessPolicies${VERSION}`,
      sees,
    },
    JitNetworkAccessPolicies_ListByResourceGroupAndRegion: {
      path: `${GROUP}/${SECURITY}/locations/westeurope/jitNetworkAccessPolicies${VERSION}`,
      sees,
    },
    JitNetworkAccessPolicies_Get: { path: `${POLICY}${VERSION}` },
    JitNetworkAccessPolicies_CreateOrUpdate: { path: `${POLICY}${VERSION}&dryRun=true`, body: policyBody() },
    JitNetworkAccessPolicies_Delete: { path: `${policyPath('nowhere', 'myService1')}${VERSION}` },
    JitNetworkAccessPolicies_Initiate: {
      path: `${POLICY}/initiate${VERSION}`,
      body: initiateBody({ duration: 'PT24H' }),
    },
    JitNetworkAccessPolicies_OperationResult: { path: `${POLICY}/operationResults/${request}${VERSION}` },
    NetworkSecurityGroups_Get: { path: `${GROUP}/${NETWORK}/networkSecurityGroups/web1-nsg${ANY}` },
    NetworkSecurityGroups_ListAll: { path: `${SUB}/${NETWORK}/networkSecurityGroups${ANY}`, sees },
    NetworkSecurityGroups_List: { path: `${GROUP}/${NETWORK}/networkSecurityGroups${ANY}`, sees },
    SecurityRules_List: { path: `${GROUP}/${NETWORK}/networkSecurityGroups/web1-nsg/securityRules${ANY}` },
    Subscriptions_List: { path: `/subscriptions${ANY}`, sees: new RegExp(SUBSCRIPTION) },
    Subscriptions_Get: { path: `${SUB}${ANY}` },
    Subscriptions_ListLocations: { path: `${SUB}/locations${ANY}` },
    Tenants_List: { path: `/tenants${ANY}` },
    Providers_List: { path: `${SUB}/providers${ANY}` },
    Providers_Get: { path: `${SUB}/providers/Microsoft.Security${ANY}` },
    ResourceGroups_List: { path: `${SUB}/resourceGroups${ANY}`, sees: /myService1/ },
    ResourceGroups_Get: { path: `${GROUP}${ANY}` },
    SecurityLocations_List: { path: `${SUB}/${SECURITY}/locations${ANY}` },
    SecurityLocations_Get: { path: `${SUB}/${SECURITY}/locations/westeurope${ANY}` },
    VirtualMachines_ListAll: { path: `${SUB}/providers/Microsoft.Compute/virtualMachines${ANY}`, sees },
    VirtualMachines_List: { path: `${GROUP}/providers/Microsoft.Compute/virtualMachines${ANY}`, sees },
    VirtualMachines_Get: { path: `${machineId('web1')}${ANY}` },
    VirtualMachines_InstanceView: { path: `${machineId('web1')}/instanceView${ANY}` },
    NetworkInterfaces_ListAll: { path: `${SUB}/${NETWORK}/networkInterfaces${ANY}`, sees },
    NetworkInterfaces_List: { path: `${GROUP}/${NETWORK}/networkInterfaces${ANY}`, sees },
    NetworkInterfaces_Get: { path: `${GROUP}/${NETWORK}/networkInterfaces/web1-nic${ANY}` },
    PublicIPAddresses_Get: { path: `${GROUP}/${NETWORK}/publicIPAddresses/nowhere-ip1${ANY}` },
    ActivityLogs_List: {
      path: `${SUB}/providers/Microsoft.Insights/eventtypes/management/values${ANY}&$filter=${encodeURIComponent("eventTimestamp ge '2026-01-01T00:00:00Z'")}`,
      sees,
    },
    Graph_GetByIds: { path: '/v1.0/directoryObjects/getByIds', body: { ids: [GUID] } },
    Graph_FindServicePrincipals: {
      path: `/v1.0/servicePrincipals?$filter=${encodeURIComponent("servicePrincipalNames/any(c:c eq 'x')")}`,
    },
    Graph_FindUsers: { path: `/v1.0/users?$filter=${encodeURIComponent("userPrincipalName eq 'x'")}` },
    RoleAssignments_ListForScope: { path: `${under(SUB)}/roleAssignments?${ROLE_VERSION}` },
    RoleAssignments_Get: { path: `${under(SUB)}/roleAssignments/${GUID}?${ROLE_VERSION}` },
    RoleAssignments_Create: {
      path: `${under(SUB)}/roleAssignments/${GUID}?${ROLE_VERSION}`,
      body: { properties: { roleDefinitionId: GUID, principalId: 'x' } },
    },
    RoleAssignments_Delete: { path: `${under(SUB)}/roleAssignments/${GUID}?${ROLE_VERSION}` },
    RoleDefinitions_List: { path: `${under(SUB)}/roleDefinitions?${ROLE_VERSION}` },
    RoleDefinitions_Get: { path: `${under(SUB)}/roleDefinitions/${roleId('Owner').split('/').at(-1)}?${ROLE_VERSION}` },
    RoleDefinitions_CreateOrUpdate: {
      path: `${under(SUB)}/roleDefinitions/${GUID}?${ROLE_VERSION}`,
      body: { properties: { roleName: '', permissions: [], assignableScopes: [SUB] } },
    },
    RoleDefinitions_Delete: { path: `${under(SUB)}/roleDefinitions/${GUID}?${ROLE_VERSION}` },
    Pricings_List: { path: `${SUB}/${SECURITY}/pricings${ANY}` },
    Pricings_Get: { path: `${SUB}/${SECURITY}/pricings/VirtualMachines${ANY}` },
    Pricings_Update: {
      path: `${SUB}/${SECURITY}/pricings/VirtualMachines${ANY}`,
      body: { properties: { pricingTier: 'Standard' } },
    },
    Permissions_ListForScope: { path: `${under(SUB)}/permissions?${ROLE_VERSION}` },
    Roles_Explain: { path: `/api/v1/roles/explain?principal=x&action=A.B/read&scope=${SUB}` },
    Connections_List: { path: '/api/v1/connections', sees: /"prod"/ },
    Connections_Get: { path: '/api/v1/connections/prod' },
    Connections_CreateOrUpdate: { path: '/api/v1/connections/prod', body: { settings: { ...CONNECTION, tenant: '' } } },
    Connections_Delete: { path: '/api/v1/connections/nowhere' },
    Connections_Check: { path: '/api/v1/connections/nowhere/check' },
    Connections_Refresh: { path: '/api/v1/connections/nowhere/refresh' },
    Hosts_List: { path: '/api/v1/hosts', sees: /"edge1"/ },
    Hosts_Get: { path: '/api/v1/hosts/edge1' },
    Hosts_Enroll: { path: '/api/v1/hosts/edge1/enroll', body: { validFor: 'PT1S' } },
    Hosts_SetLabels: { path: '/api/v1/hosts/edge1/labels', body: { labels: { '': '' } } },
    Hosts_SetGateway: { path: '/api/v1/hosts/edge1/gateway', body: {} },
    Hosts_Revoke: { path: '/api/v1/hosts/nowhere/revoke' },
    Hosts_Remove: { path: '/api/v1/hosts/nowhere' },
    Hosts_Logs: { path: '/api/v1/hosts/edge1/logs' },
    Hosts_PutMachine: { path: '/api/v1/hosts/edge1/machines/m1', body: { addresses: [] } },
    Hosts_RemoveMachine: { path: '/api/v1/hosts/nowhere/machines/m1' },
    Posture_List: { path: '/api/v1/posture', sees },
    Assessments_List: { path: `${SUB}/${SECURITY}/assessments${ANY}`, sees },
    Assessments_Get: {
      path: `${machineId('web1')}/${SECURITY}/assessments/805651bc-6ecd-4c73-9b55-97a19d0582d0${ANY}`,
    },
    OwnUsers_List: { path: '/api/v1/users' },
    OwnUsers_Create: { path: '/api/v1/users', body: { name: '' } },
    OwnUsers_Change: { path: '/api/v1/users/nobody/change', body: { change: 'disable' } },
    OwnUsers_Remove: { path: '/api/v1/users/nobody' },
    OwnGroups_List: { path: '/api/v1/groups' },
    OwnGroups_Create: { path: '/api/v1/groups', body: { name: '' } },
    OwnGroups_AddMember: { path: '/api/v1/groups/none/members/nobody' },
    OwnGroups_RemoveMember: { path: '/api/v1/groups/none/members/nobody' },
    OwnGroups_Remove: { path: '/api/v1/groups/none' },
    OwnServicePrincipals_List: { path: '/api/v1/service-principals' },
    OwnServicePrincipals_Create: { path: '/api/v1/service-principals', body: { name: '' } },
    OwnServicePrincipals_AddCredential: {
      path: '/api/v1/service-principals/none/credentials',
      body: { kind: 'secret', days: 1 },
    },
    OwnServicePrincipals_RemoveCredential: { path: '/api/v1/service-principals/none/credentials/none' },
    OwnServicePrincipals_Remove: { path: '/api/v1/service-principals/none' },
    Policies_List: { path: '/api/v1/policies', sees },
    Findings_List: { path: '/api/v1/findings', sees },
    Flows_List: { path: `/api/v1/flows?machine=${machineId('web1')}` },
    Policies_Plan: { path: '/api/v1/policies/plan', body: { policies: [] } },
    Machines_List: { path: '/api/v1/machines', sees },
    Requests_List: { path: '/api/v1/requests', sees },
    Requests_Get: { path: `/api/v1/requests/${request}` },
    Requests_Close: { path: `/api/v1/requests/${request}/close`, body: { grants: ['nope'] }, hidden: true },
    Requests_Extend: { path: `/api/v1/requests/${request}/extend`, body: { grants: ['nope'] }, hidden: true },
    Audit_List: { path: '/api/v1/audit?action=policy.saved', sees },
    Audit_Export: { path: '/api/v1/audit/export?action=policy.saved', sees },
    Audit_Verify: { path: '/api/v1/audit/verify' },
    Audit_Status: { path: '/api/v1/audit/status' },
    Issuers_List: { path: '/api/v1/issuers' },
    Changes_Watch: { path: '/api/v1/changes' },
    Whoami: { path: '/api/v1/whoami' },
    Doctor: { path: '/api/v1/doctor' },
    Metrics: { path: '/metrics' },
    Health: { path: '/healthz' },
    Readiness: { path: '/readyz' },
    CloudEndpoints: { path: '/metadata/endpoints' },
    SignInPlaces: { path: '/.well-known/sallyport' },
    Auth_SignIn: { path: '/auth/sign-in' },
    Auth_Callback: { path: '/auth/callback' },
    Auth_Session: { path: '/auth/session' },
    Auth_SignOut: { path: '/auth/sign-out' },
    Sessions_List: { path: '/api/v1/sessions' },
    Sessions_End: { path: '/api/v1/sessions/none' },
    Sessions_SignOutEverywhere: { path: '/api/v1/sessions/sign-out-everywhere' },
  }
}

let server: PeopledServer
let asked: Readonly<Record<string, Probe>>
beforeAll(async () => {
  server = await startPeopledServer()
  await server.call('PUT', `${POLICY}${VERSION}`, { body: policyBody({ [machineId('web1')]: [rule()] }) })
  await server.call('POST', `${POLICY}/initiate${VERSION}`, { body: initiateBody() })
  await server.call('PUT', '/api/v1/connections/prod', { body: { settings: CONNECTION } })
  await server.app.store.transaction((tx) =>
    tx.hosts.put(aHost('edge1', { subscriptionId: server.app.installation.subscriptionId })),
  )
  const point = server.app.inventory.list().find(({ name }) => name === 'web1')?.points[0]
  if (point === undefined) throw new Error('web1 has a security group')
  await server.app.store.transaction((tx) =>
    tx.recordFailure(point, { error: 'no answer', dueAt: server.app.clock.now() + 3_600_000 }),
  )
  asked = probes((await server.call('GET', '/api/v1/requests')).body.value[0].id)
})
afterAll(() => server.stop())

function isAllowed({ sees, hidden }: Probe, { lacking }: Requirement, reply: Reply): boolean {
  if (reply.status === 403) return false
  if ((hidden === true || lacking === 'not found') && reply.status === 404) return false
  return sees === undefined || sees.test(reply.text)
}

async function answersOf(who: string): Promise<Record<string, boolean>> {
  const answers: Record<string, boolean> = {}
  for (const [id, probe] of Object.entries(asked)) {
    const operation = (OPERATIONS as Readonly<Record<string, Operation>>)[id]
    const requirement = (REQUIREMENTS as Readonly<Record<string, Requirement>>)[id]
    if (operation === undefined || requirement === undefined) throw new Error(`there is no operation ${id}`)
    answers[id] = isAllowed(probe, requirement, await server.as(who, operation.method, probe.path, probe.body))
  }
  return answers
}

function expected(judge: (requirement: Requirement) => boolean): Record<string, boolean> {
  const requirements = Object.entries<Requirement>(REQUIREMENTS).filter(([id]) => asked[id] !== undefined)
  return Object.fromEntries(requirements.map(([id, requirement]) => [id, judge(requirement)]))
}

const isForAll = ({ needs }: Requirement): boolean => needs.length === 0

describe.each(BUILT_IN_ROLES.map((role) => [role.roleName, role] as const))('%s', (roleName, role) => {
  const holder = (where: string): string => `${role.name}${where}`

  it('may do at its scope and below exactly what the page says', async () => {
    await server.assign(roleName, holder('in'), SUB)
    const byRole = expected(
      (requirement) => isForAll(requirement) || (requirement.root !== true && roleAllows(role, requirement)),
    )
    expect(await answersOf(holder('in'))).toEqual(byRole)
  })

  it('may do everywhere what the page says when it is assigned at /', async () => {
    await server.assign(roleName, holder('root'), '/')
    expect(await answersOf(holder('root'))).toEqual(expected((requirement) => roleAllows(role, requirement)))
  })

  it('may do nothing outside its scope', async () => {
    await server.assign(roleName, holder('out'), `/subscriptions/${OTHER_SUBSCRIPTION}`)
    const outside = expected(
      (requirement) => isForAll(requirement) || (requirement.anywhere === true && roleAllows(role, requirement)),
    )
    expect(await answersOf(holder('out'))).toEqual(outside)
  })
})

describe('the page of permissions', () => {
  it('has every operation of the interface', () => {
    expect(Object.keys(OPERATIONS).filter((id) => !Object.hasOwn(REQUIREMENTS, id))).toEqual([])
  })

  it('is asked of the server, operation by operation', () => {
    expect(Object.keys(OPERATIONS).filter((id) => asked[id] === undefined)).toEqual([])
  })

  it('is what was committed', async () => {
    const path = join(import.meta.dirname, '../../docs/reference/permissions.md')
    const text = await format(permissionsPage(), { ...(await resolveConfig(path)), filepath: path })
    expect(await readFile(path, 'utf8')).toBe(text)
  })
})
