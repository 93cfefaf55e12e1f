import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aMachineId, valueOf } from '../../../test/support/builders.ts'
import { holesFrom, type GrantId, type Hole, type Slot } from '../../domain/access/hole.ts'
import { parseIpPrefix, parseSource } from '../../domain/net.ts'
import { readReaches, reachKey } from '../../domain/access/reach.ts'
import { resourceKey, type ResourceKey } from '../../domain/resource-id.ts'
import type { JournalLine } from '../../domain/security-groups/rule-journal.ts'
import { MINUTE } from '../../domain/time.ts'
import { isOwnName } from './firewall-rule.ts'
import { planFirewall, type FirewallInput, type FirewallRulesPlan } from './firewall-plan.ts'
import { firewallWith, readFirewall, type FirewallBody } from './firewall-wire.ts'

const FIREWALL = '/subscriptions/s/resourcegroups/g/providers/microsoft.network/azurefirewalls/fw' as ResourceKey // a key of a test
const [WEB, DB] = [aMachineId('web'), aMachineId('db')]
const MACHINES = new Map([
  [resourceKey(WEB), { id: WEB, address: valueOf(parseIpPrefix('10.0.0.4')) }],
  [resourceKey(DB), { id: DB, address: valueOf(parseIpPrefix('10.0.0.5')) }],
])
const NOW = Date.UTC(2026, 0, 1)

type Collections = readonly object[]

function body(nat: Collections = [], network: Collections = []): FirewallBody {
  const properties = {
    natRuleCollections: nat,
    networkRuleCollections: network,
    threatIntelMode: 'Alert',
    provisioningState: 'Succeeded',
  }
  return readFirewall({ id: FIREWALL, etag: 'W/"1"', location: 'here', properties }, 'fw')
}

function collection(name: string, priority: number, ...rules: readonly object[]): object {
  return {
    name,
    properties: {
      priority,
      action: { type: name.includes('deny') ? 'Deny' : name.includes('nat') ? 'Dnat' : 'Allow' },
      rules,
    },
  }
}

function translation(name: string, to: string, port: number | string): object {
  return {
    name,
    protocols: ['TCP'],
    sourceAddresses: ['*'],
    destinationAddresses: [to],
    destinationPorts: [String(port)],
    translatedAddress: '10.0.0.99',
    translatedPort: '443',
    somethingUnknown: true,
  }
}

let grants = 0

function holes(
  ...wanted: readonly (readonly [
    machine: typeof WEB,
    port: number,
    source: string,
    minutes?: number,
    protocol?: 'TCP' | 'UDP' | '*',
  ])[]
): Hole[] {
  return holesFrom(
    wanted.map(([machine, port, source, minutes = 60, protocol = 'TCP']) => ({
      grant: `g${(grants += 1)}` as GrantId, // an id of a test
      machine,
      port,
      protocol,
      sources: [valueOf(parseSource(source))],
      until: NOW + minutes * MINUTE,
    })),
  )
}

interface Ground {
  body: FirewallBody
  journal: readonly JournalLine[]
}

function planOn(ground: Ground, wanted: readonly Hole[], change: Partial<FirewallInput> = {}): FirewallRulesPlan {
  return planFirewall({
    firewall: FIREWALL,
    publicAddresses: ['198.51.100.1', '198.51.100.2'],
    collections: ground.body.collections,
    machines: MACHINES,
    shields: [],
    holes: wanted,
    scope: 'all',
    journal: ground.journal,
    ...change,
  })
}

/** Plans, writes, and plans again: the second plan must be empty. */
function converge(ground: Ground, wanted: readonly Hole[], change: Partial<FirewallInput> = {}): FirewallRulesPlan {
  const plan = planOn(ground, wanted, change)
  ground.body = readFirewall({ ...firewallWith(ground.body, FIREWALL, plan.rules), etag: 'W/"2"' }, 'fw')
  ground.journal = plan.journal
  const again = planOn(ground, wanted, change)
  expect(again.steps).toEqual([])
  ground.journal = again.journal
  return again
}

function natRules({ body: { collections } }: Ground) {
  return collections.filter(({ kind }) => kind === 'nat').flatMap(({ rules }) => rules)
}

function written({ body: { written: whole } }: Ground): unknown {
  return JSON.parse(JSON.stringify(whole)).properties
}

