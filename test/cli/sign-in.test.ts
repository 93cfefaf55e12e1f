/** Signing in from the command line, to a whole server with its own issuer over TLS. */
import { execFile, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { startTokenIssuer } from '../support/token-issuer.ts'
import { startSignInServer, type SignInServer } from './installation.ts'
import type { Typed } from './type.ts'

const ENTRY = fileURLToPath(new URL('../../src/main/sallyport.ts', import.meta.url))

let server: SignInServer
let tokens: string

beforeAll(async () => {
  server = await startSignInServer()
  tokens = join(server.folder, 'home', 'tokens', `localhost-${new URL(server.url).port}.json`)
})
afterAll(() => server.stop())

const typed: SignInServer['typed'] = (line, around) => server.typed(line, around)
const admin = (line: string): Promise<Typed> => typed(`${line} --server ${server.url} ${server.asAdministrator}`)

describe('a server whose authority this machine does not know', () => {
  test('is not spoken to: what it shows is told with its fingerprint, and nothing is kept', async () => {
    const { exit, stderr } = await typed(`login --server ${server.url}`)
    expect([exit, stderr]).toEqual([1, expect.stringContaining('an authority that this machine does not know')])
    const { fingerprint256 } = new X509Certificate(await readFile(server.caFile, 'utf8'))
    expect(stderr).toContain(`--trust-ca SHA256:${fingerprint256}`)
    expect((await typed('context list')).stderr).toContain('You are signed in nowhere')
    const other = await typed(`machine list --server ${server.url}`, { env: { SALLYPORT_TOKEN: 'x' } })
    expect([other.exit, other.stderr]).toEqual([1, expect.stringContaining('--trust-ca')])
  })

  test('is not signed in to without encryption, but on this machine', async () => {
    const { exit, stderr } = await typed('login --server http://192.0.2.1:8470')
    expect([exit, stderr]).toEqual([2, expect.stringContaining('not encrypted')])
    expect((await typed('login --server http://127.0.0.1:1')).exit).toBe(1)
  })

  test('is not signed in to when what it gives could not be kept from others', async () => {
    const folder = join(server.folder, 'loose')
    await mkdir(folder, { mode: 0o755 })
    const line = `login --server ${server.url} ${server.asAdministrator}`
    const { exit, stderr } = await typed(line, { env: { SALLYPORT_CONFIG_DIR: folder } })
    expect([exit, stderr]).toEqual([7, expect.stringContaining(`try: chmod 0700 ${folder}`)])
  })

  test('is not trusted for another fingerprint', async () => {
    const { exit, stderr } = await typed(`login --server ${server.url} --trust-ca SHA256:${'ab'.repeat(32)}`)
    expect([exit, stderr]).toEqual([1, expect.stringContaining('do not trust it')])
    const cut = await typed(`login --server ${server.url} --trust-ca SHA256:ab:cd`)
    expect([cut.exit, cut.stderr]).toEqual([2, expect.stringContaining('is not a whole SHA256 fingerprint')])
  })
})

describe('a person', () => {
  beforeAll(async () => {
    await server.addUser('ada@example.org')
  })

  test('signs in with the browser, by the fingerprint of the authority, and is known from then on', async () => {
    const { fingerprint256 } = new X509Certificate(await readFile(server.caFile, 'utf8'))
    const login = await typed(`login --server ${server.url} --trust-ca SHA256:${fingerprint256}`, {
      outside: server.browserOf('ada@example.org'),
    })
    expect([login.exit, login.stderr]).toEqual([0, expect.stringContaining('as ada@example.org')])
    // Nothing is known of the server before: `sallyport login --device` alone would not do.
    expect(login.stderr).toContain('No browser on this machine? Ctrl-C, and the same command with --device')
    const { json } = await typed('whoami -o json')
    expect(json).toMatchObject({ name: 'ada@example.org', server: server.url, renewed: true })
    expect((await typed('context list -o json')).json).toMatchObject([{ current: true, ownAuthority: true }])
  })

  test('has tokens in a file of their own that nobody else may read', async () => {
    expect((await stat(tokens)).mode & 0o777).toBe(0o600)
    expect((await stat(join(server.folder, 'home'))).mode & 0o777).toBe(0o700)
    expect(await readFile(join(server.folder, 'home', 'contexts.json'), 'utf8')).not.toContain('eyJ')
  })

  test('is not let in by a token file that others may read', async () => {
    await chmod(tokens, 0o644)
    const { exit, stderr } = await typed('whoami')
    await chmod(tokens, 0o600)
    expect([exit, stderr]).toEqual([7, expect.stringContaining('others may read or write it (mode 0644)')])
  })

  test('is renewed in silence, also by six programs at once, for whom one refresh token is worth one use', async () => {
    const before = await outdate()
    const env = { ...process.env, SALLYPORT_CONFIG_DIR: join(server.folder, 'home'), SALLYPORT_READY_FILE: '' }
    const runs = Array.from({ length: 6 }, () =>
      promisify(execFile)(process.execPath, [ENTRY, 'whoami', '-o', 'json'], { env }),
    )
    const names = (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout).name)
    expect(new Set(names)).toEqual(new Set(['ada@example.org']))
    const after = JSON.parse(await readFile(tokens, 'utf8'))
    expect(after.refresh).not.toBe(before.refresh)
    // Begun in the same instant, which programs that start one after the other hardly are.
    await outdate()
    const renewals = countCallsTo('/token')
    const exits = await Promise.all(Array.from({ length: 8 }, async () => (await typed('whoami')).exit))
    expect([new Set(exits), renewals()]).toEqual([new Set([0]), 1])
    await outdate()
    expect((await typed('whoami')).exit).toBe(0)
  })

  test('whose session was ended is told to sign in again', async () => {
    await admin('user sign-out ada@example.org')
    await outdate()
    const { exit, stderr } = await typed('whoami')
    expect([exit, stderr]).toEqual([7, expect.stringMatching(/has ended[^]*try: sallyport login --context localhost/)])
  })

  test('signs in on another device by a code', async () => {
    let confirmed: Promise<void> | undefined
    const { exit, stderr } = await typed(`login --device`, {
      onStderr: (text) => {
        const [, code] = /^ {2}([A-Z]{4}-[A-Z]{4})$/m.exec(text) ?? []
        if (code !== undefined) confirmed = server.confirmDevice('ada@example.org', code)
      },
      whileWaiting: () => confirmed,
    })
    expect([exit, stderr]).toEqual([0, expect.stringContaining('as ada@example.org')])
  })

  test('who types the code nowhere is told so when it has ended, and Ctrl-C ends the waiting at once', async () => {
    const late = await typed('login --device')
    expect([late.exit, late.stderr]).toEqual([5, expect.stringContaining('in time')])
    let pauses = 0
    const stopped = await typed('login --device', {
      whileWaiting: (interrupt) => {
        pauses++
        interrupt()
      },
    })
    expect([stopped.exit, stopped.stderr, pauses]).toEqual([
      130,
      expect.stringContaining('interrupted before you were signed in'),
      1,
    ])
  })

  test.each([
    ['--device', '/oauth2/device'],
    ['--no-browser', '/authorize?'],
  ])('who presses Ctrl-C at login %s has the prompt back at once', async (way, shown) => {
    const env = { ...process.env, SALLYPORT_CONFIG_DIR: join(server.folder, 'home'), SALLYPORT_READY_FILE: '' }
    const child = spawn(process.execPath, [ENTRY, 'login', way], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      const isShown = stderr.includes(shown)
      stderr += chunk.toString()
      if (!isShown && stderr.includes(shown)) child.kill('SIGINT')
    })
    await once(child, 'close')
    expect([child.exitCode, stderr]).toEqual([130, expect.stringContaining('interrupted before you were signed in')])
  })

  test('is signed in to a second context of that server by the authority that the first one trusts', async () => {
    const second = await typed(`login --server ${server.url} --context second`, {
      outside: server.browserOf('ada@example.org'),
    })
    expect([second.exit, second.stderr]).toEqual([0, expect.stringContaining('(context second)')])
    expect((await typed('context show second')).stdout).toContain('its own, and those that the machine knows')
    expect((await typed('context remove second')).exit).toBe(0)
    expect((await typed(`context use localhost-${new URL(server.url).port}`)).exit).toBe(0)
  })

  test('who signs out is signed out at the issuer too', async () => {
    const kept = await readFile(tokens, 'utf8')
    expect((await typed('logout')).stderr).toContain('Signed out')
    expect([(await typed('whoami')).exit, (await typed('whoami')).stderr]).toEqual([
      7,
      expect.stringContaining('you are not signed in'),
    ])
    // Somebody who kept a copy of the file has nothing with it.
    await typed('login', { outside: server.browserOf('ada@example.org') })
    await writeFile(tokens, JSON.stringify({ ...JSON.parse(kept), endsAt: 0 }))
    expect((await typed('whoami')).exit).toBe(7)
  })

  test('who says no, or presses Ctrl-C, is not signed in', async () => {
    let page: Promise<Response> | undefined
    const { exit } = await typed('login --no-browser', {
      onStderr: (text) => {
        const [address] = /https:\S+\/authorize\?\S+/.exec(text) ?? []
        if (address === undefined) return
        const asked = new URL(address).searchParams
        page = fetch(`${asked.get('redirect_uri')}?error=access_denied&state=${asked.get('state')}`)
      },
    })
    expect([exit, await (await page)?.text()]).toEqual([7, expect.stringContaining('You are not signed in')])
    const stopped = await typed('login --no-browser', {
      onStderr: (text, interrupt) => {
        if (text.includes('/authorize?')) interrupt()
      },
    })
    expect([stopped.exit, stopped.stderr]).toEqual([
      130,
      expect.stringContaining('interrupted before you were signed in'),
    ])
  })
})

