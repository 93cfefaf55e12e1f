/**
 * What a plan for a VPC starts from: the rules as their owners mean them, which are those that stand and those that the
 * journal remembers, and who is to be guarded.
 */
import type { JournalEntry, Scope } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { Desired, Shield } from '../../domain/access/desired.ts'
import type { Hole } from '../../domain/access/hole.ts'
import { resourceKey, resourceName, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import { trafficKey, type GroupRule, type NewRule } from './group-rule.ts'
import { instanceOfGroup, isMarked, isOurGroup } from './marks.ts'
import { portSet, type PortSet } from './port-set.ts'
import { cutKey, readVpcJournal, type VpcJournal } from './vpc-journal.ts'
import type { NetworkInterface, SecurityGroup, VpcState } from './vpc-state.ts'

export interface VpcInput {
  readonly point: PointId
  readonly observed: VpcState
  readonly desired: Desired
  readonly scope: Scope
  readonly journal: readonly JournalEntry[]
}

/** A machine of which ports are to be protected. Its resource is named after the instance. */
export interface Guard {
  readonly machine: ResourceId
  readonly key: ResourceKey
  readonly instance: string
  readonly ports: PortSet
  readonly policies: readonly string[]
}

/** A rule of somebody else's group as its owner means it, whether it stands or was revoked by us. */
export interface OwnersRule extends NewRule {
  readonly group: string
  /** As it stands; undefined while it is revoked. */
  readonly standing?: GroupRule
}

export interface VpcScene extends VpcInput {
  readonly vpcJournal: VpcJournal
  readonly guards: readonly Guard[]
  readonly holes: readonly Hole[]
  readonly foreignGroups: ReadonlyMap<string, SecurityGroup>
  /** Ours, by name. */
  readonly ourGroups: ReadonlyMap<string, SecurityGroup>
  /** Names of ours, by id. */
  readonly ourNames: ReadonlyMap<string, string>
  /** By group. */
  readonly owners: ReadonlyMap<string, readonly OwnersRule[]>
  /** Ours in groups of others, by {@link cutKey}. */
  readonly ours: ReadonlyMap<string, GroupRule>
  readonly inboundOf: ReadonlyMap<string, readonly GroupRule[]>
  /** The interfaces that each instance has. */
  readonly interfacesOf: ReadonlyMap<string, readonly NetworkInterface[]>
}

export function sceneOf(input: VpcInput): VpcScene {
  const { observed, desired, scope } = input
  const vpcJournal = readVpcJournal(input.journal)
  const groups = [...observed.groups.values()]
  const foreignGroups = new Map(groups.filter((group) => !isOurGroup(group)).map((group) => [group.id, group]))
  const inForeign = observed.inbound.filter(({ group }) => foreignGroups.has(group))
  const rests = restsOf(vpcJournal)
  const isOurs = (rule: GroupRule): boolean =>
    isMarked(rule, input.point) || (rests.has(cutKey(rule)) && hasOurText(rule))
  return {
    ...input,
    vpcJournal,
    guards: guardsOf(desired.shields),
    holes: desired.holes.filter((hole) => scope === 'all' || scope.has(hole.slot)),
    foreignGroups,
    ourGroups: new Map(groups.filter(isOurGroup).map((group) => [group.name, group])),
    ourNames: new Map(groups.filter(isOurGroup).map(({ id, name }) => [id, name])),
    owners: ownersRules(
      inForeign.filter((rule) => !isOurs(rule)),
      vpcJournal,
      foreignGroups,
    ),
    ours: new Map(inForeign.filter(isOurs).map((rule) => [cutKey(rule), rule])),
    inboundOf: Map.groupBy(observed.inbound, ({ group }) => group),
    interfacesOf: byInstance(observed.interfaces),
  }
}

function byInstance(interfaces: readonly NetworkInterface[]): Map<string, NetworkInterface[]> {
  const attached = interfaces.flatMap((one) => (one.instance === undefined ? [] : [{ instance: one.instance, one }]))
  return new Map(
    [...Map.groupBy(attached, ({ instance }) => instance)].map(([instance, ofIt]) => [
      instance,
      ofIt.map(({ one }) => one),
    ]),
  )
}

const OUR_TEXT = / ?\[sallyport\]$/
/** EC2's limit for a rule's description. */
const LONGEST_DESCRIPTION = 255

/** Says that a rule is ours in a place that survives the loss of its tags. */
export function withOurText(description: string | undefined): string {
  const text = '[sallyport]'
  return description === undefined ? text : `${description.slice(0, LONGEST_DESCRIPTION - text.length - 1)} ${text}`
}

function hasOurText({ description }: NewRule): boolean {
  return OUR_TEXT.test(description ?? '')
}

function restsOf({ cuts }: VpcJournal): Set<string> {
  return new Set([...cuts.values()].flatMap(({ group, rest }) => rest.map((key) => `${group}|${key}`)))
}

function ownersRules(
  standing: readonly GroupRule[],
  { cuts }: VpcJournal,
  groups: ReadonlyMap<string, SecurityGroup>,
): Map<string, OwnersRule[]> {
  const stands = new Set(standing.map(cutKey))
  const revoked = [...cuts].flatMap(([key, cut]) => (stands.has(key) || !groups.has(cut.group) ? [] : [cut]))
  const all: OwnersRule[] = [...standing.map((rule) => ({ ...rule, standing: rule })), ...revoked]
  return Map.groupBy(
    all.toSorted((a, b) => (trafficKey(a) < trafficKey(b) ? -1 : 1)),
    ({ group }) => group,
  )
}

/** One guard per machine: the shields of all its policies together, in the order of the machines' keys. */
function guardsOf(shields: readonly Shield[]): Guard[] {
  const byMachine = Map.groupBy(shields, ({ machine }) => resourceKey(machine))
  return [...byMachine]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, ofMachine]) => {
      const [first] = ofMachine
      const ports = ofMachine.flatMap((shield) => shield.ports)
      if (first === undefined || ports.length === 0) return []
      const policies = [...new Set(ofMachine.map(({ policy }) => policy))].sort()
      const { machine } = first
      return [{ machine, key, instance: instanceOf(machine), ports: portSet(ports), policies }]
    })
}

function instanceOf(machine: ResourceId): string {
  return resourceName(machine).toLowerCase()
}

/** `web1 (i-0123)`, for people. */
export function machineText({ observed }: Pick<VpcScene, 'observed'>, machine: ResourceId): string {
  const instance = instanceOf(machine)
  const name = observed.names.get(instance)
  return name === undefined ? instance : `${name} (${instance})`
}

/** The instances whose openings a group of ours carries, with the group. */
export function jitGroupsOf({ ourGroups }: VpcScene): { instance: string; group: SecurityGroup }[] {
  return [...ourGroups.values()].flatMap((group) => {
    const instance = instanceOfGroup(group)
    return instance === undefined ? [] : [{ instance, group }]
  })
}

export function withInterfaces({ interfacesOf }: VpcScene, guards: readonly Guard[]): Guard[] {
  return guards.filter(({ instance }) => interfacesOf.has(instance))
}

export function hasOutbound({ observed }: VpcScene, { id }: SecurityGroup): boolean {
  return observed.outbound.some(({ group }) => group === id)
}
