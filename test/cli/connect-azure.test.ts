import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OWNER, SUBSCRIPTION, TENANT } from '../arm-double/estate.ts'
import { seedFleet } from '../arm-double/seed-fleet.ts'
import { startAzure, type AzureGround } from '../azure/azure-ground.ts'
import { startServer, type RunningServer } from '../conformance/running-server.ts'
import { type, type Typed } from './type.ts'

let azure: AzureGround
let server: RunningServer
let folder: string
let place: string[]

beforeEach(async () => {
  azure = await startAzure()
  server = await startServer({ clouds: { loadSide: () => Promise.resolve(azure.side) } })
  folder = await mkdtemp(join(tmpdir(), `sallyport-connect-${process.pid}-`))
  const { settings } = azure.connection
  if (settings.kind !== 'azure' || settings.cloud.name !== 'custom')
    throw new Error('the double is an Azure of its own')
  const { endpoint, authority, ca = '' } = settings.cloud
  await writeFile(join(folder, 'ca.pem'), ca)
  place = ['--endpoint', endpoint, '--authority', authority, '--authority-ca', join(folder, 'ca.pem')]
})
afterEach(async () => {
  await server.stop()
  await azure.stop()
  await rm(folder, { recursive: true })
})

const connect = (...more: string[]): Promise<Typed> =>
  type(server.url, ['connect', 'azure', 'prod', '--subscription', SUBSCRIPTION, '--tenant', TENANT, ...more], {
    stdin: `${OWNER.secret ?? ''}\n`,
  })
const bySecret = ['--client-id', OWNER.clientId, '--client-secret-file', '-']

test('subscriptions are connected, and their machines are there', async () => {
  seedFleet(azure.double, { machines: 5, seed: 1 })
  const { exit, stderr } = await connect(...bySecret, ...place)
  expect([exit, stderr]).toEqual([0, expect.stringMatching(/^Connected prod; .*\n6 machines\./)])
  const { json } = await type(server.url, ['machine', 'list', '-o', 'json'])
  expect(JSON.stringify(json)).toContain('vm-4')
})

test('what is missing is named before anything is kept', async () => {
  const action = 'Microsoft.Network/networkSecurityGroups/write'
  azure.double.assign(OWNER.clientId, [{ scope: '/', role: { actions: ['*'], notActions: [action] } }])
  const { exit, stderr } = await connect(...bySecret, ...place)
  expect([exit, stderr]).toEqual([4, expect.stringContaining(action)])
  const tried = await connect(...bySecret, ...place, '--dry-run', '-o', 'json')
  expect(tried.exit).toBe(4)
  expect(tried.json).toContainEqual(expect.objectContaining({ name: action, status: 'missing' }))
  expect((await server.call('GET', '/api/v1/connections')).body.value).toEqual([])
  expect((await connect(...bySecret, ...place, '--force')).exit).toBe(0)
})

test('a secret is never printed, nor taken from the command line', async () => {
  const shown = await connect(...bySecret, ...place, '--curl')
  expect(shown.stdout + shown.stderr).not.toContain(OWNER.secret)
  expect((await connect('--client-id', OWNER.clientId, '--client-secret', 'x')).exit).toBe(2)
})

test('the role that the server needs is printed without a server', async () => {
  const printed = await type(undefined, ['connect', 'azure', '--subscription', SUBSCRIPTION, '--print-role'])
  expect(printed.json).toMatchObject({ Name: 'Sallyport', AssignableScopes: [`/subscriptions/${SUBSCRIPTION}`] })
  expect(printed.json.Actions).toContain('Microsoft.Network/networkSecurityGroups/write')
  expect(printed.json.Actions).not.toContain('Microsoft.Network/firewallPolicies/read')
})

test.each([
  [['--managed-identity', '--certificate', 'x.pem'], 'exactly one way'],
  [['--certificate', 'x.pem'], '--client-id'],
  [['--managed-identity', '--endpoint', 'https://x'], '--authority'],
  [['--managed-identity', '--allow-priorities', '100'], 'range of priorities'],
  [['--managed-identity', '--refresh-every', 'soon'], 'not a length of time'],
])('%j is refused with what to do', async (options, message) => {
  const { exit, stderr } = await connect(...options)
  expect([exit, stderr]).toEqual([2, expect.stringContaining(message)])
})