describe('a program', () => {
  let objectId: string

  async function robot(name: string): Promise<string> {
    const { id, appId } = (await admin(`service-principal create ${name} -o json`)).json
    objectId = id
    return appId
  }

  async function loginAs(clientId: string, proof: string, env: Readonly<Record<string, string>> = {}): Promise<Typed> {
    const line = `login --server ${server.url} --ca-file ${server.caFile} --context robot --service-principal`
    return typed(`${line} --client-id ${clientId} ${proof}`.trim(), { env })
  }

  async function whoIsIt(): Promise<string> {
    return (await typed('whoami --context robot -o json')).json.principals[0]
  }

  test('signs in with a secret in a file, and again when its token has ended', async () => {
    const id = await robot('with-secret')
    const { secret } = (await admin('service-principal add-secret with-secret -o json')).json
    const file = join(server.folder, 'secret.txt')
    await writeFile(file, `${secret}\n`)
    expect(await loginAs(id, `--client-secret-file ${file}`)).toMatchObject({ exit: 0 })
    await writeFile(join(server.folder, 'home', 'tokens', 'robot.json'), '{}')
    expect((await typed('whoami --context robot')).exit).toBe(0)
    await writeFile(file, 'another')
    const nothing = await loginAs(id, '--client-secret-file /dev/null')
    expect([nothing.exit, nothing.stderr]).toEqual([7, expect.stringContaining('/dev/null is empty')])
    const wrong = await loginAs(id, `--client-secret-file ${file}`)
    expect([wrong.exit, wrong.stderr]).toEqual([7, expect.stringContaining('could not prove who it is')])
    expect(wrong.stderr).not.toContain('another')
  })

  test('signs in with a certificate', async () => {
    const id = await robot('with-certificate')
    const { cert, key } = makeCertificate('robot')
    const file = join(server.folder, 'robot.pem')
    await writeFile(file, key + cert)
    await admin(`service-principal add-certificate with-certificate ${file}`)
    expect(await loginAs(id, `--certificate ${file}`)).toMatchObject({ exit: 0 })
    expect(await whoIsIt()).toBe(objectId)
  })

  test('signs in with the token of a workflow, in a file, in GitHub and in GitLab', async () => {
    const issuer = await startTokenIssuer()
    const id = await robot('workflow')
    const [subject, audience] = ['repo:acme/app:ref:refs/heads/main', 'api://AzureADTokenExchange']
    await admin(`service-principal add-federated workflow --issuer ${issuer.url} --subject ${subject}`)
    const iat = Math.floor(Date.now() / 1_000)
    const token = await issuer.sign({ iss: issuer.url, sub: subject, aud: audience, iat, exp: iat + 600 })
    const file = join(server.folder, 'federated')
    await writeFile(file, token)
    expect(await loginAs(id, `--federated-token-file ${file}`)).toMatchObject({ exit: 0 })
    expect(await loginAs(id, '', { AZURE_FEDERATED_TOKEN_FILE: file })).toMatchObject({ exit: 0 })
    expect(await loginAs(id, '', { SALLYPORT_ID_TOKEN: token })).toMatchObject({ exit: 0 })
    const github = await startGithub(token)
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/?v=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'asking' }
    expect(await loginAs(id, '', env)).toMatchObject({ exit: 0 })
    expect(github.asked).toEqual([['Bearer asking', audience]])
    expect(await whoIsIt()).toBe(objectId)
    await github.stop()
    await issuer.stop()
  })

  test('without anything that proves who it is, is told what there is', async () => {
    const { exit, stderr } = await loginAs('5a117907-0000-4000-8000-00000000ffff', '')
    expect([exit, stderr]).toEqual([2, expect.stringContaining('--client-secret-file')])
  })
})

