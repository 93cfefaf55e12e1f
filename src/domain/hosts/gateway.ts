/**
 * A gateway: a host whose kernel protects the machines behind it, and lets people reach them by a port of its own public
 * address. As it is written (plain JSON, also on the wire to an agent) and as it is understood.
 */
import { formatIpPrefix, isPortNumber, parseIpPrefix, widthOf, type Family, type IpPrefix } from '../net.ts'
import type { PortRange } from '../security-groups/port-range.ts'
import { ok, quoted, refusal, refused, type Refusal, type Result } from '../refusal.ts'
import { parseResourceId, resourceKey, type ResourceId, type ResourceKey } from '../resource-id.ts'

export interface GatewaySettings {
  /** What people connect to. Without one of a family, machines are reached by their own addresses of that family alone. */
  readonly publicAddresses: readonly PublicAddressSettings[]
  /** Where mapped ports are chosen from, both ends inside. */
  readonly mappedPorts: PortRange
  /** True: machines see the gateway as the client. False: they see the client's own address. */
  readonly snat: boolean
  readonly machines: readonly GatewayMachineSettings[]
}

export interface PublicAddressSettings {
  readonly address: string
  /** As packets for it arrive here, where a device before the gateway translates it (a cloud's public address). */
  readonly seenAs?: string
}

export interface GatewayMachineSettings {
  /** Resource id. */
  readonly id: string
  readonly addresses: readonly string[]
}

/** Unless something else is written. Clear of what services listen on by custom. */
export const MAPPED_PORTS: PortRange = { from: 40_000, to: 49_999 }

export interface Gateway {
  readonly publicAddresses: readonly PublicAddress[]
  readonly mappedPorts: PortRange
  readonly snat: boolean
  readonly machines: ReadonlyMap<ResourceKey, GatewayMachine>
}

export interface PublicAddress {
  /** As people are told. */
  readonly told: string
  /** As packets carry it. */
  readonly seen: IpPrefix
}

export interface GatewayMachine {
  readonly id: ResourceId
  readonly key: ResourceKey
  /** Whole addresses, none of which another machine has. */
  readonly addresses: readonly IpPrefix[]
}

export function parseGateway({ publicAddresses, mappedPorts, snat, machines }: GatewaySettings): Result<Gateway> {
  const issues: Refusal[] = issuesOfRange(mappedPorts)
  const take = <T>(result: Result<T>): T[] => {
    if (result.ok) return [result.value]
    issues.push(...result.refusals)
    return []
  }
  const publics = publicAddresses.flatMap((written) => take(parsePublicAddress(written)))
  const behind = machines.flatMap((written) => take(parseMachine(written)))
  issues.push(...issuesOfSharing(publics, behind))
  if (issues.length > 0) return refused(...issues)
  const byKey = new Map(behind.map((machine) => [machine.key, machine]))
  return ok({ publicAddresses: publics, mappedPorts, snat, machines: byKey })
}

/** The addresses of a machine, or of a gateway, of one family. */
export function ofFamily(addresses: readonly IpPrefix[], family: Family): IpPrefix[] {
  return addresses.filter((address) => address.family === family)
}

function issuesOfRange({ from, to }: PortRange): Refusal[] {
  if (isPortNumber(from) && isPortNumber(to) && 1024 <= from && from <= to) return []
  return [issue(`mapped ports are a range from 1024 up, like 40000-49999; got ${from}-${to}`)]
}

function parsePublicAddress({ address, seenAs }: PublicAddressSettings): Result<PublicAddress> {
  const told = parseWholeAddress(address)
  const seen = parseWholeAddress(seenAs ?? address)
  if (!told.ok) return told
  if (!seen.ok) return seen
  if (told.value.family !== seen.value.family)
    return refused(issue(`${address} is seen as ${quoted(seenAs ?? '')}, which is of another family`))
  return ok({ told: formatIpPrefix(told.value), seen: seen.value })
}

function parseMachine({ id, addresses }: GatewayMachineSettings): Result<GatewayMachine> {
  const parsed = parseResourceId(id)
  const whole = addresses.map(parseWholeAddress)
  const refusals = [parsed, ...whole].flatMap((result) => (result.ok ? [] : result.refusals))
  if (addresses.length === 0) refusals.push(issue(`${id} has no address: write at least one of its addresses`))
  if (!parsed.ok || refusals.length > 0) return refused(...refusals)
  const found = whole.flatMap((result) => (result.ok ? [result.value] : []))
  return ok({ id: parsed.value, key: resourceKey(parsed.value), addresses: found })
}

function parseWholeAddress(text: string): Result<IpPrefix> {
  const parsed = parseIpPrefix(text)
  if (!parsed.ok || parsed.value.length === widthOf(parsed.value.family)) return parsed
  return refused(issue(`expected one address, got the prefix ${quoted(text)}`))
}

/** One address is one machine's: a hole for one must never let somebody in to another. */
function issuesOfSharing(publics: readonly PublicAddress[], machines: readonly GatewayMachine[]): Refusal[] {
  const owners = new Map<string, string>()
  const issues: Refusal[] = []
  const claim = (address: IpPrefix, owner: string): void => {
    const text = formatIpPrefix(address)
    const known = owners.get(text)
    if (known !== undefined) issues.push(issue(`${text} is written for ${known} and for ${owner}: give it to one`))
    owners.set(text, owner)
  }
  for (const { told, seen } of publics) claim(seen, `the public address ${told}`)
  const keys = new Set<ResourceKey>()
  for (const { id, key, addresses } of machines) {
    if (keys.has(key)) issues.push(issue(`${id} is written twice; write a machine once, with all its addresses`))
    keys.add(key)
    for (const address of addresses) claim(address, id)
  }
  return issues
}

function issue(message: string): Refusal {
  return refusal('InvalidGateway', message)
}
