/** Two ways to a token that lead past the server's own issuer: a proxy in between, and an issuer that somebody else runs. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts'
import { startSignInServer, type SignInServer } from './installation.ts'

const ENTRY = fileURLToPath(new URL('../../src/main/sallyport.ts', import.meta.url))
const AUDIENCE = 'https://management.azure.com'

let theirs: SignInServer
let ours: SignInServer
let workflows: TokenIssuer

beforeAll(async () => {
  theirs = await startSignInServer()
  await theirs.addUser('ada@example.org')
  workflows = await startTokenIssuer()
  const { issuers } = (await (await fetch(`${theirs.url}/.well-known/sallyport`)).json()) as {
    issuers: { issuer: string; clientId: string }[]
  }
  const [{ issuer, clientId } = { issuer: '', clientId: '' }] = issuers
  ours = await startSignInServer({
    ownIssuer: 'off',
    issuers: [
      {
        issuer,
        audiences: AUDIENCE,
        cliSignIn: { clientId, scope: `${AUDIENCE}/.default openid profile offline_access`, name: 'The other' },
      },
      { issuer: workflows.url, audiences: 'sallyport', claims: { objectId: 'sub' }, prefix: 'ci:' },
    ],
  })
})
afterAll(async () => {
  await ours.stop()
  await theirs.stop()
  await workflows.stop()
})

test('a person signs in at an issuer that the server trusts and tells of', async () => {
  const login = await ours.typed(`login --server ${ours.url} --ca-file ${ours.caFile} --issuer the-other`)
  expect([login.exit, login.stderr]).toEqual([2, expect.stringContaining('(The other)')])
  const outside = theirs.browserOf('ada@example.org')
  const { exit, stderr } = await ours.typed(`login --server ${ours.url} --ca-file ${ours.caFile}`, { outside })
  expect([exit, stderr]).toEqual([0, expect.stringContaining('as ada@example.org')])
  expect((await ours.typed('context show -o json')).json.signedIn).toMatchObject({ by: 'person' })
})

test('a workflow whose issuer the server trusts comes in with its token as it is', async () => {
  const iat = Math.floor(Date.now() / 1_000)
  const token = await workflows.sign({
    iss: workflows.url,
    sub: 'repo:acme/app',
    aud: 'sallyport',
    iat,
    exp: iat + 600,
  })
  const env = { SALLYPORT_ID_TOKEN: token }
  const line = `login --server ${ours.url} --ca-file ${ours.caFile} --context ci --workload-identity`
  expect(await ours.typed(line, { env })).toMatchObject({ exit: 0 })
  expect((await ours.typed('whoami -o json', { env })).json.principals).toEqual(['ci:repo:acme/app'])
  const without = await ours.typed(line)
  expect([without.exit, without.stderr]).toEqual([2, expect.stringContaining('id-token: write')])
})

test('calls go through the proxy that the environment names, and not where it says no', async () => {
  const asked: string[] = []
  const proxy = createServer().on('connect', (request, socket, head) => {
    asked.push(request.url ?? '')
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const far = connect(Number(port), host === 'localhost' ? '127.0.0.1' : host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      far.write(head)
      far.pipe(socket).pipe(far)
    })
    far.on('error', () => socket.destroy())
    socket.on('error', () => far.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo // it listens on TCP
  const whoami = async (more: Readonly<Record<string, string>>): Promise<string> => {
    const { PATH = '' } = process.env
    const args = [ENTRY, 'whoami', '-o', 'json', '--server', theirs.url, ...theirs.asAdministrator.split(' ')]
    const env = { PATH, SALLYPORT_READY_FILE: '', HTTPS_PROXY: `http://127.0.0.1:${port}`, ...more }
    return JSON.parse((await promisify(execFile)(process.execPath, args, { env })).stdout).name
  }
  expect(await whoami({})).toBe('bootstrap-administrator')
  expect(asked).toEqual([new URL(theirs.url).host])
  expect(await whoami({ NO_PROXY: 'localhost' })).toBe('bootstrap-administrator')
  expect(asked).toHaveLength(1)
  proxy.closeAllConnections()
  proxy.close()
})
