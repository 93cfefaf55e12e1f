import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as providers from '@aws-sdk/credential-providers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AwsCredential, AwsSettings } from '../../src/domain/clouds/connection.ts'
import { credentialsFor, type Credentials } from '../../src/drivers/aws/credentials.ts'
import { REGION } from './moto-account.ts'

const OWN = { accessKeyId: 'ASIAOWN0000000000000', secretAccessKey: 'own', sessionToken: 'own-token' }
const ASSUMED = 'ASIAASSUMED000000000'
const ROLE = 'arn:aws:iam::123456789012:role/Sallyport'

/** What an instance, a task and STS answer with, and how they were asked. */
interface Services {
  readonly url: string
  readonly asked: readonly string[]
  stop(): Promise<void>
}

async function startServices(): Promise<Services> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const [path = ''] = (request.url ?? '').split('?')
      const { authorization = '', 'x-aws-ec2-metadata-token': token = '' } = request.headers
      const key = /Credential=(\w+)/.exec(authorization)?.[1] ?? authorization
      asked.push(`${request.method} ${path} ${Buffer.concat(parts).toString()} ${key}${token.toString()}`)
      const { status, body } = answerOf(path, token.toString())
      response.writeHead(status).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // as it listens on TCP
  const stop = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()).closeAllConnections())
  return { url: `http://127.0.0.1:${port}`, asked, stop }
}

const ENDS = '2099-01-01T00:00:00Z'

function answerOf(path: string, token: string): { readonly status: number; readonly body: string } {
  const own = { AccessKeyId: OWN.accessKeyId, SecretAccessKey: 'own', Token: 'own-token', Expiration: ENDS }
  if (path === '/') return { status: 200, body: assumed() }
  if (path === '/latest/api/token') return { status: 200, body: 'imds-token' }
  if (path === '/task') return { status: 200, body: JSON.stringify(own) }
  // The second version of the metadata service: nothing without the token.
  if (token !== 'imds-token') return { status: 401, body: '' }
  if (path.endsWith('/security-credentials/')) return { status: 200, body: 'OwnRole' }
  return { status: 200, body: JSON.stringify({ Code: 'Success', ...own }) }
}

function assumed(): string {
  const named = `<AccessKeyId>${ASSUMED}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>`
  const user = `<AssumedRoleUser><Arn>${ROLE}</Arn><AssumedRoleId>AROA:sallyport</AssumedRoleId></AssumedRoleUser>`
  const given = `<Credentials>${named}<Expiration>${ENDS}</Expiration></Credentials>${user}`
  const both = ['AssumeRole', 'AssumeRoleWithWebIdentity'].map((name) => `<${name}Result>${given}</${name}Result>`)
  return `<Response>${both.join('')}</Response>`
}

describe('the server asks AWS', () => {
  let services: Services
  let folder: string

  beforeEach(async () => {
    services = await startServices()
    folder = await mkdtemp(join(tmpdir(), `sallyport-credentials-${process.pid}-`))
    for (const name of Object.keys(process.env).filter((each) => each.startsWith('AWS_'))) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', services.url)
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await services.stop()
    await rm(folder, { recursive: true })
  })

  const keyOf = async (credential: AwsCredential, roleArn?: string): Promise<string> => {
    const settings: AwsSettings = {
      kind: 'aws',
      drift: 'repair',
      refreshEvery: 60_000,
      credential,
      accounts: [],
      regions: [REGION],
      endpoint: services.url,
      belt: false,
    }
    const account = roleArn === undefined ? undefined : { account: '123456789012', roleArn, externalId: 'handshake' }
    return resolved(
      credentialsFor({ providers, settings, secret: undefined, region: REGION, environment: process.env }, account),
    )
  }

  it('as the role of its instance, by the metadata service that wants a token', async () => {
    expect(await keyOf({ kind: 'instanceRole' })).toBe(OWN.accessKeyId)
    expect(services.asked[0]).toMatch(/^PUT \/latest\/api\/token/)
  })

  it('as the role of its task or pod', async () => {
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${services.url}/task`)
    vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN', 'of-the-pod')
    expect(await keyOf({ kind: 'instanceRole' })).toBe(OWN.accessKeyId)
    expect(services.asked).toEqual(['GET /task  of-the-pod'])
  })

  it('as the role that the token of its service account stands for', async () => {
    await writeFile(join(folder, 'token'), 'of-the-service-account')
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', join(folder, 'token'))
    vi.stubEnv('AWS_ROLE_ARN', ROLE)
    expect(await keyOf({ kind: 'instanceRole' })).toBe(ASSUMED)
    expect(services.asked).toEqual([expect.stringContaining('WebIdentityToken=of-the-service-account')])
  })

  it('as a role in another account, which its instance assumes', async () => {
    expect(await keyOf({ kind: 'instanceRole' }, ROLE)).toBe(ASSUMED)
    expect(services.asked.at(-1)).toMatch(new RegExp(`ExternalId=handshake.* ${OWN.accessKeyId}$`))
  })

  it('as a profile, by its keys or by the role that it names, as its files say now', async () => {
    const profile = (key: string): string => `[ops]\naws_access_key_id = ${key}\naws_secret_access_key = s\n`
    await writeFile(join(folder, 'credentials'), profile('AKIAFIRST00000000000'))
    await writeFile(join(folder, 'config'), `[profile far]\nrole_arn = ${ROLE}\nsource_profile = ops\n`)
    expect(await keyOf({ kind: 'profile', profile: 'ops' })).toBe('AKIAFIRST00000000000')
    await writeFile(join(folder, 'credentials'), profile('AKIASECOND0000000000'))
    expect(await keyOf({ kind: 'profile', profile: 'ops' })).toBe('AKIASECOND0000000000')
    expect(await keyOf({ kind: 'profile', profile: 'far' })).toBe(ASSUMED)
    expect(services.asked.at(-1)).toContain('AKIASECOND0000000000')
    await expect(keyOf({ kind: 'profile', profile: 'nobody' })).rejects.toThrow('nobody')
  })
})

async function resolved(credentials: Credentials): Promise<string> {
  return (typeof credentials === 'function' ? await credentials() : credentials).accessKeyId
}
