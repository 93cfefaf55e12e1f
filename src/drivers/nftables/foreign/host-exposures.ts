/**
 * Who gets in at ports of this host, and of machines behind it, by the rules of others: what listens, whom the host's own
 * firewall lets in, and what is closed by us. Pure over one reading of the kernel. What cannot be understood counts as open, and says so.
 */
import type { ProtectedPort } from '../../../domain/access/desired.ts'
import { formatIpPrefix, isPublic, parseIpPrefix, type Family, type IpPrefix } from '../../../domain/net.ts'
import type { ExposingRule, Exposure } from '../../../domain/posture.ts'
import { refusal, withFacts, type Refusal } from '../../../domain/refusal.ts'
import { admissions, admissionsBehind, type Admission, type Passage } from './admissions.ts'
import {
  behindKey,
  managedKey,
  parseElementId,
  sourceOf,
  type BehindKey,
  type ElementId,
  type ManagedKey,
} from '../element.ts'
import { unreadBeside, type Beside } from './beside.ts'
import { keepsFor, scanForeign } from './foreign.ts'
import { keepsBehind } from './foreign-forward.ts'
import type { Listener } from '../kernel/listeners.ts'

export interface HostReading {
  /** Everybody's rules but ours, as `nft -j list ruleset`. */
  readonly listing: unknown
  readonly beside: Beside
  readonly listeners: readonly Listener[]
  /** What our table closes, seen standing. */
  readonly managed: ReadonlySet<ManagedKey>
  readonly behind: ReadonlySet<BehindKey>
  /** Of this host, without loopback. */
  readonly addresses: readonly string[]
}

type Door = Pick<Exposure, 'port' | 'protocol'>

export function hostExposures(reading: HostReading, ports: readonly ProtectedPort[]): Exposure[] {
  return doorsOf(ports).flatMap((door) => exposuresAt(reading, door))
}

/** What listens on a machine behind, nobody here can tell: every port of it counts as one that does. */
export function exposuresBehind(
  reading: HostReading,
  addresses: readonly IpPrefix[],
  ports: readonly ProtectedPort[],
): Exposure[] {
  const ways = doorsOf(ports).flatMap((door) => addresses.map((address) => ({ door, address })))
  return ways.flatMap(({ door, address }) =>
    throughTo(reading, door, address).map((admission) => exposureOf(reading, { door, address, admission })),
  )
}

function throughTo({ listing, behind }: HostReading, door: Door, address: IpPrefix): Admission[] {
  const key = keyOf(door)
  const closed = behindKey(address, key)
  if (!behind.has(closed)) return admissionsBehind(listing, key, address)
  return keepsBehind(scanForeign(listing).forward, [closed]).flatMap(admittedByKeep)
}

function doorsOf(ports: readonly ProtectedPort[]): Door[] {
  return ports.flatMap(({ number, protocol }) =>
    (protocol === '*' ? (['TCP', 'UDP'] as const) : [protocol]).map((each): Door => ({ port: number, protocol: each })),
  )
}

function keyOf({ protocol, port }: Door): ManagedKey {
  return managedKey(protocol === 'TCP' ? 6 : 17, port)
}

function exposuresAt(reading: HostReading, door: Door): Exposure[] {
  const key = keyOf(door)
  if (reading.managed.has(key)) return keptOpen(reading, key).flatMap((kept) => exposureFrom(reading, door, kept))
  return listenedFamilies(reading, door)
    .flatMap((family) => admissions(reading.listing, key, family))
    .flatMap((admission) => exposureFrom(reading, door, admission))
}

/** Ours closes the port for everybody but those whom a narrower rule of others lets in, and grants. */
function keptOpen({ listing }: HostReading, key: ManagedKey): Admission[] {
  return keepsFor(scanForeign(listing), [key]).flatMap(admittedByKeep)
}

function admittedByKeep({ id, place }: { readonly id: ElementId; readonly place: string }): Admission[] {
  const element = parseElementId(id)
  const [of = place, rule = place] = place.split(/, (?=handle )/)
  return element === undefined ? [] : [{ source: sourceOf(element), letIn: 'yes', through: [{ rule, of }] }]
}

function listenedFamilies({ listeners }: HostReading, { port, protocol }: Door): Family[] {
  const heard = listeners.filter((listener) => listener.port === port && listener.protocol === protocol)
  return ([4, 6] as const).filter((family) => heard.some(({ families }) => families.includes(family)))
}

/** None where the host has no address of that family. */
function exposureFrom(reading: HostReading, door: Door, admission: Admission): Exposure[] {
  const address = addressOf(reading, admission.source.family)
  return address === undefined ? [] : [exposureOf(reading, { door, address, admission })]
}

interface Open {
  readonly door: Door
  readonly address: IpPrefix
  readonly admission: Admission
}

function exposureOf({ beside }: HostReading, { door, address, admission }: Open): Exposure {
  const { source, letIn, through, unread } = admission
  const others = othersIn(beside)
  // What they drop is not known: whoever the others let in may get in.
  const [why] = [...unreadBeside(beside), ...(unread === undefined ? [] : [unreadRule(unread, door)])]
  const text = formatIpPrefix(address)
  return {
    ...door,
    breadth: source.length === 0 ? 'everybody' : 'some',
    from: [source.length === 0 ? '*' : formatIpPrefix(source)],
    letIn: others.length === 0 ? letIn : 'maybe',
    ...(why !== undefined && { unread: why }),
    address: text,
    ...(isPublic(address) && { publicAddress: text }),
    through: [...through, ...others],
    grants: [],
  }
}

function othersIn({ legacyTables, inFront }: Beside): ExposingRule[] {
  const rule = 'not readable'
  return [
    ...(legacyTables.length === 0 ? [] : [{ rule, of: `the old iptables (${legacyTables.join(', ')})` }]),
    ...(inFront.length === 0 ? [] : [{ rule, of: `a program at ${inFront.join(', ')} (XDP)` }]),
  ]
}

function unreadRule({ rule, of }: Passage, { port, protocol }: Door): Refusal {
  const place = `${of}, ${rule}`
  const message = `${place} decides over port ${port}/${protocol} and cannot be read as sources, protocol and port, so who gets in cannot be told; a policy closes the port all the same`
  return withFacts(refusal('UnreadRule', message), { rule: place, port })
}

/** The one that the internet reaches, if there is one. */
function addressOf({ addresses }: HostReading, family: Family): IpPrefix | undefined {
  const parsed = addresses.flatMap((text) => {
    const address = parseIpPrefix(text)
    return address.ok && address.value.family === family ? [address.value] : []
  })
  return parsed.find(isPublic) ?? parsed[0]
}
