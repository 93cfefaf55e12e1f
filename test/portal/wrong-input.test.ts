/** Whatever is typed wrongly into a form of the portal is refused in the reader's language, with nothing left to say in English. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Refusal } from '../../src/domain/refusal.ts'
import { FLEET_SUBSCRIPTION, startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { machineId } from './stage.ts'

type Words = Readonly<Record<string, string | readonly string[]>>

interface Portal {
  readonly reasonMessages: Readonly<Record<'nl' | 'zh-TW', Words>>
  readonly SAID_WHOLLY: ReadonlySet<string>
  readonly wordedReason: (
    reason: Refusal,
    of: { words: Words; formats: object },
  ) => { text: string; isWhole: boolean } | undefined
}

// Compiled for the browser, these cannot be imported by name where Node.js' types are.
const modules: object[] = await Promise.all(
  ['parts/words/reason-words.ts', 'parts/words/reasons.messages.ts'].map(
    (file) => import(join(import.meta.dirname, '../../src/portal', file)),
  ),
)
const { reasonMessages, SAID_WHOLLY, wordedReason }: Portal = Object.assign({}, ...modules)

const [POLICY, ROLE] = ['?api-version=2020-01-01', '?api-version=2022-04-01']
const GROUP = `/subscriptions/${FLEET_SUBSCRIPTION}/resourceGroups/shop`
const POLICIES = `${GROUP}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies`
const AUTHORIZATION = '/providers/Microsoft.Authorization'
const READER = `${AUTHORIZATION}/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`

const rule = { number: 22, protocol: 'TCP', allowedSourceAddressPrefix: '10.0.0.0/8', maxRequestAccessDuration: 'PT3H' }
const protecting = (ports: readonly object[], id = machineId('web1')): object => ({
  kind: 'Basic',
  properties: { virtualMachines: [{ id, ports }] },
})
const asking = (port: object, id = machineId('web1')): object => ({
  virtualMachines: [{ id, ports: [{ number: 22, duration: 'PT1H', allowedSourceAddressPrefix: '10.0.0.1', ...port }] }],
})
const role = (properties: object): object => ({
  properties: { roleName: 'Mine', permissions: [{ actions: ['*/read'] }], assignableScopes: ['/'], ...properties },
})
const azure = { kind: 'azure', tenant: 'contoso.com', subscriptions: [crypto.randomUUID()], cloud: { name: 'public' } }
const identity = { kind: 'managedIdentity' }
const aws = { kind: 'aws', regions: ['eu-west-1'], accounts: [], credential: { kind: 'instanceRole' } }

type Wrong = readonly [what: string, method: string, path: string, body?: object]

