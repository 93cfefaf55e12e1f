import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Ec2Fault, type Ec2 } from '../../src/drivers/aws/ec2.ts'
import { trafficKey, type NewRule } from '../../src/drivers/aws/group-rule.ts'
import type { NetworkInterface } from '../../src/drivers/aws/vpc-state.ts'
import { Ec2Model } from './ec2-model.ts'
import { motoPython, startMoto, type Moto } from './moto.ts'
import { launch, makeNetwork, makePrefixList, motoClient, motoEc2 } from './moto-account.ts'
import { VPC } from './vpc-stage.ts'

const { signal } = new AbortController()

interface Ground {
  readonly ec2: Ec2
  readonly vpc: string
  readonly prefixList: string
  readonly instance: string
  stop(): Promise<void>
}

async function onMoto(): Promise<Ground> {
  const moto: Moto = await startMoto()
  const client = motoClient(moto.url)
  const { vpc, subnet } = await makeNetwork(client)
  const ec2 = motoEc2(client)
  const group = await ec2.createGroup({ vpc, name: 'first', description: 'the first', tags: {} }, signal)
  const [instance = ''] = await launch(client, { subnet, groups: [group], names: ['web1'] })
  return { ec2, vpc, instance, prefixList: await makePrefixList(client, 'offices'), stop: () => moto.stop() }
}

async function onModel(): Promise<Ground> {
  const ec2 = new Ec2Model()
  const instance = 'i-00000000000000001'
  ec2.lists = [{ id: 'pl-00000000000000001', name: 'offices', family: 4, maxEntries: 3 }]
  const group = await ec2.createGroup({ vpc: VPC, name: 'first', description: 'the first', tags: {} })
  const one: NetworkInterface = {
    id: 'eni-00000000000000001',
    vpc: VPC,
    subnet: 'subnet-1',
    instance,
    description: '',
    isRequesterManaged: false,
    groups: [group],
    privateAddresses: ['10.0.0.4'],
    publicAddresses: [],
  }
  ec2.change(() => ({
    interfaces: new Map([[one.id, one]]),
    instances: new Map([[instance, { id: instance, vpc: VPC, state: 'running', os: 'Linux', tags: { Name: 'web1' } }]]),
  }))
  return { ec2, vpc: VPC, instance, prefixList: 'pl-00000000000000001', stop: () => Promise.resolve() }
}

async function codeOf(act: Promise<unknown>): Promise<string> {
  const outcome = await act.then(
    () => 'done',
    (cause: unknown) => cause,
  )
  return outcome instanceof Ec2Fault ? outcome.code : String(outcome)
}

const grounds = [
  { name: 'the model', open: onModel, isThere: true },
  { name: 'moto through the official SDK', open: onMoto, isThere: motoPython !== undefined },
]

