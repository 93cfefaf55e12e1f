/**
 * Who gets in at ports of this host by the rules of others: what listens, whom the host's own firewall lets in, and what is
 * closed by us. Pure over one reading of the kernel. What cannot be understood counts as open, and says so.
 */
import type { ProtectedPort } from '../../domain/desired.ts'
import { formatIpPrefix, isPublic, parseIpPrefix, type Family, type IpPrefix } from '../../domain/net.ts'
import type { ExposingRule, Exposure } from '../../domain/posture.ts'
import { admissions, type Admission } from './admissions.ts'
import { managedKey, parseElementId, sourceOf, type ManagedKey } from './element.ts'
import { keepsFor, scanForeign } from './foreign.ts'
import type { Listener } from './listeners.ts'

export interface HostReading {
  /** Everybody's rules but ours, as `nft -j list ruleset`. */
  readonly listing: unknown
  /** Tables of the old iptables, which nft does not show. */
  readonly legacyTables: readonly string[]
  readonly listeners: readonly Listener[]
  /** What our table closes, seen standing. */
  readonly managed: ReadonlySet<ManagedKey>
  /** Of this host, without loopback. */
  readonly addresses: readonly string[]
}

type Door = Pick<Exposure, 'port' | 'protocol'>

export function hostExposures(reading: HostReading, ports: readonly ProtectedPort[]): Exposure[] {
  const doors = ports.flatMap(({ number, protocol }) =>
    (protocol === '*' ? (['TCP', 'UDP'] as const) : [protocol]).map((each): Door => ({ port: number, protocol: each })),
  )
  return doors.flatMap((door) => exposuresAt(reading, door))
}

function exposuresAt(reading: HostReading, door: Door): Exposure[] {
  const key = managedKey(door.protocol === 'TCP' ? 6 : 17, door.port)
  if (reading.managed.has(key)) return keptOpen(reading, key).flatMap((kept) => exposureFrom(reading, door, kept))
  return listenedFamilies(reading, door)
    .flatMap((family) => admissions(reading.listing, key, family))
    .flatMap((admission) => exposureFrom(reading, door, admission))
}

/** Ours closes the port for everybody but those whom a narrower rule of others lets in, and grants. */
function keptOpen({ listing }: HostReading, key: ManagedKey): Admission[] {
  return keepsFor(scanForeign(listing), [key]).flatMap(({ id, place }) => {
    const element = parseElementId(id)
    const [of = place, rule = place] = place.split(/, (?=handle )/)
    return element === undefined ? [] : [{ source: sourceOf(element), letIn: 'yes' as const, through: [{ rule, of }] }]
  })
}

function listenedFamilies({ listeners }: HostReading, { port, protocol }: Door): Family[] {
  const heard = listeners.filter((listener) => listener.port === port && listener.protocol === protocol)
  return ([4, 6] as const).filter((family) => heard.some(({ families }) => families.includes(family)))
}

/** None where the host has no address of that family. */
function exposureFrom(reading: HostReading, door: Door, { source, letIn, through }: Admission): Exposure[] {
  const address = addressOf(reading, source.family)
  if (address === undefined) return []
  const legacy = legacyRule(reading)
  const text = formatIpPrefix(address)
  return [
    {
      ...door,
      breadth: source.length === 0 ? 'everybody' : 'some',
      from: [source.length === 0 ? '*' : formatIpPrefix(source)],
      letIn: legacy === undefined ? letIn : 'maybe',
      address: text,
      ...(isPublic(address) && { publicAddress: text }),
      through: [...through, ...(legacy === undefined ? [] : [legacy])],
      grants: [],
    },
  ]
}

/** What they drop is not known: whoever the others let in may get in. */
function legacyRule({ legacyTables }: HostReading): ExposingRule | undefined {
  if (legacyTables.length === 0) return undefined
  return { rule: 'not readable', of: `the old iptables (${[...new Set(legacyTables)].join(', ')})` }
}

/** The one that the internet reaches, if there is one. */
function addressOf({ addresses }: HostReading, family: Family): IpPrefix | undefined {
  const parsed = addresses.flatMap((text) => {
    const address = parseIpPrefix(text)
    return address.ok && address.value.family === family ? [address.value] : []
  })
  return parsed.find(isPublic) ?? parsed[0]
}