describe('contexts', () => {
  test('name servers, and a token of the environment is not sent to the one that a command names', async () => {
    const token = `${server.asAdministrator} --server ${server.url}`
    await typed(`login --context first ${token}`)
    await typed(`login --context second ${token}`)
    const names = (await typed('context list -o tsv')).stdout
    expect(names).toMatch(/\tfirst\t[^]*\*\tsecond\t/)
    const env = { SALLYPORT_TOKEN: 'wrong' }
    expect((await typed('whoami', { env })).exit).toBe(7)
    expect((await typed('whoami --context first', { env })).exit).toBe(0)
    expect((await typed('whoami', { env: { SALLYPORT_CONTEXT: 'first' } })).stdout).toContain('bootstrap')
    expect((await typed(`whoami --context first --server ${server.url}`)).exit).toBe(2)
  })

  test('are renamed with their tokens, removed, and found by the beginning of their names', async () => {
    await typed('context rename robot machine')
    expect((await typed('whoami --context machine')).exit).toBe(0)
    expect((await typed('context use mach')).stderr).toContain(server.url)
    expect((await typed('context rename machine second')).exit).toBe(2)
    expect((await typed('context remove machine')).exit).toBe(0)
    expect((await typed('whoami --context machine')).exit).toBe(3)
    expect((await typed('whoami')).exit).toBe(7)
  })

  test('in a file that was changed by hand to something else are refused', async () => {
    const file = join(server.folder, 'home', 'contexts.json')
    const before = await readFile(file, 'utf8')
    await writeFile(file, '{"version":9}')
    expect((await typed('machine list')).exit).toBe(7)
    await writeFile(file, before)
  })
})

