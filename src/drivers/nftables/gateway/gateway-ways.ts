/**
 * The ways in to machines behind a gateway: which elements a hole needs there, through which port of which public address,
 * and what stands on record of that. Pure but for the ports that are given away while one plan is made.
 */
import type { PlanInput } from '../../../app/ports/driver.ts'
import type { Shield } from '../../../domain/access/desired.ts'
import { failure, type Failure } from '../../../domain/access/failure.ts'
import { tellStep } from '../../../domain/access/step.ts'
import { ofFamily, type Gateway, type GatewayMachine, type PublicAddress } from '../../../domain/hosts/gateway.ts'
import { slotOf, type Hole } from '../../../domain/access/hole.ts'
import { createReaches, type Reaches } from '../../../domain/hosts/mapped-ports.ts'
import { formatAddress, formatIpPrefix, formatSource, type Family, type IpPrefix } from '../../../domain/net.ts'
import { readReaches, reachKey, type Reach, type ReachKey } from '../../../domain/access/reach.ts'
import { resourceKey, resourceName } from '../../../domain/resource-id.ts'
import type { Clause } from '../../../domain/sentence.ts'
import { includesPort } from '../../../domain/security-groups/port-range.ts'
import { parseElementId, parseManagedKey, prefixesIn, protocolName, sourceOf, type ElementId } from '../element.ts'
import { behindOf, gatewayElementIds, type Entrance } from './gateway-element.ts'
import { FORWARDING, type GatewayFacts } from './gateway-facts.ts'
import type { Observed } from '../observed.ts'
import type { Way, WaysIn } from '../ways-in.ts'

export interface GatewayWays extends WaysIn {
  /** What must stand on record before anything is opened. */
  readonly reaches: ReadonlyMap<ReachKey, Reach>
}

interface Ground {
  readonly gateway: Gateway
  readonly facts: GatewayFacts
  readonly input: PlanInput<Observed>
  readonly byAddress: ReadonlyMap<string, GatewayMachine>
}

/** `host`: of everything that is not behind. */
export function gatewayWays(gateway: Gateway, input: PlanInput<Observed>, host: WaysIn): GatewayWays {
  const facts = input.observed.gateway ?? { listening: new Set(), forwards: { 4: true, 6: true } }
  const ground = { gateway, facts, input, byAddress: machinesByAddress(gateway) }
  const reaches = createReaches({
    known: knownReaches(ground),
    range: gateway.mappedPorts,
    isTaken: (port) => isTaken(ground, port),
  })
  const machineOf = (hole: Hole): GatewayMachine | undefined => gateway.machines.get(resourceKey(hole.machine))
  return {
    reaches: reaches.all,
    idsOf: (hole) => {
      const machine = machineOf(hole)
      return machine === undefined ? host.idsOf(hole) : idsBehind({ ground, reaches, hole, machine })
    },
    slotOf: (id) => {
      const behind = behindOf(id)
      if (behind === undefined) return host.slotOf(id)
      const machine = ground.byAddress.get(formatIpPrefix(behind.address))
      return machine === undefined ? undefined : slotOf(machine.key, behind.port, behind.source)
    },
    wayOf: (hole) => (machineOf(hole) === undefined ? host.wayOf(hole) : wayBehind(hole, reaches.all)),
    notesOn: (hole) => (machineOf(hole) === undefined ? [] : [clientSeen(gateway, hole)]),
    wayOfElement: (id) => wayOfBehind(id) ?? host.wayOfElement(id),
  }
}

function machinesByAddress({ machines }: Gateway): Map<string, GatewayMachine> {
  return new Map(
    [...machines.values()].flatMap((machine) =>
      machine.addresses.map((address): [string, GatewayMachine] => [formatIpPrefix(address), machine]),
    ),
  )
}

function clientSeen({ snat }: Gateway, hole: Hole): Clause {
  return tellStep(snat ? 'SeesGateway' : 'SeesClient', { machine: resourceName(hole.machine) })
}

// ── What a hole needs ──────────────────────────────────────────────────────────────────────────────────────────────

interface Wish {
  readonly ground: Ground
  readonly reaches: Reaches
  readonly hole: Hole
  readonly machine: GatewayMachine
}

function idsBehind({ ground, reaches, hole, machine }: Wish): readonly ElementId[] | Failure {
  const wanted = prefixesIn(hole.source).map(({ family }) => family)
  const reachable = wanted.filter((family) => ofFamily(machine.addresses, family).length > 0)
  if (reachable.length === 0) return noAddress(hole, wanted)
  const open = reachable.filter((family) => ground.facts.forwards[family] || isStanding(ground, hole, machine, family))
  if (open.length === 0) return notForwarding(hole, reachable)
  const entrances: Entrance[] = []
  for (const family of open) {
    const entrance = entranceFor({ ground, reaches, hole, machine }, family)
    if (entrance === 'none free') return noPortLeft(hole, ground.gateway)
    if (entrance !== undefined) entrances.push(entrance)
  }
  const addresses = machine.addresses.filter(({ family }) => open.includes(family))
  return gatewayElementIds({ ...hole, addresses, entrances })
}

/** What was opened while the kernel forwarded stays: turned on again, it works to its end. */
function isStanding({ input }: Ground, hole: Hole, machine: GatewayMachine, family: Family): boolean {
  const addresses = ofFamily(machine.addresses, family)
  return gatewayElementIds({ ...hole, addresses, entrances: [] }).some((id) => input.observed.elements.has(id))
}

