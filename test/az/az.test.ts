import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openBrowser, type Browser, type Visited } from '../issuer/browser.ts'
import { ask } from '../issuer/running-issuer.ts'
import { authenticatorFrom } from '../support/authenticator.ts'
import { makeCertificate } from '../support/certificate.ts'
import { FLEET_SUBSCRIPTION, fleetMachine, startServerProcess, type ServerProcess } from '../support/server-process.ts'
import type { Reply } from '../support/reply.ts'
import { startTokenIssuer } from '../support/token-issuer.ts'
import { azureCli, azureCliVersion, type AzResult, type AzureCli } from './azure-cli.ts'

// A command takes a second, and several when the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
const POLICIES = `/subscriptions/${FLEET_SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies`
const POLICY = `${POLICIES}/default`
const VERSION = '?api-version=2020-01-01'

let server: ServerProcess
let az: AzureCli
let program: { appId: string; id: string; tenant: string; secret: string; certificateFile: string }
let user: { id: string; name: string; password: string }

async function made(path: string, body: object): Promise<Reply['body']> {
  const reply = await server.call('POST', `/api/v1/${path}`, body)
  if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
  return reply.body
}

async function makeProgram(name: string): Promise<typeof program> {
  const { id, appId } = await made('service-principals', { name })
  const path = `service-principals/${appId}/credentials`
  const { secret, tenant } = await made(path, { kind: 'secret', days: 1 })
  const { cert, key } = makeCertificate(name)
  await made(path, { kind: 'certificate', pem: cert })
  const certificateFile = join(server.folder, `${name}.pem`)
  await writeFile(certificateFile, key + cert, { mode: 0o600 })
  return { id, appId, tenant, secret, certificateFile }
}

/** Whoever was handed a password chooses one first. */
async function choosePassword(old: string): Promise<void> {
  const page = aBrowser()
  await page.open('/oauth2/password')
  const { text } = await page.submit({ name: user.name, password: old, new: user.password, again: user.password })
  expect(text).toContain('may close')
}

function aBrowser(): Browser {
  const ca = server.authority
  return openBrowser({ url: server.url, ask: (path, asking = {}) => ask(new URL(path, server.url), { ...asking, ca }) })
}

async function assign(role: string, principalId: string, principalType: string): Promise<void> {
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${role}`
  const path = `/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`
  const reply = await server.call('PUT', path, { properties: { roleDefinitionId, principalId, principalType } })
  if (reply.status !== 201) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`)
}

/** The way that is recommended: nothing is asked for, everything is said. */
async function registerCloud(cli: AzureCli): Promise<void> {
  const file = join(server.folder, 'cloud.json')
  const endpoints = {
    resourceManager: server.url,
    management: server.url,
    activeDirectory: `${server.url}/adfs`,
    activeDirectoryResourceId: server.url,
    activeDirectoryGraphResourceId: server.url,
    microsoftGraphResourceId: server.url,
  }
  await writeFile(file, JSON.stringify({ endpoints }))
  good(await cli('cloud', 'register', '-n', 'Sallyport', '--cloud-config', `@${file}`))
  good(await cli('cloud', 'set', '-n', 'Sallyport'))
}

function bySecret({ appId, secret, tenant } = program): string[] {
  return ['login', '--service-principal', '-u', appId, '-p', secret, '--tenant', tenant]
}

async function confirmDevice(code: string, page = aBrowser()): Promise<Visited> {
  await page.open('/oauth2/device')
  await page.submit({ user_code: code })
  await page.submit({ confirm: 'yes' })
  return page.submit({ act: 'sign-in', name: user.name, password: user.password })
}

/** What it printed, once it is known to have succeeded. */
function good(result: AzResult): AzResult['json'] {
  expect(result.exit, `${result.err}\n${server.log().slice(-2_000)}`).toBe(0)
  return result.json
}

