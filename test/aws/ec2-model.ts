/**
 * EC2 in memory, as far as the driver uses it: the same interface, checked against moto by the same suite. What moto
 * lacks is here: changes are seen late when `lag` says so, quotas are counted as AWS counts them, groups in use cannot
 * be deleted, every call may fail, and a call may be the last one that a process makes.
 */
import { Ec2Fault, type Ec2, type NewGroup, type RuleIds, type Rules } from '../../src/drivers/aws/ec2.ts'
import { trafficKey, type GroupRule, type NewRule, type Tags } from '../../src/drivers/aws/group-rule.ts'
import type { Instance } from '../../src/drivers/aws/instance.ts'
import { fits, quotaUse } from '../../src/drivers/aws/quota-use.ts'
import type { NetworkInterface, PrefixList, Quotas, SecurityGroup } from '../../src/drivers/aws/vpc-state.ts'

export interface World {
  readonly groups: ReadonlyMap<string, SecurityGroup>
  readonly inbound: ReadonlyMap<string, GroupRule>
  readonly outbound: ReadonlyMap<string, GroupRule>
  readonly interfaces: ReadonlyMap<string, NetworkInterface>
  readonly instances: ReadonlyMap<string, Instance>
}

export type Write = 'createGroup' | 'deleteGroup' | 'authorize' | 'revoke' | 'tag' | 'setGroups'

/** `before`: nothing is done; `after`: it is done and nobody hears of it. */
export type Mishap = { readonly when: 'before' | 'after'; readonly error: Error } | undefined

export class Ec2Model implements Ec2 {
  now = 0
  /** How long a change is not shown. */
  lag = 0
  limits: Quotas = { rulesPerGroup: 60, groupsPerInterface: 5 }
  lists: readonly PrefixList[] = []
  /** Every write in order. */
  readonly writes: Write[] = []
  /** Called before each write; decides how it goes. */
  mishap: (call: Write) => Mishap = () => undefined
  /** Called after each write that was done. */
  afterWrite: () => void = () => undefined
  #history: { at: number; world: World }[]
  #count = 0

  constructor(world: Partial<World> = {}) {
    const empty = { groups: new Map(), inbound: new Map(), outbound: new Map() }
    this.#history = [{ at: 0, world: { ...empty, interfaces: new Map(), instances: new Map(), ...world } }]
  }

  get world(): World {
    const last = this.#history.at(-1)
    if (last === undefined) throw new Error('no world')
    return last.world
  }

  /** Somebody else's change, or the test's own preparation: it never fails. */
  change(next: (world: World) => Partial<World>): void {
    this.#history.push({ at: this.now, world: { ...this.world, ...next(this.world) } })
    if (this.#history.length > 50) this.#history = this.#history.slice(-20)
  }

  /** What is shown now: everything up to `lag` ago. */
  get #shown(): World {
    const seen = this.#history.findLast(({ at }, index) => index === 0 || at + this.lag <= this.now)
    return seen?.world ?? this.world
  }

  id(kind: string): string {
    this.#count += 1
    return `${kind}-${this.#count.toString(16).padStart(17, '0')}`
  }

  async interfaces(which: Parameters<Ec2['interfaces']>[0]): Promise<NetworkInterface[]> {
    const all = [...this.#shown.interfaces.values()]
    if (which === 'all') return all
    if ('vpc' in which) return all.filter(({ vpc }) => vpc === which.vpc)
    if ('ids' in which) return all.filter(({ id }) => which.ids.includes(id))
    return all.filter(({ instance }) => instance !== undefined && which.instances.includes(instance))
  }

  async groups(which: Parameters<Ec2['groups']>[0]): Promise<SecurityGroup[]> {
    const all = [...this.#shown.groups.values()]
    if (which === 'all') return all
    if ('ids' in which) return all.filter(({ id }) => which.ids.includes(id))
    return all.filter(({ vpc, name }) => vpc === which.vpc && (which.names?.includes(name) ?? true))
  }

  async rules(groups: readonly string[] | 'all'): Promise<Rules> {
    const wanted = (rule: GroupRule): boolean => groups === 'all' || groups.includes(rule.group)
    const { inbound, outbound } = this.#shown
    return { inbound: [...inbound.values()].filter(wanted), outbound: [...outbound.values()].filter(wanted) }
  }

  async instances(): Promise<Instance[]> {
    return [...this.#shown.instances.values()]
  }

  async isGone(instance: string): Promise<boolean> {
    return (this.#shown.instances.get(instance)?.state ?? 'terminated') === 'terminated'
  }

  async prefixLists(): Promise<PrefixList[]> {
    return [...this.lists]
  }

  async quotas(): Promise<Partial<Quotas>> {
    return this.limits
  }

  createGroup({ vpc, name, description, tags }: NewGroup): Promise<string> {
    return this.#write('createGroup', ({ groups, outbound }) => {
      const taken = [...groups.values()].some((group) => group.vpc === vpc && group.name === name)
      if (taken) throw new Ec2Fault('InvalidGroup.Duplicate', `the security group '${name}' already exists`)
      const id = this.id('sg')
      const out = { id: this.id('sgr'), group: id, protocol: '-1', from: -1, to: -1, peer: '0.0.0.0/0', tags: {} }
      const made = new Map(groups).set(id, { id, vpc, name, description, tags })
      return [{ groups: made, outbound: new Map(outbound).set(out.id, out) }, id]
    })
  }

  async deleteGroup(group: string): Promise<void> {
    await this.#write('deleteGroup', (world) => {
      this.#known(world, group)
      const isUsed = [...world.interfaces.values()].some(({ groups }) => groups.includes(group))
      const isNamed = [...world.inbound.values()].some(({ group: of, peer }) => peer === group && of !== group)
      if (isUsed || isNamed) throw new Ec2Fault('DependencyViolation', `${group} has a dependent object`)
      const stays = ([, rule]: [string, GroupRule]): boolean => rule.group !== group
      const left = new Map(world.groups)
      left.delete(group)
      const inbound = new Map([...world.inbound].filter(stays))
      return [{ groups: left, inbound, outbound: new Map([...world.outbound].filter(stays)) }, undefined]
    })
  }

