/**
 * A simulated VPC: two instances to protect and a neighbour that shares their groups, on the model of EC2, with the
 * product's own driver in each process. Single calls go wrong, so a plan is cut off in the middle.
 */
import type { Clock } from '../../src/app/ports/clock.ts'
import type { Driver } from '../../src/app/ports/driver.ts'
import type { Machine, PointId } from '../../src/app/ports/inventory.ts'
import type { Grant } from '../../src/domain/access/grant.ts'
import { resourceKey, resourceName, type ResourceId } from '../../src/domain/resource-id.ts'
import { formatIpPrefix } from '../../src/domain/net.ts'
import { canonicalPeer, trafficKey, type GroupRule } from '../../src/drivers/aws/group-rule.ts'
import { instanceOfGroup } from '../../src/drivers/aws/marks.ts'
import { vpcDriver } from '../../src/drivers/aws/vpc-driver.ts'
import type { Ec2Model, World } from '../aws/ec2-model.ts'
import { aRule, smallVpc } from '../aws/small-vpc.ts'
import { machineOf, POINT, VPC } from '../aws/vpc-stage.ts'
import { letIn, withoutRuleIds } from '../aws/who-gets-in.ts'
import type { Lifetime } from './azure-cloud.ts'
import type { Random } from './random.ts'

export interface VpcCloud {
  readonly point: PointId
  readonly machines: readonly Machine[]
  readonly driverIn: (life: Lifetime) => Driver
  /** While `isTrouble`, single calls go wrong; each is told. */
  trouble(isTrouble: () => boolean, onMishap: (what: string) => void): void
  /** Called after every single change that a driver makes. */
  watch(onChange: () => void): void
  /** What is open, one text for each rule. */
  opened(): string[]
  keysOf(grant: Grant): string[]
  /** A stranger changes something; says what. */
  disturb(random: Random): string
  /** What is wrong with what is not ours; undefined when nothing is. */
  neighbourRobbed(): string | undefined
  /** How it differs from what its owners made it; undefined when it does not. */
  difference(): string | undefined
}

const INSTANCES = ['i-0a', 'i-0b'] as const
const NEIGHBOUR = 'eni-of-i-0c'
const STRANGERS = [
  'tcp 22 0.0.0.0/0',
  'tcp 20-25 10.0.0.0/8',
  'all 192.0.2.0/24',
  'tcp 0-65535 ::/0',
  'tcp 3389 198.51.100.0/24',
  'udp 22-3389 10.0.0.0/8',
  'tcp 443 0.0.0.0/0',
]

export function vpcCloud(random: Random, clock: Clock): VpcCloud {
  const some = (): string[] => STRANGERS.filter(() => random.chance(0.4))
  const model = smallVpc({
    groups: { front: some(), back: some() },
    carry: { 'i-0a': ['front'], 'i-0b': ['front', 'back'], 'i-0c': ['front', 'back'] },
  })
  // What its owners have written, as if nobody had protected anything.
  let theirs = model.world
  return {
    point: POINT,
    machines: INSTANCES.map((instance) => machineNamed(machineOf(instance))),
    driverIn: (life) => driverOn(model, clock, life),
    trouble: (isTrouble, onMishap) => {
      const rate = random.pick([0, 0.1, 0.3])
      model.mishap = (call) => {
        if (!isTrouble() || !random.chance(rate)) return undefined
        const when = random.pick(['before', 'after'] as const)
        onMishap(`EC2 fails ${when} ${call}`)
        return { when, error: new Error('EC2 is out of order, as scheduled') }
      }
    },
    watch: (onChange) => {
      model.afterWrite = onChange
    },
    opened: () => openedIn(model.world),
    keysOf,
    disturb: (chance) => {
      const { what, owners } = disturbVpc(model, chance)
      if (owners !== undefined) theirs = { ...theirs, inbound: new Map([...theirs.inbound, owners]) }
      return what
    },
    neighbourRobbed: () => {
      const lost = [...letIn(theirs, NEIGHBOUR).difference(letIn(model.world, NEIGHBOUR))]
      return lost.length === 0 ? undefined : `the neighbour lost ${lost.join('; ')}`
    },
    difference: () => {
      const [is, should] = [model.world, theirs].map((world) => JSON.stringify(withoutRuleIds(world)))
      return is === should ? undefined : `the VPC is ${is} and was ${should}`
    },
  }
}

