/** The protected ports of the machines behind a gateway: which must be closed, which are not, and what that means. Pure. */
import type { PlanInput, Step } from '../../../app/ports.ts'
import type { Shield } from '../../../domain/access/desired.ts'
import type { Gateway, GatewayMachine } from '../../../domain/hosts/gateway.ts'
import { formatIpPrefix } from '../../../domain/net.ts'
import { includesPort } from '../../../domain/security-groups/port-range.ts'
import { resourceKey, resourceName } from '../../../domain/resource-id.ts'
import { behindKey, managedKeys, parseBehindKey, protocolName, type BehindKey } from '../element.ts'
import { anywherePlaces, unreadPlaces } from '../foreign/foreign-forward.ts'
import type { Observed } from '../observed.ts'

type Input = PlanInput<Observed>

/** In a pass over some slots nothing is unprotected: only a look at everything may take a shield away. */
export function wantedBehind(gateway: Gateway | undefined, { desired, observed, scope }: Input): Set<BehindKey> {
  if (gateway === undefined) return new Set()
  const wanted = new Set(desired.shields.flatMap((shield) => keysOf(shield, gateway)))
  if (scope !== 'all') for (const key of observed.behind) wanted.add(key)
  return wanted
}

/** For the table that is loaded at boot. */
export function keysOf({ machine, ports }: Shield, gateway: Gateway): BehindKey[] {
  const addresses = gateway.machines.get(resourceKey(machine))?.addresses ?? []
  return addresses.flatMap((address) =>
    ports.flatMap((port) => managedKeys(port).map((key) => behindKey(address, key))),
  )
}

export interface ChangedShields {
  readonly isChanged: boolean
  readonly steps: readonly Step[]
  /** Was closed before, and stood open: in words. */
  readonly lost: readonly string[]
}

export interface ShieldsInput {
  readonly gateway: Gateway | undefined
  readonly input: Input
  readonly wanted: ReadonlySet<BehindKey>
  /** What was seen closed before. */
  readonly done: ReadonlySet<BehindKey>
}

export function changedShieldsBehind({ gateway, input, wanted, done }: ShieldsInput): ChangedShields {
  const { observed } = input
  const added = [...wanted].filter((key) => !observed.behind.has(key))
  const removed = [...observed.behind].filter((key) => !wanted.has(key))
  const text = (key: BehindKey): string => textOf(key, gateway)
  return {
    isChanged: added.length + removed.length > 0,
    steps: [
      ...added
        .filter((key) => !done.has(key))
        .map((key): Step => ({
          kind: 'protect',
          text: `close ${text(key)} behind this gateway (policy ${policiesFor(key, gateway, input)})${endings(key, input)}`,
        })),
      ...unreadPlaces(
        observed.foreign.forward,
        added.filter((key) => !done.has(key)),
      ).map((place): Step => ({
        kind: 'protect',
        text: `${place} may let something through to machines behind and cannot be read: confirm by hand`,
      })),
      ...removed.map((key): Step => ({ kind: 'unprotect', text: `stop protecting ${text(key)}` })),
    ],
    lost: added.filter((key) => done.has(key)).map(text),
  }
}

function policiesFor(key: BehindKey, gateway: Gateway | undefined, { desired }: Input): string {
  const own = desired.shields.filter((shield) => gateway !== undefined && keysOf(shield, gateway).includes(key))
  return own.map(({ policy }) => policy).join(', ')
}

/** Says before what else ends: that others are sent on to it. */
function endings(key: BehindKey, { observed }: Input): string {
  const parsed = parseBehindKey(key)
  if (parsed === undefined) return ''
  return observed.foreign.published
    .filter(({ to, ports }) => {
      if (to === undefined || formatIpPrefix(to.address) !== formatIpPrefix(parsed.address)) return false
      return to.port === undefined ? includesPort(ports, parsed.port) : to.port === parsed.port
    })
    .map(({ place }) => `; ${place} sends others on to it, and that ends now`)
    .concat(
      anywherePlaces(observed.foreign.forward, key).map(
        (place) => `; ${place} lets everybody through to it, and that ends now`,
      ),
    )
    .join('')
}

/** `22/TCP on db1 (10.1.0.2)`. */
function textOf(key: BehindKey, gateway: Gateway | undefined): string {
  const parsed = parseBehindKey(key)
  if (parsed === undefined) return key
  const address = formatIpPrefix(parsed.address)
  const name = nameOf(gateway, address)
  return `${parsed.port}/${protocolName(parsed.protocol)} on ${name === undefined ? address : `${name} (${address})`}`
}

function nameOf(gateway: Gateway | undefined, address: string): string | undefined {
  const has = ({ addresses }: GatewayMachine): boolean => addresses.some((one) => formatIpPrefix(one) === address)
  const machine = [...(gateway?.machines.values() ?? [])].find(has)
  return machine === undefined ? undefined : resourceName(machine.id)
}
