import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../../app/ports/driver.ts'
import type { Shield } from '../../../domain/access/desired.ts'
import { parseGateway, type Gateway, type GatewaySettings } from '../../../domain/hosts/gateway.ts'
import { holesFrom, type Opening } from '../../../domain/access/hole.ts'
import { readReaches, reachKey } from '../../../domain/access/reach.ts'
import { resourceKey } from '../../../domain/resource-id.ts'
import { HOUR, type Instant } from '../../../domain/time.ts'
import { aMachineId, anOpening, aPrefix, NOON, valueOf } from '../../../../test/support/builders.ts'
import { behindKey, managedKey, parseElementId, type ElementId } from '../element.ts'
import { NOTHING_FOREIGN } from '../foreign/foreign.ts'
import { formOf, judge, type NftablesPlan } from '../judge.ts'
import type { Observed } from '../observed.ts'
import { setsIn } from '../kernel/structure.ts'

const HOST = resourceKey(aMachineId('gw'))
const DB1 = aMachineId('db1')
const DB2 = aMachineId('db2')
const SSH = managedKey(6, 22)

function aGateway(changes: Partial<GatewaySettings> = {}): Gateway {
  return valueOf(
    parseGateway({
      publicAddresses: [
        { address: '198.51.100.1' },
        { address: '198.51.100.2', seenAs: '10.0.0.4' },
        { address: '2001:db8::1' },
      ],
      mappedPorts: { from: 40_000, to: 40_003 },
      snat: false,
      machines: [
        { id: DB1, addresses: ['10.1.0.2', '10.1.0.12', 'fd00:1::2'] },
        { id: DB2, addresses: ['10.1.0.3'] },
      ],
      ...changes,
    }),
  )
}

const SHIELDS: readonly Shield[] = [DB1, DB2].map((machine) => ({
  machine,
  policy: 'databases',
  ports: [{ number: 22, protocol: 'TCP' }],
}))

/** The gateway as it stands once both machines are protected. */
function seen(elements: Iterable<[ElementId, Instant]> = [], rest: Partial<Observed> = {}): Observed {
  const addresses = ['10.1.0.2', '10.1.0.12', 'fd00:1::2', '10.1.0.3'].map(aPrefix)
  const form = formOf(aGateway())
  return {
    scope: 'all',
    at: NOON,
    structure: {
      state: 'exact',
      form,
      sets: setsIn(undefined, form),
      strays: { chains: [], sets: [] },
      differences: [],
    },
    hasBaseTable: false,
    managed: new Set(),
    behind: new Set(addresses.map((address) => behindKey(address, SSH))),
    elements: new Map(elements),
    keeps: new Set(),
    counts: new Map(),
    foreign: NOTHING_FOREIGN,
    adrift: [],
    gateway: { listening: new Set(), forwards: { 4: true, 6: true } },
    ...rest,
  }
}

interface Wish {
  readonly observed?: Observed
  readonly gateway?: Gateway
  readonly shields?: readonly Shield[]
  readonly journal?: readonly JournalEntry[]
}

function planFor(openings: readonly Opening[], wish: Wish = {}): NftablesPlan {
  const { observed = seen(), gateway = aGateway(), shields = SHIELDS, journal = [] } = wish
  const desired = { shields, holes: holesFrom(openings) }
  return judge(
    { machine: HOST, tolerance: 50, resolution: 1, gateway },
    { desired, observed, scope: 'all', journal, now: NOON },
  )
}

const anOpen = (from: string, machine = DB1): Opening =>
  anOpening({ machine, from, protocol: 'TCP', until: NOON + HOUR })

/** `through 10.1.0.2:22`, `publish 198.51.100.1:40001 > 10.1.0.2:22`, with addresses as numbers. */
function written({ operations }: NftablesPlan): (readonly [string, bigint | undefined, bigint | undefined])[] {
  return operations.flatMap((operation) => {
    const element = operation.kind === 'create' ? parseElementId(operation.id) : undefined
    return element === undefined ? [] : [[element.set.kind, element.to, element.target?.bits] as const]
  })
}

const bits = (address: string): bigint => aPrefix(address).bits