function entranceFor({ ground, reaches, hole, machine }: Wish, family: Family): Entrance | 'none free' | undefined {
  const publics = publicsFor(ground, hole, family)
  if (publics.length === 0) return undefined
  const reach = reaches.reachFor(
    reachKey(machine.key, hole.port, family),
    publics.map(({ told }) => told),
  )
  const seen = publics.find(({ told }) => told === reach?.publicIpAddress)?.seen
  return reach === undefined || seen === undefined ? 'none free' : { seen, mappedPort: reach.mappedPort }
}

/** First the one that a policy names for the machine, if it is the gateway's. */
function publicsFor({ gateway, input }: Ground, { machine }: Hole, family: Family): PublicAddress[] {
  const own = gateway.publicAddresses.filter(({ seen }) => seen.family === family)
  const isNamed = ({ told }: PublicAddress): boolean =>
    input.desired.shields.some((shield) => isShieldOf(shield, machine) && shield.publicIpAddress === told)
  return [...own.filter(isNamed), ...own.filter((address) => !isNamed(address))]
}

function isShieldOf(shield: Shield, machine: Hole['machine']): boolean {
  return resourceKey(shield.machine) === resourceKey(machine)
}

function noAddress(hole: Hole, wanted: readonly Family[]): Failure {
  const families = wanted.map((family) => `IPv${family}`).join(' / ')
  return failure('NoAddressOfFamily', { ...placeOf(hole), families })
}

function notForwarding(hole: Hole, families: readonly Family[]): Failure {
  const names = families.map((family) => FORWARDING[family].name)
  const command = `sysctl -w ${names.map((name) => `${name}=1`).join(' ')}`
  return failure('ForwardingOff', { ...placeOf(hole), settings: names.join(', '), command })
}

function noPortLeft(hole: Hole, { mappedPorts: { from, to } }: Gateway): Failure {
  return failure('NoMappedPort', { ...placeOf(hole), from, to })
}

// ── Which ports are given away, and which are not ours to give ─────────────────────────────────────────────────────

/**
 * What is on record, else what the kernel carries. A look at some slots knows nothing of the others' holes: only a look
 * at everything forgets.
 */
function knownReaches(ground: Ground): Map<ReachKey, Reach> {
  const { journal, scope, desired, observed } = ground.input
  const carried = [...observed.elements.keys()].flatMap((id) => carriedReach(ground, id))
  const used = new Set([
    ...desired.holes.flatMap(({ machine, port, source }) =>
      prefixesIn(source).map(({ family }) => reachKey(resourceKey(machine), port, family)),
    ),
    ...carried.map(([key]) => key),
  ])
  const known = new Map([...readReaches(journal)].filter(([key]) => scope !== 'all' || used.has(key)))
  const places = new Set([...known.values()].map(placeText))
  for (const [key, reach] of carried) {
    if (known.has(key) || places.has(placeText(reach))) continue
    known.set(key, reach)
    places.add(placeText(reach))
  }
  return known
}

function placeText({ publicIpAddress, mappedPort }: Reach): string {
  return `${publicIpAddress}:${mappedPort}`
}

function carriedReach({ gateway, byAddress }: Ground, id: ElementId): [ReachKey, Reach][] {
  const element = id.startsWith('d') ? parseElementId(id) : undefined
  if (element?.target === undefined) return []
  const { family } = element.set
  const machine = byAddress.get(formatAddress(family, element.target.bits))
  const place = gateway.publicAddresses.find(({ seen }) => seen.family === family && seen.bits === element.to)
  if (machine === undefined || place === undefined) return []
  const key = reachKey(machine.key, element.target.port, family)
  return [[key, { publicIpAddress: place.told, mappedPort: element.port }]]
}

/** A listener, a port of this host that is protected itself, or what somebody else sends on. */
function isTaken({ facts, input: { observed } }: Ground, port: number): boolean {
  return (
    facts.listening.has(port) ||
    [...observed.managed].some((key) => parseManagedKey(key)?.port === port) ||
    observed.foreign.published.some(({ ports }) => includesPort(ports, port))
  )
}

// ── For people ─────────────────────────────────────────────────────────────────────────────────────────────────────

function placeOf({ port, protocol, machine, source }: Hole): Record<'port' | 'machine' | 'source', string> {
  return { port: `${port}/${protocol}`, machine: resourceName(machine), source: formatSource(source) }
}

function wayBehind(hole: Hole, reaches: ReadonlyMap<ReachKey, Reach>): Way {
  const { port, protocol, machine, source } = hole
  const through = prefixesIn(source).flatMap(({ family }) => {
    const reach = reaches.get(reachKey(resourceKey(machine), port, family))
    return reach === undefined ? [] : [`${bracketed(reach.publicIpAddress)}:${reach.mappedPort}`]
  })
  return {
    way: `${port}/${protocol}`,
    machine: resourceName(machine),
    source: formatSource(source),
    ...(through.length > 0 && { entrance: through.join(', ') }),
  }
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

/** Undefined for an element of the host itself. */
function wayOfBehind(id: ElementId): Pick<Way, 'way' | 'source'> | undefined {
  const behind = behindOf(id)
  const element = behind === undefined ? undefined : parseElementId(id)
  if (behind === undefined || element === undefined) return undefined
  const { set, to = 0n, target, port, protocol } = element
  const entrance = target === undefined ? '' : `${bracketed(formatAddress(set.family, to))}:${port} → `
  const way = `${entrance}${textOfTarget(behind)}/${protocolName(protocol)}`
  return { way, source: formatIpPrefix(sourceOf(element)) }
}

function textOfTarget({ address, port }: { readonly address: IpPrefix; readonly port: number }): string {
  return `${bracketed(formatIpPrefix(address))}:${port}`
}