describe('a hole through a firewall', () => {
  it('is a translation from a public address and a network rule, and its address is on record', () => {
    const ground = { body: body(), journal: [] }
    const first = planOn(ground, holes([WEB, 22, '203.0.113.9']))
    expect(first.steps.map(({ kind }) => kind)).toEqual(['open'])
    const plan = converge(ground, holes([WEB, 22, '203.0.113.9']))
    expect(plan.held.size).toBe(1)
    const reach = readReaches(ground.journal).get(reachKey(resourceKey(WEB), 22))
    expect(natRules(ground)).toMatchObject([
      {
        sources: ['203.0.113.9'],
        destinations: [reach?.publicIpAddress],
        ports: [String(reach?.mappedPort)],
        protocols: ['TCP'],
        to: { address: '10.0.0.4', port: '22' },
      },
    ])
    expect(
      ground.body.collections.map(({ kind, name, isOpening, priority }) => [
        kind,
        isOwnName(name),
        isOpening,
        priority,
      ]),
    ).toEqual([
      ['nat', true, true, 100],
      ['network', true, true, 100],
    ])
  })

  it('names its grant and its end in at most 140 characters, and a later end is written', () => {
    const ground = { body: body(), journal: [] }
    converge(ground, holes([WEB, 22, '203.0.113.9', 60]))
    expect(natRules(ground)[0]?.description).toMatch(/^.{1,140}$/)
    expect(natRules(ground)[0]?.description).toContain('until=2026-01-01T01:00:00Z]')
    const later = planOn(ground, holes([WEB, 22, '203.0.113.9', 120]))
    expect(later.steps).toMatchObject([{ kind: 'extend' }])
    expect(later.held.size).toBe(1)
  })

  it('keeps its port for as long as anybody has access, and no two machines share one', () => {
    const ground = { body: body(), journal: [] }
    converge(ground, holes([WEB, 22, '203.0.113.9'], [DB, 22, '203.0.113.9']))
    const [one, other] = natRules(ground).map(({ destinations, ports }) => `${destinations[0]}:${ports[0]}`)
    expect(one).not.toBe(other)
    const before = readReaches(ground.journal).get(reachKey(resourceKey(WEB), 22))
    converge(ground, holes([WEB, 22, '203.0.113.9'], [WEB, 22, '192.0.2.1']))
    converge(ground, holes([WEB, 22, '192.0.2.1']))
    expect(readReaches(ground.journal).get(reachKey(resourceKey(WEB), 22))).toEqual(before)
    expect(natRules(ground)).toHaveLength(1)
  })

  it('gets back the port that people were told when somebody deleted the rule', () => {
    const ground = { body: body(), journal: [] as readonly JournalLine[] }
    converge(ground, holes([WEB, 22, '203.0.113.9']))
    const { ports } = natRules(ground)[0] ?? {}
    ground.body = body([collection('nat', 100, translation('mine', '198.51.100.1', 8443))])
    converge(ground, holes([WEB, 22, '203.0.113.9']))
    expect(natRules(ground).at(-1)?.ports).toEqual(ports)
  })

  it('comes in by the public address that the policy names, once it is given a place', () => {
    const ground: Ground = { body: body(), journal: [] }
    const named = (publicIpAddress: string) => ({
      shields: [
        { machine: WEB, policy: 'default', ports: [{ number: 22, protocol: 'TCP' as const }], publicIpAddress },
      ],
    })
    const asked = holes([WEB, 22, '203.0.113.9'], [DB, 22, '203.0.113.9'])
    converge(ground, asked, named('198.51.100.2'))
    const addresses = () => natRules(ground).map(({ destinations, to }) => [to?.address, destinations[0]])
    const second = [
      ['10.0.0.4', '198.51.100.2'],
      ['10.0.0.5', '198.51.100.1'],
    ]
    expect(new Map(addresses() as [string, string][])).toEqual(new Map(second as [string, string][])) // pairs by sight
    converge(ground, asked, named('198.51.100.1'))
    expect(new Map(addresses() as [string, string][])).toEqual(new Map(second as [string, string][])) // as above
    converge(ground, [])
    converge(ground, asked, named('192.0.2.1'))
    expect(addresses().map(([, address]) => address)).toEqual(['198.51.100.1', '198.51.100.1'])
  })

  it('never takes a port that somebody else translates, and moves away from one', () => {
    const ground = { body: body(), journal: [] }
    converge(ground, holes([WEB, 22, '203.0.113.9']))
    const [rule] = natRules(ground)
    const theirs = translation('theirs', rule?.destinations[0] ?? '', rule?.ports[0] ?? '')
    ground.body = body([collection('nat', 100, theirs)])
    converge(ground, holes([WEB, 22, '203.0.113.9']))
    const places = natRules(ground).map(({ destinations, ports }) => `${destinations[0]}:${ports[0]}`)
    expect(new Set(places).size).toBe(2)
  })

  it('serves TCP and UDP with one translation where both are asked for', () => {
    const ground = { body: body(), journal: [] }
    const plan = converge(ground, holes([WEB, 22, '203.0.113.9', 60, 'TCP'], [WEB, 22, '203.0.113.9', 30, '*']))
    expect(natRules(ground)).toMatchObject([{ protocols: ['TCP', 'UDP'] }])
    expect(plan.held.size).toBe(2)
  })

  it('is refused from IPv6, to a machine without IPv4, and when the firewall is full', () => {
    const ground = { body: body(), journal: [] }
    const codes = (plan: FirewallRulesPlan) => [...plan.impossible.values()].map(({ code }) => code)
    expect(codes(planOn(ground, holes([WEB, 22, '2001:db8::1'])))).toEqual(['FirewallWithoutIpv6'])
    expect(
      codes(planOn(ground, holes([WEB, 22, '*']), { machines: new Map([[resourceKey(WEB), { id: WEB }]]) })),
    ).toEqual(['NoAddressToTranslate'])
    const many = Array.from({ length: 248 }, (_, index) => translation(`r${index}`, '198.51.100.1', 1000 + index))
    expect(
      codes(planOn({ body: body([collection('nat', 100, ...many)]), journal: [] }, holes([WEB, 22, '*']))),
    ).toEqual(['FirewallFull'])
  })

  it('that was edited is restored, and one that was copied is closed', () => {
    const ground: Ground = { body: body(), journal: [] }
    const asked = holes([WEB, 22, '203.0.113.9'])
    converge(ground, asked)
    const whole = JSON.stringify(ground.body.written)
    ground.body = readFirewall(JSON.parse(whole.replaceAll('203.0.113.9', '*')), 'fw')
    expect(planOn(ground, asked).steps).toMatchObject([{ kind: 'repair' }])
    expect(planOn(ground, asked).held.size).toBe(0)
    ground.body = readFirewall(JSON.parse(whole.replace('"Dnat"', '"Snat"')), 'fw')
    expect(planOn(ground, asked).held.size).toBe(0)
    const copy = JSON.parse(whole)
    copy.properties.natRuleCollections.push({ ...copy.properties.natRuleCollections[0], name: 'copy' })
    ground.body = readFirewall(copy, 'fw')
    expect(planOn(ground, asked).steps).toMatchObject([{ kind: 'close' }])
    converge(ground, asked)
    expect(ground.body.collections.map(({ name }) => name)).not.toContain('copy')
  })

  it('of a slot that is not looked at is left alone', () => {
    const ground = { body: body(), journal: [] as readonly JournalLine[] }
    const [kept, ended] = holes([WEB, 22, '203.0.113.9'], [DB, 22, '203.0.113.9']).sort((a) =>
      a.machine === WEB ? -1 : 1,
    )
    converge(
      ground,
      [kept, ended].filter((hole) => hole !== undefined),
    )
    const scope = new Set<Slot>(ended === undefined ? [] : [ended.slot])
    expect([...planOn(ground, [], { scope }).lingering]).toEqual([...scope])
    converge(ground, [], { scope })
    expect(natRules(ground)).toMatchObject([{ to: { address: '10.0.0.4' } }])
  })
})

