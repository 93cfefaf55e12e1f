import { describe, expect, it } from 'vitest'
import { parseResourceId, type ResourceId } from '../../src/domain/resource-id.ts'
import { exposuresAt } from '../../src/drivers/aws/exposures.ts'
import type { GroupRule } from '../../src/drivers/aws/group-rule.ts'
import type { Instance } from '../../src/drivers/aws/instance.ts'
import { machinesOf, warningsOf, type RegionState } from '../../src/drivers/aws/inventory.ts'
import type { NetworkInterface } from '../../src/drivers/aws/vpc-state.ts'
import { SUBSCRIPTION, valueOf } from '../support/builders.ts'
import { aRule } from './small-vpc.ts'

const CONNECTION: ResourceId = valueOf(
  parseResourceId(
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.Security/securityConnectors/prod`,
  ),
)
const PLACE = { account: '123456789012', region: 'eu-central-1' }

function anInstance(more: Partial<Instance> = {}): Instance {
  return { id: 'i-1', vpc: 'vpc-1', state: 'running', os: 'Linux', tags: {}, ...more }
}

function anInterface(more: Partial<NetworkInterface> = {}): NetworkInterface {
  return {
    id: 'eni-1',
    vpc: 'vpc-1',
    subnet: 'subnet-1',
    instance: 'i-1',
    description: '',
    isRequesterManaged: false,
    groups: ['sg-1'],
    privateAddresses: ['10.0.0.4'],
    publicAddresses: [],
    ...more,
  }
}

function aRegion(more: Partial<RegionState> = {}): RegionState {
  return {
    place: PLACE,
    instances: [anInstance()],
    interfaces: [anInterface()],
    groups: [{ id: 'sg-1', vpc: 'vpc-1', name: 'web', description: 'theirs', tags: {} }],
    rules: { inbound: [], outbound: [] },
    prefixLists: [],
    quotas: { rulesPerGroup: 60, groupsPerInterface: 5 },
    ...more,
  }
}

describe('an instance', () => {
  it('is a machine beneath its connection, called by its Name tag', () => {
    const region = aRegion({ instances: [anInstance({ os: 'Windows', tags: { Name: 'web1' } })] })
    expect(machinesOf(CONNECTION, region)).toEqual([
      expect.objectContaining({
        id: `${CONNECTION}/ec2Instances/i-1`,
        name: 'web1',
        os: 'Windows',
        location: 'eu-central-1',
        privateAddresses: ['10.0.0.4'],
        points: ['aws:123456789012/eu-central-1/vpc-1'],
        power: 'running',
        vmId: 'i-1',
      }),
    ])
  })

  it.each([
    ['terminated', 0],
    ['shutting-down', 0],
    ['stopped', 1],
    ['pending', 1],
  ])('that is %s is %i machines', (state, count) => {
    expect(machinesOf(CONNECTION, aRegion({ instances: [anInstance({ state })] }))).toHaveLength(count)
  })

  it.each([
    ['NoVirtualNetwork', { instances: [anInstance({ vpc: undefined })], interfaces: [] }],
    ['NoNetworkInterface', { interfaces: [] }],
    ['InterfaceOfAService', { interfaces: [anInterface({ isRequesterManaged: true })] }],
    ['TooManySecurityGroups', { interfaces: [anInterface({ groups: ['a', 'b', 'c', 'd', 'e'] })] }],
  ] as const)('that cannot be protected says why: %s', (code, more) => {
    expect(machinesOf(CONNECTION, aRegion(more))[0]?.unsupported?.code).toBe(code)
  })

  it('has another shape when its interface carries another group, but not when it is one of ours', () => {
    const shape = (groups: readonly string[]): string | undefined => {
      const ours = { vpc: 'vpc-1', description: 'Made by Sallyport, do not edit: openings of i-1', tags: {} }
      const region = aRegion({ interfaces: [anInterface({ groups })] })
      const more = { ...region, groups: [...region.groups, { id: 'sg-2', name: 'sallyport-jit-i-1', ...ours }] }
      return machinesOf(CONNECTION, more)[0]?.shape
    }
    expect(shape(['sg-1', 'sg-2'])).toBe(shape(['sg-1']))
    expect(shape(['sg-1', 'sg-3'])).not.toBe(shape(['sg-1']))
  })
})

describe('who gets in', () => {
  const ruleIn = (group: string, text: string, more: Partial<GroupRule> = {}): GroupRule => ({
    ...aRule(text),
    id: `sgr-${text.replaceAll(' ', '-')}`,
    group,
    ...more,
  })
  const exposures = (rules: readonly GroupRule[], interfaces: readonly NetworkInterface[]): string[] =>
    exposuresAt(
      {
        place: PLACE,
        groups: new Map(aRegion().groups.map((group) => [group.id, group])),
        inboundOf: Map.groupBy(rules, ({ group }) => group),
        interfaces,
      },
      [{ number: 22, protocol: 'TCP' }],
    ).map(
      ({ port, protocol, breadth, from, letIn, address, publicAddress, through }) =>
        `${port}/${protocol} ${address} ${publicAddress ?? 'inside'} ${breadth} ${from.join()} ${letIn} ${through[0]?.of}`,
    )

  it('is judged over all groups on all interfaces, each family to its own addresses', () => {
    const rules = [
      ruleIn('sg-1', 'tcp 20-30 0.0.0.0/0'),
      ruleIn('sg-1', 'tcp 80 0.0.0.0/0'),
      ruleIn('sg-2', 'all ::/0'),
    ]
    const interfaces = [
      anInterface({ publicAddresses: ['198.51.100.4'] }),
      anInterface({ id: 'eni-2', groups: ['sg-2'], privateAddresses: ['10.0.0.5', '2001:db8::5'] }),
    ]
    expect(exposures(rules, interfaces)).toEqual([
      '22/TCP 10.0.0.4 198.51.100.4 everybody 0.0.0.0/0 yes security group sg-1 (web)',
      '22/TCP 2001:db8::5 2001:db8::5 everybody ::/0 yes security group sg-2',
    ])
  })

  it('may be anybody in a group or list that only AWS can resolve', () => {
    const rules = [ruleIn('sg-1', 'tcp 22 sg-2'), ruleIn('sg-1', 'tcp 22 pl-1')]
    expect(exposures(rules, [anInterface()])).toEqual([
      '22/TCP 10.0.0.4 inside some sg-2 maybe security group sg-1 (web)',
      '22/TCP 10.0.0.4 inside some pl-1 maybe security group sg-1 (web)',
    ])
  })

  it('is warned of where sessions are not tracked', () => {
    const out = { ...aRule('all 0.0.0.0/0'), id: 'sgr-o', group: 'sg-1' }
    const warned = (text: string): string[] =>
      warningsOf(aRegion({ rules: { inbound: [ruleIn('sg-1', text)], outbound: [out] } })).map(({ code }) => code)
    expect([warned('tcp 22 0.0.0.0/0'), warned('tcp 22 10.0.0.0/8'), warned('tcp 443 0.0.0.0/0')]).toEqual([
      ['UntrackedConnections'],
      [],
      [],
    ])
  })
})
