/** A VPC for examples: groups with rules by name, and instances that carry them. */
import { canonicalPeer, type GroupRule, type NewRule } from '../../src/drivers/aws/group-rule.ts'
import type { NetworkInterface, SecurityGroup } from '../../src/drivers/aws/vpc-state.ts'
import { Ec2Model } from './ec2-model.ts'
import { VPC } from './vpc-stage.ts'

/** `tcp 22 0.0.0.0/0`, `tcp 20-30 10.0.0.0/8`, `all sg-web`. */
export function aRule(text: string): NewRule {
  const [protocol = '', ...rest] = text.split(' ')
  if (protocol === 'all') return { protocol: '-1', from: -1, to: -1, peer: canonicalPeer(rest[0] ?? ''), tags: {} }
  const [from = '', to = from] = (rest[0] ?? '').split('-')
  return { protocol, from: Number(from), to: Number(to), peer: canonicalPeer(rest[1] ?? ''), tags: {} }
}

export interface SmallVpc {
  /** Rules by the name of their group. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Names of groups by instance (or by what is not an instance: `eni-…`). */
  readonly carry: Readonly<Record<string, readonly string[]>>
}

export function smallVpc({ groups, carry }: SmallVpc): Ec2Model {
  const model = new Ec2Model()
  const named = Object.keys(groups).map((name): [string, SecurityGroup] => [
    `sg-${name}`,
    { id: `sg-${name}`, vpc: VPC, name, description: 'theirs', tags: {} },
  ])
  const inbound = Object.entries(groups).flatMap(([name, rules]) =>
    rules.map((text): [string, GroupRule] => {
      const id = model.id('sgr')
      return [id, { ...aRule(text), id, group: `sg-${name}` }]
    }),
  )
  const interfaces = Object.entries(carry).map(([who, names]): [string, NetworkInterface] => {
    const id = who.startsWith('eni-') ? who : `eni-of-${who}`
    return [id, { ...interfaceOf(id, names), ...(who.startsWith('eni-') ? {} : { instance: who }) }]
  })
  model.change(() => ({
    groups: new Map(named),
    inbound: new Map(inbound),
    interfaces: new Map(interfaces),
  }))
  return model
}

function interfaceOf(id: string, groups: readonly string[]): NetworkInterface {
  return {
    id,
    vpc: VPC,
    subnet: 'subnet-1',
    description: '',
    isRequesterManaged: false,
    groups: groups.map((name) => `sg-${name}`),
    privateAddresses: ['10.0.0.4'],
    publicAddresses: [],
  }
}

/** Somebody writes a rule into a group. */
export function addRule(model: Ec2Model, group: string, text: string): void {
  const id = model.id('sgr')
  model.change(({ inbound }) => ({ inbound: new Map(inbound).set(id, { ...aRule(text), id, group: `sg-${group}` }) }))
}

/** The rules of a group, as texts. */
export function rulesOf(model: Ec2Model, group: string): string[] {
  return [...model.world.inbound.values()]
    .filter((rule) => rule.group === group)
    .map(({ protocol, from, to, peer }) => `${protocol} ${from === to ? from : `${from}-${to}`} ${peer}`)
    .sort()
}