const USERS = '/api/v1/users'
const PROGRAMS = '/api/v1/service-principals'
const WRONG: readonly Wrong[] = [
  [
    'a policy with wrong ports',
    'PUT',
    `${POLICIES}/default${POLICY}`,
    protecting([{ ...rule, number: 70_000 }, rule, rule]),
  ],
  [
    'a policy with a wrong protocol',
    'PUT',
    `${POLICIES}/default${POLICY}`,
    protecting([{ ...rule, protocol: 'ICMP' }]),
  ],
  [
    'a policy with a wrong source',
    'PUT',
    `${POLICIES}/default${POLICY}`,
    protecting([{ ...rule, allowedSourceAddressPrefix: '10.0.0' }]),
  ],
  [
    'a policy with too long a time',
    'PUT',
    `${POLICIES}/default${POLICY}`,
    protecting([{ ...rule, maxRequestAccessDuration: 'P9D' }]),
  ],
  ['a policy without ports', 'PUT', `${POLICIES}/default${POLICY}`, protecting([])],
  ['a policy for what is gone', 'PUT', `${POLICIES}/default${POLICY}`, protecting([rule], machineId('gone'))],
  ['a policy for what nothing guards', 'PUT', `${POLICIES}/default${POLICY}`, protecting([rule], machineId('bare'))],
  ['a policy with a wrong name', 'PUT', `${POLICIES}/a%22b${POLICY}`, protecting([rule])],
  ['a policy with a long name', 'PUT', `${POLICIES}/${'p'.repeat(60)}${POLICY}`, protecting([rule])],
  ['access for too long', 'POST', `${POLICIES}/default/initiate${POLICY}`, asking({ duration: 'PT9H' })],
  [
    'access from elsewhere',
    'POST',
    `${POLICIES}/default/initiate${POLICY}`,
    asking({ allowedSourceAddressPrefix: '192.0.2.1' }),
  ],
  [
    'access from nowhere',
    'POST',
    `${POLICIES}/default/initiate${POLICY}`,
    asking({ allowedSourceAddressPrefix: 'home' }),
  ],
  ['access to another port', 'POST', `${POLICIES}/default/initiate${POLICY}`, asking({ number: 23 })],
  ['access to another machine', 'POST', `${POLICIES}/default/initiate${POLICY}`, asking({}, machineId('web2'))],
  ['access for no time', 'POST', `${POLICIES}/default/initiate${POLICY}`, asking({ duration: 'PT0S' })],
  [
    'access with a long reason',
    'POST',
    `${POLICIES}/default/initiate${POLICY}`,
    { ...asking({}), justification: 'x'.repeat(5_000) },
  ],
  [
    'labels that choose nothing',
    'PUT',
    `${POLICIES}/labelled${POLICY}`,
    { kind: 'Basic', properties: { virtualMachines: [], selectors: [{ labels: { 'a b': 'c d' }, ports: [rule] }] } },
  ],
  ['a user with a wrong name', 'POST', USERS, { name: 'ada lovelace' }],
  ['a user that is there', 'POST', USERS, { name: 'ada' }],
  ['a user with an invisible name', 'POST', USERS, { name: 'bob', displayName: 'a\u200bb' }],
  ['a group without a name', 'POST', '/api/v1/groups', { name: ' ' }],
  ['a member that is not there', 'PUT', '/api/v1/groups/Readers/members/nobody'],
  ['a program without a name', 'POST', PROGRAMS, { name: '' }],
  ['a certificate that is none', 'POST', `${PROGRAMS}/PROGRAM/credentials`, { kind: 'certificate', pem: 'x' }],
  [
    'an issuer in the clear',
    'POST',
    `${PROGRAMS}/PROGRAM/credentials`,
    { kind: 'federated', issuer: 'http://x', subject: 's', audience: 'a', days: 9 },
  ],
  [
    'a subject that is missing',
    'POST',
    `${PROGRAMS}/PROGRAM/credentials`,
    { kind: 'federated', issuer: 'https://x', subject: '', audience: 'a', days: 9 },
  ],
  ['a secret for ever', 'POST', `${PROGRAMS}/PROGRAM/credentials`, { kind: 'secret', days: 9_999 }],
  [
    'a role with a wrong action',
    'PUT',
    `${AUTHORIZATION}/roleDefinitions/${crypto.randomUUID()}${ROLE}`,
    role({ permissions: [{ actions: ['read all'] }] }),
  ],
  [
    'a role without a name or a place',
    'PUT',
    `${AUTHORIZATION}/roleDefinitions/${crypto.randomUUID()}${ROLE}`,
    role({ roleName: ' ', assignableScopes: [] }),
  ],
  [
    'a role at no place',
    'PUT',
    `${AUTHORIZATION}/roleDefinitions/${crypto.randomUUID()}${ROLE}`,
    role({ assignableScopes: ['/nowhere'] }),
  ],
  [
    'a role called as another',
    'PUT',
    `${AUTHORIZATION}/roleDefinitions/${crypto.randomUUID()}${ROLE}`,
    role({ roleName: 'Reader' }),
  ],
  ['a role of Azure', 'PUT', `${READER}${ROLE}`, role({})],
  ['a role that somebody holds', 'DELETE', `${AUTHORIZATION}/roleDefinitions/ROLE${ROLE}`],
  [
    'a role to nobody',
    'PUT',
    `${AUTHORIZATION}/roleAssignments/${crypto.randomUUID()}${ROLE}`,
    { properties: { principalId: 'a b', roleDefinitionId: READER } },
  ],
  [
    'a role where it is not for',
    'PUT',
    `${AUTHORIZATION}/roleAssignments/${crypto.randomUUID()}${ROLE}`,
    { properties: { principalId: 'x', roleDefinitionId: `${AUTHORIZATION}/roleDefinitions/ROLE` } },
  ],
  [
    'a role that is not there',
    'PUT',
    `${AUTHORIZATION}/roleAssignments/${crypto.randomUUID()}${ROLE}`,
    { properties: { principalId: 'x', roleDefinitionId: crypto.randomUUID() } },
  ],
  [
    'a role that is held already',
    'PUT',
    `${GROUP}${AUTHORIZATION}/roleAssignments/${crypto.randomUUID()}${ROLE}`,
    { properties: { principalId: 'x', roleDefinitionId: `${AUTHORIZATION}/roleDefinitions/ROLE` } },
  ],
  [
    'a connection with a wrong name',
    'PUT',
    '/api/v1/connections/-x-?dryRun=true',
    { settings: { ...azure, credential: identity } },
  ],
  [
    'a connection of wrong ids',
    'PUT',
    '/api/v1/connections/x?dryRun=true',
    {
      settings: {
        ...azure,
        tenant: 'a b',
        subscriptions: ['mine', 'mine'],
        credential: { ...identity, clientId: 'me' },
      },
    },
  ],
  [
    'a connection of a wrong region',
    'PUT',
    '/api/v1/connections/x?dryRun=true',
    { settings: { ...aws, regions: ['Amsterdam'], accounts: [{ account: '', roleArn: 'admin' }] } },
  ],
  [
    'a connection of a wrong key',
    'PUT',
    '/api/v1/connections/x?dryRun=true',
    { settings: { ...aws, credential: { kind: 'staticKeys', accessKeyId: 'me' } }, secret: 'x' },
  ],
  ['a connection that is not there', 'POST', '/api/v1/connections/nowhere/check'],
  ['a host with a wrong name', 'POST', '/api/v1/hosts/a_b/enroll', {}],
  ['a host with wrong labels', 'POST', '/api/v1/hosts/rack1/enroll', { labels: { '-x': '?' } }],
  ['a host that is a gateway', 'POST', '/api/v1/hosts/edge1/enroll', { kind: 'host' }],
  ['a host that is not there', 'POST', '/api/v1/hosts/nowhere/revoke'],
  ['the log of a host that is away', 'GET', '/api/v1/hosts/edge1/logs'],
]

