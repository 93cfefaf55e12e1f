/** Fills an installation with what its pages show: policies, open and past requests, a refusal. */
import { authorityOf } from '../../src/agent/link/server-line.ts'
import { found, mendedBy } from '../../src/domain/check.ts'
import { connectAgent, enrolled, factsOf } from '../support/simulated-agent.ts'
import type { Stage } from './stage.ts'
import { machineId } from './stage.ts'

const VERSION = 'api-version=2020-01-01'

export async function furnish({ server }: Stage): Promise<void> {
  await protect(server, 'shop', ['web1', 'web2', 'db1'], [22])
  await protect(server, 'office', ['jumphost'], [3_389, 5_986])
  await open(server, 'shop', {
    machine: 'web1',
    port: 22,
    source: '198.51.100.7',
    duration: 'PT1H',
    why: 'INC-4711: disk is full',
  })
  await open(server, 'shop', {
    machine: 'web2',
    port: 22,
    source: '198.51.100.0/24',
    duration: 'PT30M',
    why: 'Rolling restart',
  })
  await open(server, 'shop', {
    machine: 'web1',
    port: 22,
    source: '2001:db8::7',
    duration: 'PT2H',
    why: 'Second pair of eyes',
  })
  await open(server, 'office', {
    machine: 'jumphost',
    port: 3_389,
    source: '203.0.113.200',
    duration: 'PT3H',
    why: 'Quarterly patching',
  })
}

/** People, programs, roles and a connection; and `reader`, who has signed in, may look after nearly all of them. */
export async function furnishDirectory({ server }: Stage, reader: string): Promise<void> {
  const { value: users } = await must(server, 'GET', '/api/v1/users')
  const id: string = users.find(({ name }: { name: string }) => name === reader).id
  const grace = (await must(server, 'POST', '/api/v1/users', { name: 'grace@example.org', displayName: 'Grace' })).user
  const group = await must(server, 'POST', '/api/v1/groups', { name: 'Night shift' })
  await must(server, 'PUT', `/api/v1/groups/${group.id}/members/${grace.id}`)
  const program = await must(server, 'POST', '/api/v1/service-principals', { name: 'nightly-backup' })
  await must(server, 'POST', `/api/v1/service-principals/${program.id}/credentials`, { kind: 'secret', days: 90 })
  const role = crypto.randomUUID()
  await must(server, 'PUT', `${AUTHORIZATION}/roleDefinitions/${role}`, { properties: CARETAKER })
  await assign(server, { scope: '', role, principal: id })
  await assign(server, { scope: groupOf('shop'), role: JIT_REQUESTER, principal: group.id })
  await must(server, 'PUT', '/api/v1/connections/production', { settings: CLOUD })
  await must(server, 'POST', '/api/v1/hosts/rack7/enroll', { labels: { env: 'prod', tier: 'web' } })
  await must(server, 'POST', '/api/v1/hosts/edge1/enroll', { kind: 'gateway', validFor: 'P1D' })
  await must(server, 'POST', '/api/v1/hosts/edge1/revoke')
  await connectHost(server, 'rack1')
  await assign(server, { scope: machineId('db1'), role: JIT_REQUESTER, principal: program.id })
  await protectByLabels(server, { tier: 'web' })
}

/** Whatever host has these labels, where hosts are. */
async function protectByLabels(server: Server, labels: Record<string, string>): Promise<void> {
  const { subscriptionId, resourceGroup, location } = await must(server, 'GET', '/api/v1/whoami')
  const policy = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/web-tier`
  const properties = { virtualMachines: [], selectors: [{ labels, ports: [ruleFor(22)] }] }
  await must(server, 'PUT', policy, { kind: 'Basic', properties })
}

/** An agent of another version, over its real connection, for as long as the server runs. */
async function connectHost(server: Server, name: string): Promise<void> {
  const given = await must(server, 'POST', `/api/v1/hosts/${name}/enroll`, { labels: { env: 'prod' } })
  const authority = await authorityOf(given.server, given.fingerprint, {})
  const credentials = await enrolled({ server: given.server, authority }, given.token, name)
  const facts = { ...factsOf(name), agentVersion: '0.1.9', addresses: ['198.51.100.21'] }
  const agent = await connectAgent(credentials, { facts })
  const rule = 'table inet filter, chain input, handle 9'
  const unread = { ...found('UnreadRule', { port: '22/TCP', rule }), ...mendedBy('ReadRule', {}) }
  agent.report({ facts, findings: [{ name: 'unread rule', status: 'warning', ...unread }] })
}

/** Nobody answers there: what a connection looks like that cannot be read. */
const CLOUD = {
  kind: 'aws',
  credential: { kind: 'profile', profile: 'production' },
  regions: ['eu-west-1'],
  endpoint: 'http://127.0.0.1:9',
}

const AUTHORIZATION = '/providers/Microsoft.Authorization'
const JIT_REQUESTER = '5a11d0c0-0002-4a11-8a11-5a11d0c05a11'

/** Without the right to give roles or passwords: who has that must sign in with a code too. */
const CARETAKER = {
  roleName: 'Caretaker',
  description: 'Looks after groups, programs, roles and clouds',
  permissions: [
    {
      actions: [
        '*/read',
        'Microsoft.Authorization/groups/*',
        'Microsoft.Authorization/servicePrincipals/*',
        'Microsoft.Authorization/roleDefinitions/*',
        'Microsoft.Authorization/roleAssignments/delete',
        'Microsoft.Security/securityConnectors/*',
        'Microsoft.Security/pricings/*',
        'Microsoft.HybridCompute/machines/*',
      ],
    },
  ],
  assignableScopes: ['/'],
}

interface Assigned {
  readonly scope: string
  readonly role: string
  readonly principal: string
}

async function assign(server: Server, { scope, role, principal }: Assigned): Promise<void> {
  const properties = { principalId: principal, roleDefinitionId: `${AUTHORIZATION}/roleDefinitions/${role}` }
  await must(server, 'PUT', `${scope}${AUTHORIZATION}/roleAssignments/${crypto.randomUUID()}`, { properties })
}

function groupOf(group: string): string {
  return machineId('x', group).split('/providers/')[0] ?? ''
}

type Server = Stage['server']
type ServerAnswer = Awaited<ReturnType<Server['call']>>['body']

function ruleFor(number: number): object {
  return { number, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }
}

async function protect(
  server: Server,
  group: string,
  names: readonly string[],
  ports: readonly number[],
): Promise<void> {
  const virtualMachines = names.map((name) => ({ id: machineId(name, group), ports: ports.map(ruleFor) }))
  await must(server, 'PUT', policyOf(group), { kind: 'Basic', properties: { virtualMachines } })
}

interface Wish {
  readonly machine: string
  readonly port: number
  readonly source: string
  readonly duration: string
  readonly why: string
}

async function open(server: Server, group: string, { machine, port, source, duration, why }: Wish): Promise<void> {
  const ports = [{ number: port, duration, allowedSourceAddressPrefix: source }]
  const body = { virtualMachines: [{ id: machineId(machine, group), ports }], justification: why }
  await must(server, 'POST', `${policyOf(group)}/initiate`, body)
}

function policyOf(group: string): string {
  const [scope] = machineId('x', group).split('/providers/')
  return `${scope}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default`
}

async function must(server: Server, method: string, path: string, body?: object): Promise<ServerAnswer> {
  const { status, body: answer } = await server.call(method, `${path}?${VERSION}`, body)
  if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${JSON.stringify(answer)}`)
  return answer
}