describe('whatever others wrote', () => {
  const rules = fc.uniqueArray(
    fc.record({ port: fc.integer({ min: 1, max: 65_535 }), to: fc.constantFrom('198.51.100.1', '198.51.100.2') }),
    { selector: ({ port }) => port, minLength: 1, maxLength: 4 },
  )
  const collections = (word: string) =>
    fc
      .uniqueArray(fc.record({ priority: fc.integer({ min: 100, max: 110 }), rules }), {
        selector: ({ priority }) => priority,
        maxLength: 4,
      })
      .map((all) =>
        all.map((one, index) =>
          collection(
            `${word}-${index}`,
            one.priority,
            ...one.rules.map(({ port, to }, number) => translation(`theirs-${number}`, to, port)),
          ),
        ),
      )
  const wishes = fc.array(
    fc.tuple(
      fc.constantFrom(WEB, DB),
      fc.constantFrom(22, 3389),
      fc.constantFrom('*', '203.0.113.9', '10.9.0.0/16', '2001:db8::1'),
      fc.integer({ min: 1, max: 90 }),
      fc.constantFrom('TCP' as const, 'UDP' as const, '*' as const),
    ),
    { maxLength: 6 },
  )

  it('stands exactly as before when all access has ended', () => {
    fc.assert(
      fc.property(
        collections('nat'),
        collections('allow'),
        fc.array(wishes, { maxLength: 4 }),
        (nat, network, rounds) => {
          const ground: Ground = { body: body(nat, network), journal: [] }
          const { provisioningState: _, ...before } = JSON.parse(JSON.stringify(ground.body.written)).properties
          for (const round of rounds) {
            const asked = holes(...round)
            const plan = converge(ground, asked)
            expect(plan.held.size + plan.impossible.size).toBe(asked.length)
            expect(plan.lingering.size).toBe(0)
          }
          converge(ground, [])
          expect(written(ground)).toEqual(before)
          expect(ground.journal).toEqual([])
        },
      ),
      { numRuns: 200 },
    )
  })
})