  async authorize(group: string, rules: readonly NewRule[]): Promise<void> {
    await this.#write('authorize', (world) => {
      this.#known(world, group)
      const standing = [...world.inbound.values()].filter((rule) => rule.group === group)
      const keys = new Set(standing.map(trafficKey))
      if (rules.some((rule) => keys.has(trafficKey(rule))))
        throw new Ec2Fault('InvalidPermission.Duplicate', 'the specified rule already exists')
      const lists = new Map(this.lists.map((list) => [list.id, list]))
      if (!fits(quotaUse([...standing, ...rules], lists), this.limits.rulesPerGroup))
        throw new Ec2Fault('RulesPerSecurityGroupLimitExceeded', `${group} would have too many rules`)
      const made = rules.map((rule): [string, GroupRule] => {
        const id = this.id('sgr')
        return [id, { ...rule, tags: rules[0]?.tags ?? {}, id, group }]
      })
      return [{ inbound: new Map([...world.inbound, ...made]) }, undefined]
    })
  }

  async revoke(group: string, { direction, ids }: RuleIds): Promise<void> {
    await this.#write('revoke', (world) => {
      this.#known(world, group)
      const left = new Map(world[direction])
      for (const id of ids) {
        if (left.get(id)?.group !== group) throw new Ec2Fault('InvalidSecurityGroupRuleId.NotFound', `no rule ${id}`)
        left.delete(id)
      }
      return [{ [direction]: left }, undefined]
    })
  }

  async revokeDefaultOutbound(group: string): Promise<void> {
    await this.#write('revoke', (world) => {
      this.#known(world, group)
      const isDefault = (rule: GroupRule): boolean =>
        rule.group === group && rule.protocol === '-1' && ['0.0.0.0/0', '::/0'].includes(rule.peer)
      return [{ outbound: new Map([...world.outbound].filter(([, rule]) => !isDefault(rule))) }, undefined]
    })
  }

  async tag(resource: string, tags: Tags): Promise<void> {
    await this.#write('tag', (world) => {
      const rule = world.inbound.get(resource)
      if (rule === undefined) throw new Ec2Fault('InvalidSecurityGroupRuleId.NotFound', `no rule ${resource}`)
      return [
        { inbound: new Map(world.inbound).set(resource, { ...rule, tags: { ...rule.tags, ...tags } }) },
        undefined,
      ]
    })
  }

  async setGroups(networkInterface: string, groups: readonly string[]): Promise<void> {
    await this.#write('setGroups', (world) => {
      const one = world.interfaces.get(networkInterface)
      if (one === undefined)
        throw new Ec2Fault('InvalidNetworkInterfaceID.NotFound', `no interface ${networkInterface}`)
      if (one.isRequesterManaged) throw new Ec2Fault('OperationNotPermitted', `${networkInterface} is not yours`)
      for (const group of groups) this.#known(world, group)
      if (groups.length === 0 || groups.length > this.limits.groupsPerInterface)
        throw new Ec2Fault('SecurityGroupsPerInterfaceLimitExceeded', `${groups.length} groups on ${networkInterface}`)
      return [{ interfaces: new Map(world.interfaces).set(networkInterface, { ...one, groups }) }, undefined]
    })
  }

  #known({ groups }: World, group: string): void {
    if (!groups.has(group)) throw new Ec2Fault('InvalidGroup.NotFound', `the security group '${group}' does not exist`)
  }

  async #write<T>(call: Write, act: (world: World) => [Partial<World>, T]): Promise<T> {
    const mishap = this.mishap(call)
    if (mishap?.when === 'before') throw mishap.error
    const [next, answer] = act(this.world)
    this.change(() => next)
    this.writes.push(call)
    this.afterWrite()
    if (mishap?.when === 'after') throw mishap.error
    return answer
  }
}
