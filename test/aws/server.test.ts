import { setTimeout as pause } from 'node:timers/promises'
import type { EC2Client } from '@aws-sdk/client-ec2'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { aws, comparable } from './aws-cli.ts'
import { startCloudServer, type CloudServer } from './cloud-server.ts'
import { motoPython, startMoto, type Moto } from './moto.ts'
import { KEYS, launch, makeGroup, makeNetwork, makePrefixList, motoClient, motoEc2, REGION } from './moto-account.ts'
import { aRule } from './small-vpc.ts'

const { signal } = new AbortController()
const VERSION = '?api-version=2020-01-01'
const DESCRIBED = ['describe-security-groups', 'describe-security-group-rules', 'describe-network-interfaces'] as const

describe.skipIf(motoPython === undefined)('a server connected to AWS', () => {
  let moto: Moto
  let client: EC2Client
  let server: CloudServer

  beforeAll(async () => {
    moto = await startMoto()
    client = motoClient(moto.url)
  })
  afterAll(() => moto.stop())
  beforeEach(async () => {
    server = await startCloudServer()
  })
  afterEach(async () => {
    await server.remove()
    await moto.reset()
  })

  /** Shared groups, ranges, both families, prefix lists, references: instances to protect, and 3 neighbours. */
  const makeEstate = async (third: number): Promise<string[]> => {
    const { vpc, subnet } = await makeNetwork(client)
    const offices = await makePrefixList(client, 'offices')
    const open = { IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'anybody' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] }
    const bastion = await makeGroup(client, vpc, { name: 'bastion' })
    const shared = await makeGroup(client, vpc, {
      name: 'shared',
      rules: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, ...open },
        { IpProtocol: 'tcp', FromPort: 0, ToPort: 1024, IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'inside' }] },
        { IpProtocol: 'tcp', FromPort: 20, ToPort: 30, PrefixListIds: [{ PrefixListId: offices }] },
        { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: bastion }] },
      ],
    })
    const web = await makeGroup(client, vpc, {
      name: 'web',
      rules: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, ...open }],
    })
    const own = await makeGroup(client, vpc, {
      name: 'own',
      rules: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 3389, IpRanges: [{ CidrIp: '192.0.2.0/24' }] }],
    })
    const names = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, index) => `vm${from + index}`)
    await launch(client, { subnet, groups: [shared, web], names: ['neighbour1', 'neighbour2', 'neighbour3'] })
    return [
      ...(await launch(client, { subnet, groups: [shared], names: names(1, third) })),
      ...(await launch(client, { subnet, groups: [shared, web], names: names(1 + third, third) })),
      ...(await launch(client, { subnet, groups: [own], names: names(1 + 2 * third, third) })),
    ]
  }

  const describeAll = async (): Promise<unknown> =>
    comparable(await Promise.all(DESCRIBED.map((what) => aws(moto.url, 'ec2', what))))

  const ourGroups = async (): Promise<string[]> =>
    (await motoEc2(client).groups('all', signal)).map(({ name }) => name).filter((name) => name.startsWith('sallyport'))

  const connect = async (more: { readonly drift?: 'report' } = {}): Promise<void> => {
    const settings = {
      kind: 'aws',
      credential: { kind: 'staticKeys', accessKeyId: KEYS.accessKeyId },
      regions: [REGION],
      endpoint: moto.url,
      refreshEvery: 'PT10S',
      ...more,
    }
    const body = { settings, secret: KEYS.secretAccessKey }
    expect(await server.call('PUT', '/api/v1/connections/cloud', body)).toMatchObject({ status: 200 })
    expect(await server.call('POST', '/api/v1/connections/cloud/refresh')).toMatchObject({ status: 200 })
  }

  const machineId = (instance: string): string =>
    `/subscriptions/${server.subscriptionId}/resourceGroups/default/providers/Microsoft.Security/securityConnectors/cloud/ec2Instances/${instance}`

  const policyPath = (): string =>
    `/subscriptions/${server.subscriptionId}/resourceGroups/default/providers/Microsoft.Security/locations/${REGION}/jitNetworkAccessPolicies/default`

  const protect = (instances: readonly string[]): ReturnType<CloudServer['call']> =>
    server.call('PUT', policyPath() + VERSION, {
      kind: 'Basic',
      properties: {
        virtualMachines: instances.map((instance) => ({
          id: machineId(instance),
          ports: [{ number: 22, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }],
        })),
      },
    })

  const ask = (instance: string, source: string, endTimeUtc: string): ReturnType<CloudServer['call']> =>
    server.call('POST', `${policyPath()}/initiate${VERSION}`, {
      virtualMachines: [
        { id: machineId(instance), ports: [{ number: 22, allowedSourceAddressPrefix: source, endTimeUtc }] },
      ],
    })

  const rulesIn = async (pattern: RegExp): Promise<string[]> => {
    const ec2 = motoEc2(client)
    const groups = new Map((await ec2.groups('all', signal)).map(({ id, name }) => [id, name]))
    const { inbound } = await ec2.rules('all', signal)
    return inbound
      .filter(({ group }) => pattern.test(groups.get(group) ?? ''))
      .map(({ group, protocol, from, to, peer }) => `${groups.get(group)} ${protocol} ${from}-${to} ${peer}`)
      .sort()
  }
  /** Rules of theirs that let anybody in at port 22. */
  const standing22 = async (): Promise<string[]> =>
    (await rulesIn(/^(?!sallyport)/)).filter((text) => {
      const [, protocol, first = 0, last = 0] = /(-1|tcp) (-?\d+)-(-?\d+)/.exec(text) ?? []
      return protocol === '-1' || (protocol === 'tcp' && Number(first) <= 22 && 22 <= Number(last))
    })

  it(
    'protects 30 instances, opens for 100 overlapping requests, closes them, and leaves everything as it was',
    { timeout: 240_000 },
    async () => {
      const instances = await makeEstate(10)
      const before = await describeAll()
      await connect()

      expect(await protect(instances)).toMatchObject({ status: 200 })
      await expect.poll(standing22, { timeout: 60_000, interval: 500 }).toEqual([])
      expect(await rulesIn(/^shared$/)).toContain('shared tcp 0-21 10.0.0.0/8')
      expect(await rulesIn(/^sallyport-keep-/)).toContainEqual(expect.stringMatching(/ tcp 22-22 0\.0\.0\.0\/0$/))

      const end = new Date(Date.now() + 15_000).toISOString()
      const asked = Array.from({ length: 100 }, (_, index) =>
        ask(instances[index % 30] ?? '', `203.0.113.${index % 7}`, end),
      )
      expect([...new Set((await Promise.all(asked)).map(({ status }) => status))]).toEqual([202])
      const holes = new Set(Array.from({ length: 100 }, (_, index) => `${index % 30} ${index % 7}`))
      await expect
        .poll(async () => (await rulesIn(/^sallyport-jit-/)).length, { timeout: 20_000, interval: 300 })
        .toBe(holes.size)

      await expect.poll(() => rulesIn(/^sallyport-jit-/), { timeout: 60_000, interval: 500 }).toEqual([])
      expect(Date.now()).toBeGreaterThan(Date.parse(end) - 5_000)
      expect(await server.call('DELETE', policyPath() + VERSION)).toMatchObject({ status: 200 })
      await expect.poll(ourGroups, { timeout: 60_000, interval: 500 }).toEqual([])
      expect(await describeAll()).toEqual(before)
    },
  )

  it('comes to the same end when it is killed again and again', { timeout: 400_000 }, async () => {
    const instances = await makeEstate(2)
    const before = await describeAll()
    await connect()
    const interrupted = async (act: () => Promise<unknown>, moments: readonly number[]): Promise<void> => {
      const acting = act().catch(() => undefined)
      for (const moment of moments) {
        await pause(moment)
        await server.kill()
        await server.start()
      }
      await acting
    }
    await interrupted(() => protect(instances), [60, 150, 400, 900])
    // A server that was just started knows the machines when it has read them.
    await expect.poll(async () => (await protect(instances)).status, { timeout: 60_000 }).toBe(200)
    await expect.poll(standing22, { timeout: 120_000, interval: 500 }).toEqual([])
    const end = new Date(Date.now() + 12_000).toISOString()
    await interrupted(() => ask(instances[0] ?? '', '203.0.113.7', end), [40, 100, 300])
    await expect.poll(() => rulesIn(/^sallyport-jit-/), { timeout: 120_000, interval: 500 }).toEqual([])
    await interrupted(() => server.call('DELETE', policyPath() + VERSION), [60, 150, 400, 900])
    await server.call('DELETE', policyPath() + VERSION)
    await expect.poll(ourGroups, { timeout: 120_000, interval: 500 }).toEqual([])
    expect(await describeAll()).toEqual(before)
  })

  it(
    'gives an instance that is launched later what its group lost, and closes what somebody opens again',
    { timeout: 120_000 },
    async () => {
      const { vpc, subnet } = await makeNetwork(client)
      const rules = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }]
      const group = await makeGroup(client, vpc, { name: 'shared', rules })
      const instances = await launch(client, { subnet, groups: [group], names: ['web1'] })
      await connect()
      expect(await protect(instances)).toMatchObject({ status: 200 })
      await expect.poll(standing22, { timeout: 60_000, interval: 300 }).toEqual([])
      const late = await launch(client, { subnet, groups: [group], names: ['late'] })
      expect(await server.call('POST', '/api/v1/connections/cloud/refresh')).toMatchObject({ status: 200 })
      const carried = async (): Promise<number> =>
        (await motoEc2(client).interfaces({ instances: late }, signal))[0]?.groups.length ?? 0
      await expect.poll(carried, { timeout: 60_000, interval: 300 }).toBe(2)
      expect(await rulesIn(/^sallyport-keep-/)).toEqual([expect.stringMatching(/ tcp 22-22 10\.0\.0\.0\/8$/)])
      await motoEc2(client).authorize(group, [aRule('tcp 22 0.0.0.0/0')], signal)
      expect(await server.call('POST', '/api/v1/connections/cloud/refresh')).toMatchObject({ status: 200 })
      await expect.poll(standing22, { timeout: 60_000, interval: 300 }).toEqual([])
    },
  )

  it('only tells what somebody opens again where it shall report, and closes what ends all the same', async () => {
    const { vpc, subnet } = await makeNetwork(client)
    const group = await makeGroup(client, vpc, { name: 'shared' })
    const instances = await launch(client, { subnet, groups: [group], names: ['web1'] })
    await connect({ drift: 'report' })
    expect(await protect(instances)).toMatchObject({ status: 200 })
    await expect.poll(ourGroups, { interval: 300 }).toHaveLength(1)
    await motoEc2(client).authorize(group, [aRule('tcp 22 10.0.0.0/8')], signal)
    expect(await server.call('POST', '/api/v1/connections/cloud/refresh')).toMatchObject({ status: 200 })
    const findings = async (): Promise<unknown> => (await server.call('GET', '/api/v1/findings')).body.value
    const drift = { kind: 'drift', steps: [expect.stringContaining('revoke tcp 22 from 10.0.0.0/8')] }
    await expect.poll(findings, { timeout: 20_000, interval: 300 }).toEqual([expect.objectContaining(drift)])

    const { status } = await ask(instances[0] ?? '', '203.0.113.7', new Date(Date.now() + 3_600_000).toISOString())
    expect(status).toBe(202)
    await expect.poll(() => rulesIn(/^sallyport-jit-/), { timeout: 20_000, interval: 300 }).toHaveLength(1)
    const [request] = (await server.call('GET', '/api/v1/requests')).body.value
    expect(await server.call('POST', `/api/v1/requests/${request.id}/close`, {})).toMatchObject({ status: 200 })
    await expect.poll(() => rulesIn(/^sallyport-jit-/), { timeout: 20_000, interval: 300 }).toEqual([])
    expect(await standing22()).toEqual(['shared tcp 22-22 10.0.0.0/8'])
  })

  it('refuses a policy that a quota does not allow, and changes nothing', { timeout: 120_000 }, async () => {
    const { vpc, subnet } = await makeNetwork(client)
    const names = ['a', 'b', 'c', 'd', 'e']
    const rules = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }]
    const groups: string[] = []
    for (const name of names) groups.push(await makeGroup(client, vpc, { name, rules }))
    const instances = await launch(client, { subnet, groups: groups.slice(0, 1), names: ['web1'] })
    await launch(client, { subnet, groups, names: ['crowded'] })
    await connect()
    const refused = await protect(instances)
    expect([refused.status, refused.body.error.code]).toEqual([400, 'TooManySecurityGroups'])
    expect(refused.body.error.message).toContain('of crowded carries 5 security groups')
    expect(await ourGroups()).toEqual([])
  })
})
