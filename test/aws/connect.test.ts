import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EC2Client } from '@aws-sdk/client-ec2'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type RunningServer } from '../conformance/running-server.ts'
import { openAws } from '../../src/drivers/aws/open-aws.ts'
import { type, type Typed } from '../cli/type.ts'
import { aws } from './aws-cli.ts'
import { motoPython, startMoto, type Moto } from './moto.ts'
import { KEYS, launch, makeGroup, makeNetwork, motoClient, REGION } from './moto-account.ts'

const ROLE = 'arn:aws:iam::123456789012:role/Sallyport'

describe.skipIf(motoPython === undefined)('connect aws', () => {
  let moto: Moto
  let client: EC2Client
  let server: RunningServer
  let folder: string

  beforeAll(async () => {
    moto = await startMoto()
    client = motoClient(moto.url)
    const { vpc, subnet } = await makeNetwork(client)
    const open = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
    const rules = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, ...open }]
    const group = await makeGroup(client, vpc, { name: 'web', rules })
    await launch(client, { subnet, groups: [group], names: ['web1', 'web2'] })
  })
  afterAll(() => moto.stop())
  beforeEach(async () => {
    const clock = { now: () => Date.now() }
    server = await startServer({ clouds: { loadSide: () => openAws({ clock, environment: {} }) } })
    folder = await mkdtemp(join(tmpdir(), `sallyport-connect-aws-${process.pid}-`))
    await writeFile(join(folder, 'key'), `${KEYS.secretAccessKey}\n`)
  })
  afterEach(async () => {
    await server.stop()
    await rm(folder, { recursive: true })
  })

  const connect = (...more: string[]): Promise<Typed> =>
    type(server.url, ['connect', 'aws', 'prod', '--region', REGION, '--endpoint', moto.url, ...more])
  const byKey = (keys = KEYS.accessKeyId): string[] => [
    '--access-key-id',
    keys,
    '--secret-access-key-file',
    join(folder, 'key'),
  ]

  /** Writes the user's secret where {@link byKey} finds it. */
  const userWith = async (name: string, policy: object): Promise<string> => {
    await aws(moto.url, 'iam', 'create-user', '--user-name', name)
    const given = ['--user-name', name, '--policy-name', 'p', '--policy-document', JSON.stringify(policy)]
    await aws(moto.url, 'iam', 'put-user-policy', ...given)
    const made = (await aws(moto.url, 'iam', 'create-access-key', '--user-name', name)) as {
      readonly AccessKey: { readonly AccessKeyId: string; readonly SecretAccessKey: string } // as the service answers
    }
    await writeFile(join(folder, 'key'), made.AccessKey.SecretAccessKey)
    return made.AccessKey.AccessKeyId
  }

  it('tries everything, keeps the connection and reads its machines, by their names', async () => {
    const { exit, stderr } = await connect(...byKey())
    expect([exit, stderr]).toEqual([
      0,
      expect.stringMatching(/warning: a key never ends[^]*Connected prod;[^]* machines\./),
    ])
    const { json } = await type(server.url, ['machine', 'list', '-o', 'json'])
    expect(JSON.stringify(json)).toContain('web2')
    expect((await connect(...byKey(), '--curl')).stdout).not.toContain(KEYS.secretAccessKey)
  })

  it('assumes a role in the account, with an external id', async () => {
    const { exit, stderr } = await connect(...byKey(), '--role-arn', ROLE, '--external-id', 'secret-handshake')
    expect([exit, stderr]).toEqual([0, expect.stringContaining('Connected prod')])
  })

  it('names every permission that is missing, and changes nothing', async () => {
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' }] }
    const key = await userWith('reader', policy)
    await enforce(moto, true)
    try {
      const tried = await connect(...byKey(key), '--dry-run', '-o', 'json')
      const checks = tried.json as readonly { readonly name: string; readonly status: string }[] // as the contract says
      const missing = checks.filter(({ status }) => status === 'missing').map(({ name }) => name)
      expect(missing.sort()).toEqual([
        'ec2:AuthorizeSecurityGroupIngress',
        'ec2:CreateSecurityGroup',
        'ec2:CreateTags',
        'ec2:ModifyNetworkInterfaceAttribute',
        'ec2:RevokeSecurityGroupIngress',
      ])
      const kept = await connect(...byKey(key))
      expect([kept.exit, kept.stderr]).toEqual([4, expect.stringContaining('ec2:CreateSecurityGroup')])
    } finally {
      await enforce(moto, false)
    }
    expect((await server.call('GET', '/api/v1/connections')).body.value).toEqual([])
  })

  it('prints policies that allow what it tries, without a server', async () => {
    const printed = await type(undefined, [
      'connect',
      'aws',
      '--role-arn',
      ROLE,
      '--external-id',
      'x',
      '--belt',
      '--print-policy',
    ])
    expect(printed.json).toMatchObject({
      server: { Statement: [{ Action: 'sts:AssumeRole', Resource: [ROLE] }] },
      trust: { Statement: [{ Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }] },
      beltRole: { name: 'SallyportBelt' },
    })
    expect(JSON.stringify(printed.json.permissions)).toContain('arn:aws:ec2:*:123456789012:security-group/*')
    // moto judges actions alone: any resource but * is refused.
    const statements = (printed.json.permissions.Statement as object[]).map((one) => ({ ...one, Resource: '*' }))
    const key = await userWith('least', { ...printed.json.permissions, Statement: statements })
    await enforce(moto, true)
    try {
      const { exit, stderr } = await connect(...byKey(key))
      expect([exit, stderr]).toEqual([0, expect.stringContaining('Connected prod')])
    } finally {
      await enforce(moto, false)
    }
  })

  it.each([
    ['aws-cn', ['--role-arn', 'arn:aws-cn:iam::123456789012:role/Sallyport']],
    ['aws-us-gov', ['--region', 'us-gov-west-1']],
    ['aws', ['--region', REGION]],
  ])('names everything after %s where %j is', async (partition, options) => {
    const { stdout } = await type(undefined, ['connect', 'aws', '--belt', '--print-policy', ...options])
    const named = [...stdout.matchAll(/"arn:([^:]*):/g)].map(([, found]) => found)
    expect([named.length > 10, [...new Set(named)]]).toEqual([true, [partition]])
  })

  it.each([
    [[], 'exactly one way'],
    [['--profile', 'a', '--instance-role'], 'exactly one way'],
    [['--access-key-id', 'AKIAIOSFODNN7EXAMPLE'], '--secret-access-key-file'],
    [['--profile', 'a', '--role-arn', 'x'], 'is not a role'],
    [['--profile', 'a', '--role-arn', ROLE, '--external-id', 'a', '--external-id', 'b'], 'one for each'],
    [['--profile', 'a', '--rules-per-group', 'many'], 'not a quota'],
  ])('%j is refused with what to do', async (options, message) => {
    const { exit, stderr } = await connect(...options)
    expect([exit, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

/** moto asks for permission when it is told to. */
async function enforce({ url }: Moto, isOn: boolean): Promise<void> {
  await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: isOn ? '0' : 'Infinity' })
}