function machineNamed(id: ResourceId): Machine {
  const place = { location: 'here', os: 'Linux', privateAddresses: ['10.3.0.4'], publicAddresses: [] } as const
  return { id, key: resourceKey(id), name: resourceName(id), points: [POINT], ...place }
}

function driverOn(model: Ec2Model, clock: Clock, { sleep }: Lifetime): Driver {
  return vpcDriver({
    reach: () => Promise.resolve({ ec2: model, vpc: VPC, quotas: () => Promise.resolve(model.limits), traits: {} }),
    traitsOf: () => ({}),
    names: () => new Map(),
    onObserved: () => {},
    onMisfits: () => {},
    watch: () => () => {},
    clock,
    sleep,
  })
}

function openedIn({ groups, inbound }: World): string[] {
  return [...inbound.values()].flatMap((rule) => {
    const group = groups.get(rule.group)
    const instance = group === undefined ? undefined : instanceOfGroup(group)
    return instance === undefined ? [] : [`${instance} ${trafficKey(rule)}`]
  })
}

/** By an account of its own, beside the driver's arithmetic. */
function keysOf({ machine, port, protocol, sources }: Grant): string[] {
  const protocols = protocol === '*' ? ['tcp', 'udp'] : [protocol.toLowerCase()]
  const peers = sources.flatMap((source) =>
    source === '*' ? ['0.0.0.0/0', '::/0'] : [canonicalPeer(formatIpPrefix(source))],
  )
  return protocols.flatMap((one) => peers.map((peer) => `${resourceName(machine)} ${one}|${port}-${port}|${peer}`))
}

interface Disturbance {
  readonly what: string
  /** A rule that is its owners' from now on. */
  readonly owners?: readonly [string, GroupRule]
}

function disturbVpc(model: Ec2Model, random: Random): Disturbance {
  const what = random.pick(['add a rule', 'delete an opening', 'take our groups off', 'take tags away'] as const)
  if (what === 'add a rule') return { what, ...addStrangersRule(model, random) }
  if (what === 'take our groups off') takeOff(model, random)
  else if (what === 'take tags away')
    model.change(({ inbound }) => ({
      inbound: new Map([...inbound].map(([id, rule]) => [id, isStrangers(rule) ? rule : { ...rule, tags: {} }])),
    }))
  else deleteOpening(model, random)
  return { what }
}

/** Strangers' rules here never have tags. */
function isStrangers({ tags }: GroupRule): boolean {
  return Object.keys(tags).length === 0
}

function addStrangersRule(model: Ec2Model, random: Random): Pick<Disturbance, 'owners'> {
  const rule = { ...aRule(`tcp ${9_000 + random.int(1_000)} 10.0.0.0/8`), group: random.pick(['sg-front', 'sg-back']) }
  const isThere = [...model.world.inbound.values()].some(
    (other) => other.group === rule.group && trafficKey(other) === trafficKey(rule),
  )
  if (isThere) return {}
  const id = model.id('sgr')
  model.change(({ inbound }) => ({ inbound: new Map(inbound).set(id, { ...rule, id }) }))
  return { owners: [id, { ...rule, id }] }
}

function takeOff(model: Ec2Model, random: Random): void {
  const one = model.world.interfaces.get(`eni-of-${random.pick(INSTANCES)}`)
  if (one === undefined) return
  const groups = one.groups.filter((group) => group === 'sg-front' || group === 'sg-back')
  model.change(({ interfaces }) => ({ interfaces: new Map(interfaces).set(one.id, { ...one, groups }) }))
}

function deleteOpening(model: Ec2Model, random: Random): void {
  const { groups, inbound } = model.world
  const openings = [...inbound.values()].filter(({ group }) => {
    const of = groups.get(group)
    return of !== undefined && instanceOfGroup(of) !== undefined
  })
  if (openings.length === 0) return
  const victim = random.pick(openings)
  model.change((world) => ({ inbound: new Map([...world.inbound].filter(([id]) => id !== victim.id)) }))
}