describe.skipIf(azureCliVersion === undefined)('the real Azure command line', () => {
  beforeAll(async () => {
    server = await startServerProcess()
    program = await makeProgram('deployer')
    await assign(OWNER, program.id, 'ServicePrincipal')
    const { user: of, password } = await made('users', { name: 'ada@example.org', password: 'correct horse battery' })
    user = { id: of.id, name: 'ada@example.org', password: 'battery staple horse' }
    await choosePassword(password ?? 'correct horse battery')
    await assign(READER, user.id, 'User')
    az = azureCli(server)
    await registerCloud(az)
    good(await az(...bySecret()))
    good(await az('account', 'set', '-s', FLEET_SUBSCRIPTION))
  })

  afterAll(async () => {
    await server.stop()
  })

  describe('finds the cloud', () => {
    it('by its address alone, reading where everything is', async () => {
      const other = azureCli(server)
      good(await other('cloud', 'register', '-n', 'Found', '--endpoint-resource-manager', server.url))
      good(await other('cloud', 'set', '-n', 'Found'))
      const accounts = good(await other(...bySecret()))
      expect(accounts.map(({ id }: { id: string }) => id)).toContain(FLEET_SUBSCRIPTION)
    })

    it('by the variable that names its metadata', async () => {
      const other = azureCli(server, {
        ARM_CLOUD_METADATA_URL: `${server.url}/metadata/endpoints?api-version=2019-05-01`,
      })
      good(await other('cloud', 'set', '-n', 'Sallyport'))
      expect(good(await other(...bySecret()))).toHaveLength(2)
    })
  })

  describe('signs in', () => {
    it('by a certificate', async () => {
      const other = azureCli(server)
      await registerCloud(other)
      const words = ['login', '--service-principal', '-u', program.appId, '-p', program.certificateFile]
      good(await other(...words, '--tenant', program.tenant))
      expect(good(await other('account', 'show')).user).toEqual({ name: program.appId, type: 'servicePrincipal' })
    })

    it('by a token of another issuer that it was told to trust', async () => {
      const foreign = await startTokenIssuer()
      const [subject, audience] = ['repo:acme/app', 'api://AzureADTokenExchange']
      const trust = { kind: 'federated', issuer: foreign.url, subject, audience, days: 1 }
      await made(`service-principals/${program.appId}/credentials`, trust)
      const token = await foreign.sign({ sub: subject, aud: audience, exp: Math.floor(Date.now() / 1_000) + 600 })
      const other = azureCli(server)
      await registerCloud(other)
      const words = ['login', '--service-principal', '-u', program.appId, '--federated-token', token]
      good(await other(...words, '--tenant', program.tenant))
      expect(good(await other('account', 'show')).user).toEqual({ name: program.appId, type: 'servicePrincipal' })
      await foreign.stop()
    })

    it('by a user’s name and password', async () => {
      const other = azureCli(server)
      await registerCloud(other)
      good(await other('login', '-u', user.name, '-p', user.password))
      expect(good(await other('account', 'show')).user).toEqual({ name: user.name, type: 'user' })
    })

    it('by a code that is typed into a browser on another screen', async () => {
      const other = azureCli(server)
      await registerCloud(other)
      const visits: Promise<Visited>[] = []
      const result = await other.watched(['login', '--use-device-code'], (text) => {
        const [, code] = /enter the code (\S+)/.exec(text) ?? []
        if (code !== undefined) visits.push(confirmDevice(code))
      })
      good(result)
      expect((await visits[0])?.text).toContain('You are signed in.')
      expect(good(await other('account', 'show')).user).toEqual({ name: user.name, type: 'user' })
    })

    it('who administers is told to set up a one-time code, and signs in with it', async () => {
      await assign(OWNER, user.id, 'User')
      const other = azureCli(server)
      await registerCloud(other)
      const byPassword = await other('login', '-u', user.name, '-p', user.password)
      expect(byPassword.exit).not.toBe(0)
      expect(byPassword.err).toContain('az login --use-device-code')
      const visits: Promise<Visited>[] = []
      const page = aBrowser()
      const enrolled = async (code: string): Promise<Visited> => {
        const { text } = await confirmDevice(code, page)
        return page.submit({ act: 'enrol', code: authenticatorFrom(text)() })
      }
      const result = await other.watched(['login', '--use-device-code'], (text) => {
        const [, code] = /enter the code (\S+)/.exec(text) ?? []
        if (code !== undefined) visits.push(enrolled(code))
      })
      good(result)
      expect((await visits[0])?.text).toContain('You are signed in.')
      expect(good(await other('role', 'assignment', 'list', '--all')).length).toBeGreaterThan(1)
    })

    it('not by a wrong secret, and is told why', async () => {
      const other = azureCli(server)
      await registerCloud(other)
      const words = bySecret().map((word) => (word === program.secret ? 'guessed' : word))
      const { exit, err } = await other(...words)
      expect(exit).not.toBe(0)
      expect(err).toMatch(/secret/i)
    })
  })

  describe('looks around', () => {
    it('at accounts, places and groups', async () => {
      expect(good(await az('account', 'list')).map(({ id }: { id: string }) => id)).toContain(FLEET_SUBSCRIPTION)
      expect(good(await az('account', 'list-locations'))).toMatchObject([{ name: 'local' }, { name: 'westeurope' }])
      expect(good(await az('security', 'location', 'list'))).toMatchObject([{ name: 'local' }, { name: 'westeurope' }])
      expect(good(await az('group', 'list'))).toMatchObject([{ name: 'shop', location: 'westeurope' }])
      expect(good(await az('group', 'show', '-n', 'shop'))).toMatchObject({ name: 'shop' })
      expect(good(await az('provider', 'show', '-n', 'Microsoft.Security'))).toMatchObject({
        registrationState: 'Registered',
      })
    })

    it('at machines with their addresses', async () => {
      expect(good(await az('vm', 'list'))).toMatchObject([{ name: 'web1' }, { name: 'web2' }])
      expect(good(await az('vm', 'show', '-g', 'shop', '-n', 'web1'))).toMatchObject({ location: 'westeurope' })
      expect(good(await az('vm', 'list', '-g', 'shop', '-d'))).toMatchObject([
        { privateIps: '10.0.0.4', publicIps: '203.0.113.4' },
        { privateIps: '10.0.0.5', publicIps: '203.0.113.5' },
      ])
    })

    it('at network security groups and their rules', async () => {
      expect(good(await az('network', 'nsg', 'list'))).toMatchObject([{ name: 'web1-nsg' }, { name: 'web2-nsg' }])
      expect(good(await az('network', 'nsg', 'rule', 'list', '-g', 'shop', '--nsg-name', 'web1-nsg'))).toEqual([])
    })
  })

  describe('reads the assessments', () => {
    const RECOMMENDATION = '805651bc-6ecd-4c73-9b55-97a19d0582d0'

    it('of a subscription, and of one machine', async () => {
      const listed = good(await az('security', 'assessment', 'list'))
      expect(listed.length).toBeGreaterThan(0)
      const [first] = listed
      expect(first).toMatchObject({ name: RECOMMENDATION, status: { code: expect.any(String) } })
      expect(first.displayName).toContain('just-in-time')
      const resource = ['--assessed-resource-id', first.resourceDetails.id]
      const shown = good(await az('security', 'assessment', 'show', '-n', RECOMMENDATION, ...resource))
      expect(shown).toEqual(first)
    })
  })

  describe('manages just-in-time access', () => {
    it('writes a policy, and finds it in every list', async () => {
      const ports = [{ number: 22, protocol: '*', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }]
      const body = { kind: 'Basic', properties: { virtualMachines: [{ id: fleetMachine('web1'), ports }] } }
      const url = POLICY.replace(FLEET_SUBSCRIPTION, '{subscriptionId}') + VERSION
      good(await az('rest', '--method', 'put', '--url', url, '--body', JSON.stringify(body)))
      const list = ['security', 'jit-policy', 'list']
      for (const where of [[], ['-g', 'shop'], ['-l', 'westeurope'], ['-g', 'shop', '-l', 'westeurope']])
        expect(good(await az(...list, ...where))).toMatchObject([{ name: 'default', kind: 'Basic' }])
      const show = ['security', 'jit-policy', 'show', '-g', 'shop', '-l', 'westeurope', '-n', 'default']
      expect(good(await az(...show)).virtualMachines).toMatchObject([{ id: fleetMachine('web1') }])
    })

    it('opens a port by rest and by an action of the resource, which it follows to the end', async () => {
      const asked = { number: 22, duration: 'PT1H', allowedSourceAddressPrefix: '203.0.113.9' }
      const body = JSON.stringify({
        virtualMachines: [{ id: fleetMachine('web1'), ports: [asked] }],
        justification: 'deploy',
      })
      const rest = ['rest', '--method', 'post', '--url', `${POLICY}/initiate${VERSION}`, '--body', body]
      expect(good(await az(...rest))).toMatchObject({ justification: 'deploy' })
      const action = [
        'resource',
        'invoke-action',
        '--action',
        'initiate',
        '--ids',
        POLICY,
        '--api-version',
        '2020-01-01',
      ]
      const opened = good(await az(...action, '--request-body', body))
      expect(opened.virtualMachines).toMatchObject([{ ports: [{ number: 22, status: 'Initiated' }] }])
      const rules = ['network', 'nsg', 'rule', 'list', '-g', 'shop', '--nsg-name', 'web1-nsg']
      expect(good(await az(...rules)).map(({ access }: { access: string }) => access)).toContain('Allow')
    })

    it('is told why not, in the original’s words', async () => {
      const body = JSON.stringify({
        virtualMachines: [{ id: fleetMachine('web1'), ports: [{ number: 22, duration: 'P1D' }] }],
      })
      const { exit, err } = await az(
        'rest',
        '--method',
        'post',
        '--url',
        `${POLICY}/initiate${VERSION}`,
        '--body',
        body,
      )
      expect(exit).not.toBe(0)
      expect(err).toContain('is not a subset of policy')
    })

    it('shows and removes a policy as a resource', async () => {
      const version = ['--api-version', '2020-01-01']
      expect(good(await az('resource', 'show', '--ids', POLICY, ...version))).toMatchObject({ name: 'default' })
      good(await az('resource', 'delete', '--ids', POLICY, ...version))
      expect(good(await az('security', 'jit-policy', 'list'))).toEqual([])
      const gone = await az('rest', '--method', 'delete', '--url', `${POLICY}${VERSION}`)
      expect(gone.exit).toBe(0)
      expect((await az('resource', 'show', '--ids', POLICY, ...version)).exit).toBe(3)
    })

    it('lets a program with no more than the right to request do that, and nothing else', async () => {
      const url = `${POLICIES}/night${VERSION}`
      const ports = [{ number: 22, protocol: '*', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }]
      const policy = JSON.stringify({ properties: { virtualMachines: [{ id: fleetMachine('web2'), ports }] } })
      good(await az('rest', '--method', 'put', '--url', url, '--body', policy))
      const guest = await makeProgram('night-shift')
      const group = `/subscriptions/${FLEET_SUBSCRIPTION}/resourceGroups/shop`
      const role = ['--role', 'JIT Requester', '--scope', group, '--assignee', guest.appId]
      good(await az('role', 'assignment', 'create', ...role))
      const other = azureCli(server)
      await registerCloud(other)
      expect(good(await other(...bySecret(guest)))).toMatchObject([{ id: FLEET_SUBSCRIPTION }])
      expect(good(await other('rest', '--method', 'get', '--url', url))).toMatchObject({ name: 'night' })
      const asked = [{ number: 22, duration: 'PT1H', allowedSourceAddressPrefix: '203.0.113.9' }]
      const body = JSON.stringify({ virtualMachines: [{ id: fleetMachine('web2'), ports: asked }] })
      const initiate = `${POLICIES}/night/initiate${VERSION}`
      good(await other('rest', '--method', 'post', '--url', initiate, '--body', body))
      const { exit, err } = await other('rest', '--method', 'delete', '--url', url)
      expect(exit).not.toBe(0)
      expect(err).toContain(
        "does not have authorization to perform action 'Microsoft.Security/locations/jitNetworkAccessPolicies/delete'",
      )
      good(await az('role', 'assignment', 'delete', ...role))
      good(await az('rest', '--method', 'delete', '--url', url))
    })

    it('reads the activity log, newest first, with the justification', async () => {
      const log = good(await az('monitor', 'activity-log', 'list', '--offset', '1h'))
      const operations = log.map(({ operationName }: { operationName: { value: string } }) => operationName.value)
      const prefix = 'Microsoft.Security/locations/jitNetworkAccessPolicies'
      const told = [`${prefix}/write`, `${prefix}/initiate/action`, `${prefix}/delete`]
      expect(operations).toEqual(expect.arrayContaining(told))
      expect(operations[0]).toBe(`${prefix}/delete`)
      expect(JSON.stringify(log)).toContain('"Justification":"deploy"')
      const group = ['--resource-group', 'elsewhere']
      expect(good(await az('monitor', 'activity-log', 'list', '--offset', '1h', ...group))).toEqual([])
    })
  })

  describe('manages permission', () => {
    it('lists role definitions and makes one', async () => {
      const names = good(await az('role', 'definition', 'list')).map(({ roleName }: { roleName: string }) => roleName)
      expect(names).toEqual(expect.arrayContaining(['Owner', 'Reader', 'Security Admin']))
      const role = {
        Name: 'Port opener',
        Description: 'Opens ports',
        Actions: ['Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action'],
        AssignableScopes: [`/subscriptions/${FLEET_SUBSCRIPTION}`],
      }
      expect(good(await az('role', 'definition', 'create', '--role-definition', JSON.stringify(role)))).toMatchObject({
        roleName: 'Port opener',
      })
    })

    it('assigns a role, names whom it is assigned to, and takes it back', async () => {
      const scope = ['--scope', `/subscriptions/${FLEET_SUBSCRIPTION}/resourceGroups/shop`]
      const role = ['--role', 'Reader', ...scope]
      const assigned = good(await az('role', 'assignment', 'create', '--assignee', program.appId, ...role))
      expect(assigned).toMatchObject({ principalId: program.id })
      const listed = good(await az('role', 'assignment', 'list', ...scope))
      expect(listed).toMatchObject([{ principalName: program.appId, roleDefinitionName: 'Reader' }])
      const byName = ['--assignee', user.name, '--role', 'Reader', ...scope]
      good(await az('role', 'assignment', 'create', ...byName))
      good(await az('role', 'assignment', 'delete', ...byName))
      good(await az('role', 'assignment', 'delete', '--ids', assigned.id))
      expect(good(await az('role', 'assignment', 'list', ...scope))).toEqual([])
      // Those at '/' hold here too.
      const all = good(await az('role', 'assignment', 'list', '--all'))
      const names = all.map(({ principalName }: { principalName: string }) => principalName)
      expect(new Set(names)).toEqual(new Set([program.appId, user.name]))
    })
  })
})
