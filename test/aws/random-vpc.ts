/** Random VPCs for properties: shared groups, ranges, both families, prefix lists, references, interfaces of services. */
import {
  type Arbitrary,
  array,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  record,
  uniqueArray,
} from 'fast-check'
import type { Shield } from '../../src/domain/access/desired.ts'
import { trafficKey, type GroupRule } from '../../src/drivers/aws/group-rule.ts'
import type { NetworkInterface, SecurityGroup } from '../../src/drivers/aws/vpc-state.ts'
import { Ec2Model } from './ec2-model.ts'
import { shieldOf, VPC } from './vpc-stage.ts'

export const PORTS = [21, 22, 23, 80, 3389] as const
const PREFIX_LIST = 'pl-00000000000000001'
const groupId = (index: number): string => `sg-${String(index).padStart(17, '0')}`
const instanceId = (index: number): string => `i-${String(index).padStart(17, '0')}`

const ruleArbitrary = (groups: number): Arbitrary<Omit<GroupRule, 'id'>> =>
  record({
    group: nat(groups - 1).map(groupId),
    traffic: oneof(
      constantFrom(
        { protocol: 'tcp', from: 22, to: 22 },
        { protocol: 'tcp', from: 0, to: 65_535 },
        { protocol: 'tcp', from: 20, to: 25 },
        { protocol: 'tcp', from: 0, to: 21 },
        { protocol: 'tcp', from: 80, to: 80 },
        { protocol: 'udp', from: 22, to: 3389 },
        { protocol: 'udp', from: 3389, to: 3389 },
        { protocol: '-1', from: -1, to: -1 },
        { protocol: 'icmp', from: -1, to: -1 },
      ),
    ),
    peer: constantFrom('0.0.0.0/0', '::/0', '10.0.0.0/8', '2001:db8::/32', PREFIX_LIST, groupId(0)),
    description: option(constantFrom('ssh for the office', 'everything', ''), { nil: undefined }),
    tags: constantFrom({}, { team: 'a' }, { team: 'b', Name: 'rule' }),
  }).map(({ group, traffic, peer, description, tags }) => {
    const text = description === undefined || description === '' ? {} : { description }
    return { group, ...traffic, peer, tags, ...text }
  })

export interface RandomVpc {
  readonly groups: number
  readonly rules: readonly Omit<GroupRule, 'id'>[]
  readonly interfaces: readonly { readonly instance: number; readonly groups: readonly number[] }[]
  readonly shields: readonly Shield[]
}

export const randomVpc: Arbitrary<RandomVpc> = integer({ min: 1, max: 3 }).chain((groups) =>
  record({
    groups: constant(groups),
    rules: array(ruleArbitrary(groups), { maxLength: 12 }),
    interfaces: array(
      record({
        instance: nat(3),
        groups: uniqueArray(nat(groups - 1), { minLength: 1, maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    shields: shieldsArbitrary,
  }),
)

export const shieldsArbitrary: Arbitrary<Shield[]> = uniqueArray(
  record({
    instance: nat(3),
    ports: uniqueArray(record({ number: constantFrom(...PORTS), protocol: constantFrom('TCP', 'UDP', '*') }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  { selector: ({ instance }) => instance, maxLength: 3 },
).map((shields) => shields.map(({ instance, ports }) => shieldOf(instanceId(instance), ...ports)))

export function modelOf(vpc: RandomVpc): Ec2Model {
  const model = new Ec2Model()
  model.limits = { rulesPerGroup: 250, groupsPerInterface: 5 }
  model.lists = [{ id: PREFIX_LIST, name: 'offices', family: 4, maxEntries: 3 }]
  const groups = Array.from({ length: vpc.groups }, (_, index): [string, SecurityGroup] => [
    groupId(index),
    { id: groupId(index), vpc: VPC, name: `group${index}`, description: 'theirs', tags: {} },
  ])
  const unique = new Map(vpc.rules.map((rule) => [`${rule.group}|${trafficKey(rule)}`, rule]))
  const inbound = [...unique.values()].map((rule): [string, GroupRule] => {
    const id = model.id('sgr')
    return [id, { ...rule, id }]
  })
  const outbound = groups.map(([group]): [string, GroupRule] => {
    const id = model.id('sgr')
    return [id, { id, group, protocol: '-1', from: -1, to: -1, peer: '0.0.0.0/0', tags: {} }]
  })
  const interfaces = vpc.interfaces.map((one, index): [string, NetworkInterface] => {
    const id = `eni-${String(index).padStart(17, '0')}`
    return [id, interfaceOf(id, one)]
  })
  model.change(() => ({
    groups: new Map(groups),
    inbound: new Map(inbound),
    outbound: new Map(outbound),
    interfaces: new Map(interfaces),
  }))
  return model
}

function interfaceOf(id: string, { instance, groups }: RandomVpc['interfaces'][number]): NetworkInterface {
  return {
    id,
    vpc: VPC,
    subnet: 'subnet-1',
    instance: instanceId(instance),
    description: '',
    isRequesterManaged: false,
    groups: groups.map(groupId),
    privateAddresses: ['10.0.0.4'],
    publicAddresses: [],
  }
}
