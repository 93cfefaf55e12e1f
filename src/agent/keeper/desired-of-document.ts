/** What a document asks of this host, as the driver judges it; and the slots that differ between two of them. Pure. */
import type { HostDocument, WireHole } from '../../contract/agent.ts'
import type { Desired, Shield } from '../../domain/access/desired.ts'
import { parseGateway, type Gateway, type GatewaySettings } from '../../domain/hosts/gateway.ts'
import { holeKey, slotOf, type GrantId, type Hole, type HoleKey, type Slot } from '../../domain/access/hole.ts'
import { parseSource } from '../../domain/net.ts'
import type { Result } from '../../domain/refusal.ts'
import { parseResourceId, resourceKey } from '../../domain/resource-id.ts'
import type { Instant } from '../../domain/time.ts'

const NOTHING_KNOWN: ReadonlyMap<string, Hole> = new Map()

/** A document, understood. */
export interface Wanted {
  readonly document: HostDocument
  readonly shields: readonly Shield[]
  readonly holes: ReadonlyMap<HoleKey, WantedHole>
  /** The same, by how the server writes their place. */
  readonly byText: ReadonlyMap<string, Hole>
  /** What is behind this host, where it is a gateway. */
  readonly gateway: Gateway | undefined
}

export interface WantedHole {
  readonly hole: Hole
  readonly wire: WireHole
}

/**
 * Throws when an address or an id in it cannot be read: half a document is none. What the one before named already is not
 * read again.
 */
export function wantedOf(document: HostDocument, before?: Wanted): Wanted {
  const known = before?.byText ?? NOTHING_KNOWN
  const shields = document.shields.map(({ publicIpAddress, ...shield }): Shield => ({
    ...shield,
    machine: must(parseResourceId(shield.machine)),
    ...(publicIpAddress === undefined ? {} : { publicIpAddress }),
  }))
  const byText = new Map<string, Hole>()
  const holes = document.holes.map((wire): [HoleKey, WantedHole] => {
    const text = `${wire.machine}|${wire.port}|${wire.protocol}|${wire.source}`
    const hole = holeOf(wire, known.get(text))
    byText.set(text, hole)
    return [hole.key, { hole, wire }]
  })
  return { document, shields, holes: new Map(holes), byText, gateway: gatewayOf(document) }
}

function gatewayOf({ settings: { gateway } }: HostDocument): Gateway | undefined {
  return gateway === undefined ? undefined : must(parseGateway(gateway as GatewaySettings)) // as the server parsed it too
}

function holeOf(wire: WireHole, known: Hole | undefined): Hole {
  const grants = wire.grants as unknown as readonly GrantId[] // names of the server's, which mean nothing here
  if (known !== undefined) return { ...known, until: wire.until, grants }
  const machine = must(parseResourceId(wire.machine))
  const source = must(parseSource(wire.source))
  const key = resourceKey(machine)
  return {
    ...wire,
    key: holeKey(key, wire.port, wire.protocol, source),
    slot: slotOf(key, wire.port, source),
    machine,
    source,
    grants,
  }
}

function must<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error(`the server's document cannot be read: ${result.refusals.map(({ message }) => message).join('; ')}`)
}

/** Half-open: a hole is wanted until just before its end. */
export function desiredAt({ shields, holes }: Wanted, now: Instant): Desired {
  const live: Hole[] = []
  for (const { hole } of holes.values()) if (now < hole.until) live.push(hole)
  return { shields, holes: live }
}

/** What has to be looked at because of the change: everything when more than holes differ. */
export function changeBetween(before: Wanted | undefined, after: Wanted): ReadonlySet<Slot> | 'all' {
  if (before === undefined || frameOf(before) !== frameOf(after)) return 'all'
  const slots = new Set<Slot>()
  for (const [key, { hole }] of before.holes) if (after.holes.get(key)?.hole.until !== hole.until) slots.add(hole.slot)
  for (const [key, { hole }] of after.holes) if (!before.holes.has(key)) slots.add(hole.slot)
  return slots
}

/** Everything but the holes, as text. */
export function frameOf({ document: { machine, shields, settings } }: Wanted): string {
  return JSON.stringify([machine, shields, settings.gateway])
}