describe('a hole to a machine behind a gateway', () => {
  it('passes to each of the machine’s addresses of that family, and comes in by one mapped port to the first', () => {
    const plan = planFor([anOpen('203.0.113.9')])
    expect(written(plan)).toEqual([
      ['through', bits('10.1.0.2'), undefined],
      ['through', bits('10.1.0.12'), undefined],
      ['publish', bits('198.51.100.1'), bits('10.1.0.2')],
    ])
  })

  it('comes in by the address that the policy names, as it is seen on the gateway', () => {
    const shields = SHIELDS.map((shield) => ({ ...shield, publicIpAddress: '198.51.100.2' }))
    const plan = planFor([anOpen('203.0.113.9')], { shields })
    expect(written(plan)).toContainEqual(['publish', bits('10.0.0.4'), bits('10.1.0.2')])
    expect(readReaches(plan.journal).get(reachKey(resourceKey(DB1), 22))?.publicIpAddress).toBe('198.51.100.2')
  })

  it('has a mapped port of its own by IPv6, and one of each for anybody', () => {
    const reaches = readReaches(planFor([anOpen('*')]).journal)
    expect(reaches.get(reachKey(resourceKey(DB1), 22))?.publicIpAddress).toBe('198.51.100.1')
    expect(reaches.get(reachKey(resourceKey(DB1), 22, 6))?.publicIpAddress).toBe('2001:db8::1')
  })

  it('has none where the gateway has no public address, and is reached by the machine’s own', () => {
    const plan = planFor([anOpen('203.0.113.9')], { gateway: aGateway({ publicAddresses: [] }) })
    expect(written(plan).map(([kind]) => kind)).toEqual(['through', 'through'])
    expect(readReaches(plan.journal).size).toBe(0)
    expect(plan.impossible.size).toBe(0)
  })

  it('has no mapped port that this host listens at, or protects as its own', () => {
    const listening = { gateway: { listening: new Set([40_000]), forwards: { 4: true, 6: true } } }
    const own = { managed: new Set([managedKey(6, 40_001), managedKey(17, 40_002)]) }
    const plan = planFor([anOpen('203.0.113.9')], { observed: seen([], { ...listening, ...own }) })
    expect(readReaches(plan.journal).get(reachKey(resourceKey(DB1), 22))?.mappedPort).toBe(40_003)
    const full = planFor([anOpen('203.0.113.9'), anOpen('203.0.113.9', DB2)], {
      gateway: aGateway({ publicAddresses: [{ address: '198.51.100.1' }] }),
      observed: seen([], { ...listening, ...own }),
    })
    expect([...full.impossible.values()].map(({ code }) => code)).toEqual(['NoMappedPort'])
  })

  it('is refused from a family of which the machine has no address, and when the machine is not behind', () => {
    const plan = planFor([anOpen('2001:db8::9', DB2), anOpen('203.0.113.9', aMachineId('gone'))])
    expect([...plan.impossible.values()].map(({ code }) => code).sort()).toEqual([
      'NoAddressOfFamily',
      'NotBehindGateway',
    ])
    expect(written(plan)).toEqual([])
  })

  it('that stands is not taken away because the gateway forwards no more; a new one is not promised', () => {
    const stopped = { gateway: { listening: new Set<number>(), forwards: { 4: false, 6: false } } }
    const first = planFor([anOpen('203.0.113.9')])
    const standing = first.operations.flatMap((operation): [ElementId, Instant][] =>
      operation.kind === 'create' ? [[operation.id, operation.until]] : [],
    )
    const { journal } = first
    const plan = planFor([anOpen('203.0.113.9'), anOpen('203.0.113.10')], {
      observed: seen(standing, stopped),
      journal,
    })
    expect(plan.held.size).toBe(1)
    expect(plan.operations).toEqual([])
    expect([...plan.impossible.values()].map(({ code }) => code)).toEqual(['ForwardingOff'])
  })
})

describe('what a gateway carries', () => {
  it('that leads to nobody it knows is closed, and so is a mapped port that leads elsewhere', () => {
    const first = planFor([anOpen('203.0.113.9')])
    const standing = first.operations.flatMap((operation): [ElementId, Instant][] =>
      operation.kind === 'create' ? [[operation.id, operation.until]] : [],
    )
    const elsewhere = standing.map(([id, until]): [ElementId, Instant] => [
      id.replace('>0a010002', '>0a010009') as ElementId, // another machine's address in the map's data
      until,
    ])
    const plan = planFor([anOpen('203.0.113.9')], { observed: seen(elsewhere), journal: first.journal })
    expect(plan.operations.map(({ kind }) => kind)).toEqual(['revoke', 'create'])
    expect(plan.held.size).toBe(0)
  })

  it('of a machine that is behind it no more is not guarded any more, and the plan says so', () => {
    const gateway = aGateway({ machines: [{ id: DB1, addresses: ['10.1.0.2', '10.1.0.12', 'fd00:1::2'] }] })
    expect(planFor([], { gateway }).steps.map(({ text }) => text)).toEqual(['stop protecting 22/TCP on 10.1.0.3'])
  })

  it('is all of it gone when this host is a gateway no more', () => {
    const desired = { shields: [{ ...SHIELDS[0], machine: aMachineId('gw') } as Shield], holes: [] } // of the host itself
    const plan = judge(
      { machine: HOST, tolerance: 50, resolution: 1 },
      { desired, observed: seen(), scope: 'all', journal: [], now: NOON },
    )
    expect(plan.operations[0]).toMatchObject({ kind: 'structure', structure: { gateway: 'none', behind: [] } })
  })
})