describe.each(grounds)('EC2 as $name', ({ open, isThere }) => {
  let ground: Ground
  let ec2: Ec2
  let count = 0

  beforeAll(async () => {
    if (!isThere) return
    ground = await open()
    ec2 = ground.ec2
  })
  afterAll(() => (isThere ? ground.stop() : undefined))

  const aGroup = (): Promise<string> =>
    ec2.createGroup(
      { vpc: ground.vpc, name: `group${(count += 1)}`, description: 'a group', tags: { team: 'a' } },
      signal,
    )
  const inboundOf = async (group: string): Promise<string[]> =>
    (await ec2.rules([group], signal)).inbound.map(trafficKey).sort()

  it.runIf(isThere)('gives back every kind of rule as it was written', async () => {
    const group = await aGroup()
    const rules: NewRule[] = [
      { protocol: 'tcp', from: 22, to: 22, peer: '10.0.0.0/8', description: 'ssh', tags: {} },
      { protocol: 'tcp', from: 0, to: 65_535, peer: '2001:db8::/32', description: 'six', tags: {} },
      { protocol: 'udp', from: 53, to: 54, peer: ground.prefixList, tags: {} },
      { protocol: '-1', from: -1, to: -1, peer: group, tags: {} },
      { protocol: 'icmp', from: -1, to: -1, peer: '0.0.0.0/0', tags: {} },
    ]
    await ec2.authorize(
      group,
      rules.map((rule) => ({ ...rule, tags: { owner: 'me' } })),
      signal,
    )
    const { inbound } = await ec2.rules([group], signal)
    expect(inbound.map(trafficKey).sort()).toEqual(rules.map(trafficKey).sort())
    expect(inbound.map(({ tags }) => tags)).toEqual(rules.map(() => ({ owner: 'me' })))
    expect(inbound.find(({ peer }) => peer === '10.0.0.0/8')).toMatchObject({ group, description: 'ssh' })
    expect(inbound.find(({ peer }) => peer === '2001:db8::/32')).toMatchObject({ description: 'six' })
  })

  it.runIf(isThere)('makes a group whose outbound rules can be taken away, twice', async () => {
    const group = await aGroup()
    expect((await ec2.rules([group], signal)).outbound.length).toBeGreaterThan(0)
    await ec2.revokeDefaultOutbound(group, signal)
    await ec2.revokeDefaultOutbound(group, signal)
    expect((await ec2.rules([group], signal)).outbound).toEqual([])
  })

  it.runIf(isThere)('says no to what is there already, and to what is not there', async () => {
    const group = await aGroup()
    const rule: NewRule = { protocol: 'tcp', from: 22, to: 22, peer: '10.0.0.0/8', tags: {} }
    await ec2.authorize(group, [rule], signal)
    expect(await codeOf(ec2.authorize(group, [{ ...rule, description: 'other' }], signal))).toBe(
      'InvalidPermission.Duplicate',
    )
    const { inbound } = await ec2.rules([group], signal)
    const ids = inbound.map(({ id }) => id)
    await ec2.revoke(group, { direction: 'inbound', ids }, signal)
    expect(await inboundOf(group)).toEqual([])
    expect(await codeOf(ec2.revoke(group, { direction: 'inbound', ids }, signal))).toMatch(
      /^Invalid(?:Permission|SecurityGroupRuleId)\.NotFound$/,
    )
    const name = `group${count}`
    expect(await codeOf(ec2.createGroup({ vpc: ground.vpc, name, description: 'again', tags: {} }, signal))).toBe(
      'InvalidGroup.Duplicate',
    )
    await ec2.deleteGroup(group, signal)
    expect(await codeOf(ec2.deleteGroup(group, signal))).toBe('InvalidGroup.NotFound')
  })

  it.runIf(isThere)('refuses more rules than a group may have', async () => {
    const group = await aGroup()
    const rules = (first: number, count: number): NewRule[] =>
      Array.from({ length: count }, (_, index) => ({
        protocol: 'tcp',
        from: first + index,
        to: first + index,
        peer: '10.0.0.0/8',
        tags: {},
      }))
    await ec2.authorize(group, rules(1, 60), signal)
    expect(await codeOf(ec2.authorize(group, rules(100, 1), signal))).toBe('RulesPerSecurityGroupLimitExceeded')
  })

  it.runIf(isThere)('finds groups by network and name, with their tags', async () => {
    const group = await aGroup()
    const name = `group${count}`
    const found = await ec2.groups({ vpc: ground.vpc, names: [name, 'nobody'] }, signal)
    expect(found).toEqual([{ id: group, vpc: ground.vpc, name, description: 'a group', tags: { team: 'a' } }])
    expect(await ec2.groups({ ids: [group] }, signal)).toHaveLength(1)
    expect((await ec2.groups({ vpc: ground.vpc }, signal)).length).toBeGreaterThan(1)
  })

  it.runIf(isThere)('finds interfaces by network, instance and id, and changes their groups', async () => {
    const [one] = await ec2.interfaces({ instances: [ground.instance] }, signal)
    expect(one).toMatchObject({ vpc: ground.vpc, instance: ground.instance, isRequesterManaged: false })
    const id = one?.id ?? ''
    const group = await aGroup()
    await ec2.setGroups(id, [...(one?.groups ?? []), group], signal)
    for (const which of [{ vpc: ground.vpc }, { ids: [id] }, 'all'] as const)
      expect((await ec2.interfaces(which, signal)).find((other) => other.id === id)?.groups).toContain(group)
    expect(await ec2.interfaces({ instances: ['i-0ffffffffffffffff'] }, signal)).toEqual([])
    await ec2.setGroups(id, one?.groups ?? [], signal)
  })

  it.runIf(isThere)('tags a rule', async () => {
    const group = await aGroup()
    await ec2.authorize(group, [{ protocol: 'tcp', from: 22, to: 22, peer: '10.0.0.0/8', tags: { a: '1' } }], signal)
    const { inbound } = await ec2.rules([group], signal)
    await ec2.tag(inbound[0]?.id ?? '', { a: '2', b: '3' }, signal)
    expect((await ec2.rules([group], signal)).inbound[0]?.tags).toEqual({ a: '2', b: '3' })
  })

  it.runIf(isThere)('lists instances, prefix lists and quotas, and knows who is gone', async () => {
    expect(await ec2.instances(signal)).toEqual([
      expect.objectContaining({
        id: ground.instance,
        vpc: ground.vpc,
        os: 'Linux',
        state: 'running',
        tags: { Name: 'web1' },
      }),
    ])
    expect(await ec2.prefixLists(signal)).toContainEqual({
      id: ground.prefixList,
      name: 'offices',
      family: 4,
      maxEntries: 3,
    })
    expect(await ec2.quotas(signal)).toMatchObject({ groupsPerInterface: 5 })
    expect([await ec2.isGone(ground.instance, signal), await ec2.isGone('i-0ffffffffffffffff', signal)]).toEqual([
      false,
      true,
    ])
  })
})