let server: ServerProcess
const known: Record<string, string> = {}

async function must(method: string, path: string, body?: object): Promise<{ id: string; principal?: { id: string } }> {
  const answer = await server.call(method, path, body)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

beforeAll(async () => {
  const machine = (name: string, nsg?: object): object => ({
    id: machineId(name),
    location: 'westeurope',
    os: 'Linux',
    nics: [{ privateIp: '10.0.0.4', ...(nsg === undefined ? {} : { nsg }) }],
  })
  const guarded = ['web1', 'web2'].map((name) => machine(name, { name: `${name}-nsg`, securityRules: [] }))
  server = await startServerProcess({
    machines: [...guarded, machine('bare')],
    config: () => ({ agentListen: '127.0.0.1:0' }),
  })
  await must('PUT', `${POLICIES}/default${POLICY}`, protecting([rule]))
  await must('POST', USERS, { name: 'ada' })
  await must('POST', '/api/v1/groups', { name: 'Readers' })
  const { id } = await must('POST', PROGRAMS, { name: 'nightly' })
  known['PROGRAM'] = id
  known['ROLE'] = crypto.randomUUID()
  await must('PUT', `${AUTHORIZATION}/roleDefinitions/${known['ROLE']}${ROLE}`, role({ assignableScopes: [GROUP] }))
  const held = {
    properties: { principalId: 'x', roleDefinitionId: `${AUTHORIZATION}/roleDefinitions/${known['ROLE']}` },
  }
  await must('PUT', `${GROUP}${AUTHORIZATION}/roleAssignments/${crypto.randomUUID()}${ROLE}`, held)
  await must('POST', '/api/v1/hosts/edge1/enroll', { kind: 'gateway' })
}, 60_000)
afterAll(() => server.stop())

const filled = (text: string): string => text.replace(/PROGRAM|ROLE/, (name) => known[name] ?? name)

describe('what is typed wrongly', () => {
  const named = WRONG.map((wrong) => ({ what: wrong[0], wrong }))

  it.each(named)('$what, is told of in Dutch and Chinese alone', async ({ wrong: [, method, path, body] }) => {
    const sent = body === undefined ? undefined : JSON.parse(filled(JSON.stringify(body)))
    const { status, body: answer } = await server.call(method, filled(path), sent)
    expect(status).toBeGreaterThanOrEqual(400)
    const reasons: readonly Refusal[] = answer.error.details ?? [answer.error]
    for (const language of ['nl', 'zh-TW'] as const) {
      const formats = { span: String, moment: String }
      const said = reasons.map((reason) => ({
        ...wordedReason(reason, { words: reasonMessages[language], formats }),
        code: reason.code,
        english: reason.message,
      }))
      expect(said.filter(({ code, isWhole }) => isWhole !== true && !SAID_WHOLLY.has(code))).toEqual([])
    }
  })
})
