import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createVault } from '../../src/issuer/create-vault.ts'
import { sealerOf } from '../../src/issuer/seal.ts'
import { startServer, type RunningServer } from '../conformance/running-server.ts'
import { makeCertificate } from '../support/certificate.ts'
import { type, type Circumstances, type Typed } from './type.ts'

const NOBODY = { takes: () => false, handle: async () => undefined }
const vault = createVault({ sealer: sealerOf(Buffer.alloc(32, 7)), place: 'test' })

let server: RunningServer
const sp = (line: string, around?: Circumstances): Promise<Typed> => type(server.url, line.split(' '), around)

beforeEach(async () => {
  server = await startServer({ issuer: { ...NOBODY, vault } })
})
afterEach(() => server.stop())

describe('user', () => {
  test('a user is made with a password to hand over, listed, disabled and removed', async () => {
    const made = await sp('user create ada@example.org -o json')
    expect(made.json).toMatchObject({ user: { name: 'ada@example.org', mustChangePassword: true } })
    expect(made.json.password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
    expect((await sp('user list')).stdout).toMatch(/ada@example.org +ada@example.org +new +no/)
    expect((await sp('user disable ada')).stdout).toMatch(/State: +disabled/)
    expect((await sp('user list')).stdout).toContain('disabled')
    expect((await sp('user enable ada')).exit).toBe(0)
    expect((await sp('user set-code ada')).stdout).toContain('otpauth://totp/')
    expect((await sp('user remove ada --yes')).stderr).toContain('Removed user ada@example.org.')
    expect((await sp('user list')).stderr).toContain('No users yet')
  })

  test('a password is shown where it is made and never again', async () => {
    const made = await sp('user create ada@example.org -o json')
    const again = await sp('user reset-password ada -o json')
    expect(again.json.password).not.toBe(made.json.password)
    expect((await sp('user list -o json')).stdout).not.toContain(again.json.password)
    expect((await sp('user enable ada -o json')).stdout).not.toContain('password"')
  })

  test('what does not work says why', async () => {
    await sp('user create ada@example.org')
    expect((await sp('user create ADA@example.org')).stderr).toContain('already')
    expect((await sp('user disable grace')).stderr).toContain("there is no user 'grace'")
  })

  test('at a terminal a removal is asked about', async () => {
    await sp('user create ada@example.org')
    const kept = await sp('user remove ada', { terminal: true, answer: 'n' })
    expect(kept.stderr).toContain('nothing was changed')
    expect((await sp('user list')).stdout).toContain('ada@example.org')
  })
})

describe('group', () => {
  test('members come and go, and the group with them', async () => {
    await sp('user create ada@example.org')
    await sp('group create Operators')
    await sp('service-principal create deploy')
    expect((await sp('group add-member Operators ada')).exit).toBe(0)
    const both = await sp('group add-member Operators deploy --service-principal -o json')
    expect(both.json.members).toHaveLength(2)
    expect((await sp('group remove-member oper ada -o json')).json.members).toHaveLength(1)
    expect((await sp('group list')).stdout).toMatch(/Operators +1/)
    expect((await sp('group remove Operators --yes')).exit).toBe(0)
    expect((await sp('group list')).stderr).toContain('No groups yet')
  })
})

describe('a role is given', () => {
  const holders = async (): Promise<unknown> =>
    (await sp('role assignment list -o json')).json.map(
      ({ properties: { principalId, principalType } }: { properties: Record<string, string> }) => [
        principalType,
        principalId,
      ],
    )

  test('to a user, a group or a program by its name here, and taken away by it', async () => {
    const { json: made } = await sp('user create ada@example.org -o json')
    const { json: group } = await sp('group create Operators -o json')
    const { json: program } = await sp('sp create deploy -o json')
    for (const who of ['Ada@example.org', 'operators', program.appId])
      expect((await sp(`role assignment create --role Reader --scope / --assignee ${who}`)).stderr).not.toContain(
        'warn',
      )
    const expected = [
      ['User', made.user.id],
      ['Group', group.id],
      ['ServicePrincipal', program.id],
    ]
    expect(await holders()).toEqual(expect.arrayContaining(expected))
    expect((await sp('role assignment list --assignee deploy -o json')).json).toHaveLength(1)
    const [id] = (await sp('role assignment list --assignee deploy -o json')).json
    const shown = (await sp('role assignment list --assignee deploy')).stdout
    expect(shown).toMatch(/^deploy +ServicePrincipal/m)
    expect((await sp('role assignment list --assignee deploy -o tsv')).stdout).toContain(id.properties.principalId)
    await sp('role assignment delete --assignee operators --role Reader --scope / --yes')
    expect(await holders()).toHaveLength(2)
  })

  test('to one of two with the same name only by its id', async () => {
    await sp('group create deploy')
    await sp('sp create deploy')
    const either = await sp('role assignment create --role Reader --scope / --assignee deploy')
    expect([either.exit, either.stderr.match(/Group|ServicePrincipal/g)]).toEqual([2, ['Group', 'ServicePrincipal']])
    expect((await sp('role assignment create --role Reader --scope / --assignee deploy --type Group')).exit).toBe(0)
  })
})

describe('service-principal', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), `sallyport-cli-identity-${process.pid}-`))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('a secret is shown once, with all that signing in needs', async () => {
    const { json: made } = await sp('sp create deploy -o json')
    const added = await sp('sp add-secret deploy --days 90')
    expect(added.stdout).toContain(made.appId)
    expect(added.stdout).toMatch(/Tenant: +[0-9a-f-]{36}/)
    expect(added.stdout).toMatch(/Ends: +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/)
    const [, secret = ''] = /Secret: +(\S+)/.exec(added.stdout) ?? []
    expect(secret).toMatch(/^[\da-f]{64}$/)
    expect((await sp('sp list -o json')).stdout).not.toContain(secret)
  })

  test('of a file with certificate and key, the key stays here', async () => {
    const { cert, key } = makeCertificate('deploy')
    const file = join(folder, 'both.pem')
    writeFileSync(file, key + cert)
    await sp('sp create deploy')
    expect((await sp(`sp add-certificate deploy ${file}`)).exit).toBe(0)
    const { json } = await sp('sp list -o json')
    expect(json[0].credentials).toMatchObject([{ kind: 'certificate', hint: expect.stringMatching(/^[0-9A-F]{40}$/) }])
    writeFileSync(file, key)
    expect((await sp(`sp add-certificate deploy ${file}`)).stderr).toContain('holds no certificate')
  })

  test('a trusted token of another issuer is added and removed', async () => {
    await sp('sp create deploy')
    const issuer = 'https://token.actions.githubusercontent.com'
    const added = await sp(`sp add-federated deploy --issuer ${issuer} --subject repo:acme/app -o json`)
    expect(added.json.credential).toMatchObject({ kind: 'federated', hint: issuer, subject: 'repo:acme/app' })
    const plain = await sp('sp add-federated deploy --issuer http://ci.example.org --subject x')
    expect(plain.stderr).toContain('https')
    const removed = await sp(`sp remove-credential deploy ${added.json.credential.id} -o json`)
    expect(removed.json.credentials).toEqual([])
    expect((await sp('sp remove deploy --yes')).exit).toBe(0)
  })
})

test('an installation without an issuer of its own says so', async () => {
  const without = await startServer()
  try {
    expect((await type(without.url, ['user', 'list'])).stderr).toContain('no issuer of its own')
  } finally {
    await without.stop()
  }
})
