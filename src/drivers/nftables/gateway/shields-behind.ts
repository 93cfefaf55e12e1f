/** The protected ports of the machines behind a gateway: which must be closed, which are not, and what that means. Pure. */
import type { PlanInput, Step } from '../../../app/ports/driver.ts'
import type { Shield } from '../../../domain/access/desired.ts'
import { tellStep } from '../../../domain/access/step.ts'
import type { Gateway, GatewayMachine } from '../../../domain/hosts/gateway.ts'
import { formatIpPrefix } from '../../../domain/net.ts'
import { includesPort } from '../../../domain/security-groups/port-range.ts'
import { resourceKey, resourceName } from '../../../domain/resource-id.ts'
import type { Clause } from '../../../domain/sentence.ts'
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
  /** Was closed before, and stood open: `22/TCP @ db1 (10.1.0.2)`. */
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
  return {
    isChanged: added.length + removed.length > 0,
    steps: [
      ...added
        .filter((key) => !done.has(key))
        .map((key): Step => ({
          kind: 'protect',
          ...tellStep(
            'CloseBehind',
            { ...placeOf(key, gateway), policy: policiesFor(key, gateway, input) },
            endings(key, input),
          ),
        })),
      ...unreadPlaces(
        observed.foreign.forward,
        added.filter((key) => !done.has(key)),
      ).map((rule): Step => ({ kind: 'protect', ...tellStep('UnreadRuleOfGateway', { rule }) })),
      ...removed.map((key): Step => ({ kind: 'unprotect', ...tellStep('UnprotectBehind', placeOf(key, gateway)) })),
    ],
    lost: added.filter((key) => done.has(key)).map((key) => textOf(placeOf(key, gateway))),
  }
}

function policiesFor(key: BehindKey, gateway: Gateway | undefined, { desired }: Input): string {
  const own = desired.shields.filter((shield) => gateway !== undefined && keysOf(shield, gateway).includes(key))
  return own.map(({ policy }) => policy).join(', ')
}

/** Says before what else ends: that others are sent on to it. */
function endings(key: BehindKey, { observed }: Input): Clause[] {
  const parsed = parseBehindKey(key)
  if (parsed === undefined) return []
  const passing = anywherePlaces(observed.foreign.forward, key)
  const sending = observed.foreign.published.filter(({ to, ports }) => {
    if (to === undefined || formatIpPrefix(to.address) !== formatIpPrefix(parsed.address)) return false
    return to.port === undefined ? includesPort(ports, parsed.port) : to.port === parsed.port
  })
  return [
    ...sending.map(({ place: rule }) => tellStep('EndsForwarding', { rule })),
    ...passing.map((rule) => tellStep('EndsPassing', { rule })),
  ]
}

interface Place {
  readonly port: string
  readonly machine: string
}

/** `22/TCP` on `db1 (10.1.0.2)`. */
function placeOf(key: BehindKey, gateway: Gateway | undefined): Place {
  const parsed = parseBehindKey(key)
  if (parsed === undefined) return { port: key, machine: '?' }
  const address = formatIpPrefix(parsed.address)
  const name = nameOf(gateway, address)
  return {
    port: `${parsed.port}/${protocolName(parsed.protocol)}`,
    machine: name === undefined ? address : `${name} (${address})`,
  }
}

function textOf({ port, machine }: Place): string {
  return `${port} @ ${machine}`
}

function nameOf(gateway: Gateway | undefined, address: string): string | undefined {
  const has = ({ addresses }: GatewayMachine): boolean => addresses.some((one) => formatIpPrefix(one) === address)
  const machine = [...(gateway?.machines.values() ?? [])].find(has)
  return machine === undefined ? undefined : resourceName(machine.id)
}
