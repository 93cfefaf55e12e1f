/** Looking after connections to clouds from the command line. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startServer, type RunningServer } from '../conformance/running-server.ts'
import { aCloudMachine, ImaginedCloud } from '../support/imagined-cloud.ts'
import { type, type Typed } from './type.ts'

const GUID = '11111111-1111-4111-8111-111111111111'

let cloud: ImaginedCloud
let server: RunningServer
beforeEach(async () => {
  cloud = new ImaginedCloud()
  server = await startServer({ clouds: { loadSide: async () => cloud.side } })
})
afterEach(() => server.stop())

const connect = (...words: string[]): Promise<Typed> => type(server.url, ['connect', ...words])
const make = (): Promise<unknown> =>
  server.call('PUT', '/api/v1/connections/prod', {
    body: { settings: { kind: 'azure', tenant: GUID, subscriptions: [GUID], credential: { kind: 'managedIdentity' } } },
  })

test('without a connection the list says how to make one', async () => {
  expect((await connect('list')).stderr).toContain('sallyport connect azure --help')
})

test('connections are listed and shown, with what they reach and how fresh that is', async () => {
  await make()
  cloud.machines = [aCloudMachine('vm1')]
  cloud.warnings = [{ code: 'SessionsAreCut', message: 'nsg1 cuts sessions' }]
  const refreshed = await connect('refresh', 'prod')
  expect([refreshed.exit, refreshed.stdout]).toEqual([0, expect.stringMatching(/prod +azure +1{8}.* +1 +fresh/)])
  expect((await connect('list', '-o', 'json')).json).toMatchObject([{ name: 'prod', inventory: { machines: 1 } }])
  const shown = await connect('show', 'prod')
  expect(shown.stdout + shown.stderr).toMatch(/managedIdentity[^]*are undone[^]*warning: nsg1 cuts sessions/)
})

test('what is missing is named, and a script sees it by the exit code', async () => {
  await make()
  cloud.checks = [{ name: 'a/read', scope: GUID, status: 'missing', text: 'no role has it', remedy: 'give the role' }]
  const bad = await connect('check', 'prod')
  expect([bad.exit, bad.stdout]).toEqual([4, expect.stringMatching(/a\/read.*missing.*no role has it.*give the role/)])
  cloud.checks = [{ name: 'a/read', scope: GUID, status: 'ok', text: 'is granted' }]
  expect((await connect('check', 'prod')).exit).toBe(0)
})

test('a cloud that cannot be read is a failure that names the reason', async () => {
  await make()
  cloud.broken = 'the token was refused'
  const { exit, stderr } = await connect('refresh', 'prod')
  expect([exit, stderr]).toEqual([1, expect.stringContaining('the token was refused')])
})

test('a connection is forgotten when somebody says so', async () => {
  await make()
  expect((await connect('remove', 'prod', '--yes')).stderr).toContain('Removed connection prod.')
  expect((await connect('show', 'prod')).exit).toBe(3)
})