/** The token that is kept has ended; returns what was kept. */
async function outdate(): Promise<{ readonly refresh: string }> {
  const kept = JSON.parse(await readFile(tokens, 'utf8'))
  await writeFile(tokens, JSON.stringify({ ...kept, endsAt: 0 }))
  return kept
}

/** How many calls this process makes to addresses that end so, until it is asked. */
function countCallsTo(end: string): () => number {
  const real = globalThis.fetch
  let calls = 0
  globalThis.fetch = (address, init) => {
    if (new Request(address).url.endsWith(end)) calls += 1
    return real(address, init)
  }
  return () => {
    globalThis.fetch = real
    return calls
  }
}

/** What a runner of GitHub answers a workflow that asks for its token. */
async function startGithub(value: string): Promise<{ url: string; asked: unknown[]; stop: () => Promise<void> }> {
  const { createServer } = await import('node:http')
  const asked: unknown[] = []
  const runner = createServer(({ url = '', headers }, response) => {
    asked.push([headers.authorization, new URL(url, 'http://x').searchParams.get('audience')])
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value }))
  })
  await new Promise<void>((resolve) => runner.listen(0, '127.0.0.1', resolve))
  const address = runner.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    stop: async () => {
      runner.closeAllConnections()
      await new Promise((resolve) => runner.close(resolve))
    },
  }
}
