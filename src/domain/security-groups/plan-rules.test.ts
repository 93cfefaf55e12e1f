import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Desired, Shield } from '../access/desired.ts'
import { admitsEverybody, concerns, effective, type Packet } from './effective.ts'
import { holesFrom, slotOf, type GrantId } from '../access/hole.ts'
import { isOwned } from './jit-rule.ts'
import { parseIpPrefix, parseSource, type IpPrefix, type Source } from '../net.ts'
import {
  applyChanges,
  planRules,
  type GuardedMachine,
  type GuardedNic,
  type RulesInput,
  type RulesPlan,
} from './plan-rules.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../resource-id.ts'
import type { JournalLine } from './rule-journal.ts'
import { formatRuleAddress, parseSecurityRule, withPriority, type SecurityRule } from './security-rule.ts'
import { HOUR, type Instant } from '../time.ts'

const NSG =
  '/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg/providers/microsoft.network/networksecuritygroups/nsg'
const NOW: Instant = Date.UTC(2026, 0, 31, 15)
const END = NOW + 3 * HOUR
const WEB = machineId('web')
const DB = machineId('db')
const MACHINES: ReadonlyMap<ResourceKey, GuardedMachine> = new Map([
  [resourceKey(WEB), { id: WEB, nics: [{ name: 'nic', addresses: [ip('10.0.0.4')] }] }],
  [resourceKey(DB), { id: DB, nics: [{ name: 'nic', addresses: [ip('10.0.0.5'), ip('10.0.0.6')] }] }],
])

function addressesOf(machine: ResourceId): readonly IpPrefix[] {
  return MACHINES.get(resourceKey(machine))?.nics.flatMap(({ addresses }) => addresses) ?? []
}

function machineId(name: string): ResourceId {
  return `/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/${name}` as ResourceId // well-formed by sight
}

function ip(text: string): IpPrefix {
  const parsed = parseIpPrefix(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}

function source(text: string): Source {
  const parsed = parseSource(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}

interface RuleText {
  readonly priority?: number
  readonly access?: string
  readonly from?: string
  readonly to?: string
  readonly ports?: string
  readonly protocol?: string
  readonly direction?: string
}

function aRule(name: string, text: RuleText = {}): SecurityRule {
  const parsed = parseSecurityRule(
    {
      name,
      tags: { keptBy: 'somebody' },
      properties: {
        priority: text.priority ?? 1000,
        direction: text.direction ?? 'Inbound',
        access: text.access ?? 'Allow',
        protocol: text.protocol ?? 'Tcp',
        sourceAddressPrefix: text.from ?? '*',
        sourcePortRange: '*',
        destinationAddressPrefix: text.to ?? '*',
        destinationPortRange: text.ports ?? '22',
      },
    },
    name,
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  return parsed.value
}

function readRule(written: unknown): SecurityRule {
  const parsed = parseSecurityRule(written, 'a rule')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  return parsed.value
}

const aShield = (machine: ResourceId, ...ports: number[]): Shield => ({
  machine,
  policy: 'default',
  ports: ports.map((number) => ({ number, protocol: '*' })),
})

interface HoleText {
  readonly machine?: ResourceId
  readonly port?: number
  readonly from?: string
  readonly until?: Instant
  readonly grant?: string
}

function holes(...texts: readonly HoleText[]): Desired['holes'] {
  return holesFrom(
    texts.map(({ machine = WEB, port = 22, from = '203.0.113.7', until = END, grant = 'g1' }) => ({
      grant: grant as GrantId, // any text will do here
      machine,
      port,
      protocol: 'TCP' as const,
      sources: [source(from)],
      until,
    })),
  )
}

/** A security group that plans and applies as a driver does: the journal is on record before the change. */
class Group {
  rules: readonly SecurityRule[]
  journal: readonly JournalLine[] = []
  version = 1

  constructor(...rules: readonly SecurityRule[]) {
    this.rules = rules
  }

  plan(desired: Partial<Desired>, more: Partial<RulesInput> = {}): RulesPlan {
    const { shields = [], holes = [] } = desired
    return planRules({
      nsg: NSG,
      version: String(this.version),
      rules: this.rules,
      machines: MACHINES,
      desired: { shields, holes },
      scope: 'all',
      journal: this.journal,
      ...more,
    })
  }

  apply(plan: RulesPlan): void {
    this.rules = applyChanges(this.rules, plan.changes)
    this.version += 1
  }

  /** One pass; the second plan must be empty. */
  pass(desired: Partial<Desired>, more: Partial<RulesInput> = {}): RulesPlan {
    const plan = this.plan(desired, more)
    this.journal = plan.journal
    if (plan.changes.length > 0) this.apply(plan)
    const again = this.plan(desired, more)
    if (again.changes.length > 0) throw new Error(`a second plan is not empty: ${JSON.stringify(again.steps)}`)
    this.journal = again.journal
    return plan
  }

  at(name: string): number | undefined {
    return this.rules.find((rule) => rule.name === name)?.priority
  }

  deny(machine: ResourceId = WEB): SecurityRule | undefined {
    const to = addressesOf(machine)[0]
    return this.rules.find(
      (rule) =>
        isOwned(rule) &&
        rule.access === 'Deny' &&
        rule.destinations.some((a) => a !== '*' && 'bits' in a && a.bits === to?.bits),
    )
  }

  allows(): readonly SecurityRule[] {
    return this.rules.filter((rule) => isOwned(rule) && rule.access === 'Allow')
  }

  letIn(from: string, port: number, to = '10.0.0.4'): string {
    return effective(this.rules, packet(from, port, to)).letIn
  }

  edit(name: string, change: (rule: SecurityRule) => SecurityRule | undefined): void {
    this.rules = this.rules.flatMap((rule) => (rule.name === name ? (change(rule) ?? []) : [rule]))
    this.version += 1
  }

  add(rule: SecurityRule): void {
    this.rules = [...this.rules, rule]
    this.version += 1
  }
}

function packet(from: string, port: number, to: string): Packet {
  return { origin: 'internet', source: ip(from), sourcePort: 40_000, destination: ip(to), port, protocol: 'TCP' }
}

const written = (rules: readonly SecurityRule[]): unknown => rules.map((rule) => rule.written)

describe('where the deny rule lands', () => {
  it('takes 4096 in a group without other rules, and the next machine takes 4095', () => {
    const group = new Group()
    group.pass({ shields: [aShield(WEB, 22, 3389), aShield(DB, 22)] })
    expect(new Set([group.deny(WEB)?.priority, group.deny(DB)?.priority])).toEqual(new Set([4095, 4096]))
  })

  it('takes the place of a rule that opens the port to everybody, which moves down by one with its neighbours', () => {
    const group = new Group(
      aRule('ssh'),
      aRule('next', { priority: 1001, ports: '80' }),
      aRule('far', { priority: 1003, ports: '81' }),
    )
    group.pass({ shields: [aShield(WEB, 22)] })
    expect([group.deny()?.priority, group.at('ssh'), group.at('next'), group.at('far')]).toEqual([
      1000, 1001, 1002, 1003,
    ])
    expect(group.letIn('198.51.100.1', 22)).toBe('no')
    expect(group.letIn('198.51.100.1', 22, '10.0.0.99')).toBe('yes')
  })

  it('gives several machines their own numbers above the same rule', () => {
    const group = new Group(aRule('ssh'))
    group.pass({ shields: [aShield(WEB, 22)] })
    group.pass({ shields: [aShield(WEB, 22), aShield(DB, 22)] })
    expect([group.deny(WEB)?.priority, group.deny(DB)?.priority, group.at('ssh')]).toEqual([1000, 1001, 1002])
  })

  it.each(['*', '0.0.0.0/0', 'Internet', 'internet', '::/0', 'Any'])('counts a source of %s as everybody', (from) => {
    const group = new Group(aRule('ssh', { from }))
    group.pass({ shields: [aShield(WEB, 22)] })
    expect(group.deny()?.priority).toBe(1000)
  })

  it('leaves narrower rules above it, so that they keep working', () => {
    const group = new Group(aRule('office', { priority: 1002, from: '198.51.100.0/24' }))
    group.pass({ shields: [aShield(WEB, 22)] })
    expect(group.deny()?.priority).toBe(4096)
    expect(group.letIn('198.51.100.9', 22)).toBe('yes')
    expect(group.letIn('203.0.113.9', 22)).toBe('no')
  })

  it('moves a narrower rule up when it holds the last number', () => {
    const group = new Group(aRule('office', { priority: 4096, from: '198.51.100.0/24' }))
    group.pass({ shields: [aShield(WEB, 22)] })
    expect([group.at('office'), group.deny()?.priority]).toEqual([4095, 4096])
    group.pass({})
    expect(group.at('office')).toBe(4096)
  })

  it('makes another deny rule yield, and no further rule of others, when a narrower rule moves up', () => {
    const rules = [
      aRule('office', { priority: 4094, from: '198.51.100.0/24', ports: '3000-4000' }),
      aRule('network', { priority: 4096, from: 'VirtualNetwork', ports: '3000-4000' }),
    ]
    const group = new Group(...rules)
    group.pass({ shields: [aShield(WEB, 3389)] })
    group.pass({ shields: [aShield(WEB, 22), aShield(DB, 22, 3389)] })
    expect([group.deny(WEB)?.priority, group.at('office'), group.at('network'), group.deny(DB)?.priority]).toEqual([
      4093, 4094, 4095, 4096,
    ])
    group.pass({})
    expect([written(group.rules), group.journal]).toEqual([written(rules), []])
  })

  it('says which narrower rules beneath the deny rule stop working', () => {
    const group = new Group(aRule('everybody'), aRule('office', { priority: 2000, from: '198.51.100.0/24' }))
    const plan = group.pass({ shields: [aShield(WEB, 22)] })
    expect(plan.steps.map(({ text }) => text).join()).toContain("beneath it 'everybody', 'office' let nobody in")
  })

  it('leaves room for holes when the rule for everybody holds the first number', () => {
    const group = new Group(aRule('ssh', { priority: 100 }))
    group.pass({ shields: [aShield(WEB, 22)], holes: holes({}) })
    expect(group.letIn('203.0.113.7', 22)).toBe('yes')
    expect(group.letIn('203.0.113.8', 22)).toBe('no')
    group.pass({})
    expect(group.at('ssh')).toBe(100)
  })
})

describe('names and texts', () => {
  it('follow the original, fit its limit and name the end', () => {
    const group = new Group()
    group.pass({ shields: [{ ...aShield(WEB, 22), policy: 'p'.repeat(50) }], holes: holes({}) })
    const [allow] = group.allows()
    expect(group.deny()?.name).toMatch(/^MicrosoftDefenderForCloud-JITRule_-?\d+_[0-9A-F]{32}$/)
    expect(allow?.name).toMatch(/^MicrosoftDefenderForCloud-JITRule--?\d+-[0-9A-F]{32}$/)
    expect(allow?.description).toMatch(/^MDC JIT Network Access rule .* until=2026-01-31T18:00:00Z\]$/)
    for (const rule of group.rules) expect(rule.description.length).toBeLessThanOrEqual(140)
    expect(allow?.priority).toBe(100)
  })

  it("leave the original's own rules alone: they carry neither our mark nor our check digits", () => {
    const theirs = aRule('SecurityCenter-JITRule-1105480617-0123456789ABCDEF0123456789ABCDEF', { from: '192.0.2.1' })
    expect(isOwned(theirs)).toBe(false)
  })

  it('are known as ours even when somebody empties the description', () => {
    const group = new Group()
    group.pass({ shields: [aShield(WEB, 22)], holes: holes({}) })
    for (const rule of group.rules) expect(isOwned({ ...rule, description: '' })).toBe(true)
  })
})

describe('holes', () => {
  it('open, extend and close by one rule each', () => {
    const group = new Group()
    const shields = [aShield(WEB, 22)]
    expect(group.pass({ shields, holes: holes({}) }).steps.map(({ kind }) => kind)).toEqual(['protect', 'open'])
    expect(group.pass({ shields, holes: holes({ until: END + HOUR }) }).steps.map(({ kind }) => kind)).toEqual([
      'extend',
    ])
    expect(group.pass({ shields }).steps.map(({ kind }) => kind)).toEqual(['close'])
  })

  it('are held only when observed, and lingering until they are gone', () => {
    const group = new Group()
    const desired = { shields: [aShield(WEB, 22)], holes: holes({}) }
    expect([...group.plan(desired).held]).toEqual([])
    group.pass(desired)
    expect([...group.plan(desired).held]).toEqual(desired.holes.map(({ key }) => key))
    const slot = slotOf(resourceKey(WEB), 22, source('203.0.113.7'))
    expect([...group.plan({ shields: desired.shields }).lingering]).toEqual([slot])
    expect([...group.plan({ shields: desired.shields }, { scope: new Set() }).lingering]).toEqual([])
  })

  it('are not held while a rule denies them first, be it our own that somebody moved up, or another', () => {
    const desired = { shields: [aShield(WEB, 22)], holes: holes({}) }
    const moved = new Group()
    moved.pass(desired, { band: { first: 200, last: 300 } })
    moved.edit(moved.deny()?.name ?? '', (rule) => withPriority(rule, 150))
    expect([...moved.plan(desired, { band: { first: 200, last: 300 } }).held]).toEqual([])
    const added = new Group()
    added.pass(desired, { band: { first: 200, last: 300 } })
    added.add(aRule('fortress', { priority: 100, access: 'Deny' }))
    expect([...added.plan(desired, { band: { first: 200, last: 300 } }).held]).toEqual([])
  })

  it('outside the scope are left alone', () => {
    const group = new Group()
    const shields = [aShield(WEB, 22)]
    group.pass({ shields, holes: holes({}, { from: '203.0.113.8' }) })
    const scope = new Set([slotOf(resourceKey(WEB), 22, source('203.0.113.7'))])
    expect(group.pass({ shields }, { scope }).steps.map(({ kind }) => kind)).toEqual(['close'])
    expect(group.letIn('203.0.113.8', 22)).toBe('yes')
  })

  it('beyond the band are refused one by one, and the others open', () => {
    const group = new Group()
    const wanted = holes(...Array.from({ length: 5 }, (_, index) => ({ from: `203.0.113.${index}` })))
    const plan = group.pass({ shields: [aShield(WEB, 22)], holes: wanted }, { band: { first: 100, last: 102 } })
    expect([plan.impossible.size, group.allows().length]).toEqual([2, 3])
    expect([...plan.impossible.values()][0]?.code).toBe('NoFreePriority')
  })

  it('beyond what a group can carry are refused', () => {
    const group = new Group()
    const plan = group.pass({ shields: [aShield(WEB, 22)], holes: holes({}, { from: '203.0.113.8' }) }, { limit: 2 })
    expect([plan.impossible.size, group.allows().length]).toEqual([1, 1])
  })

  it('that another rule denies first are refused, naming that rule', () => {
    const group = new Group(aRule('fortress', { priority: 100, access: 'Deny' }))
    const plan = group.pass({ shields: [aShield(WEB, 22)], holes: holes({}) })
    expect([...plan.impossible.values()][0]?.message).toContain("'fortress' at 100")
    expect([...plan.held]).toEqual([])
  })

  it('from IPv6 are refused on a machine without an IPv6 address', () => {
    const plan = new Group().pass({ shields: [aShield(WEB, 22)], holes: holes({ from: '2001:db8::7' }) })
    expect([...plan.impossible.values()][0]?.code).toBe('NoPrivateAddressOfFamily')
  })

  it('a machine that cannot be protected is named, and nothing pretends otherwise', () => {
    const plan = new Group(aRule('a', { ports: '80' })).plan({ shields: [aShield(WEB, 22)] }, { limit: 1 })
    expect(plan.unprotected.map(({ code }) => code)).toEqual(['TooManyRules'])
    expect(plan.steps).not.toEqual([])
  })
})

describe('other people', () => {
  it('who delete or change a rule of ours find it repaired', () => {
    const group = new Group()
    const desired = { shields: [aShield(WEB, 22)], holes: holes({}) }
    group.pass(desired)
    group.edit(group.deny()?.name ?? '', () => undefined)
    group.edit(group.allows()[0]?.name ?? '', (rule) => ({ ...rule, sources: ['*'] }))
    expect(group.pass(desired).steps.map(({ kind }) => kind)).toEqual(['repair', 'repair'])
  })

  it('who open the port to everybody above the deny rule are displaced again, and restored in the end', () => {
    const group = new Group(aRule('ssh'))
    group.pass({ shields: [aShield(WEB, 22)] })
    group.add(aRule('mine', { priority: 500 }))
    group.pass({ shields: [aShield(WEB, 22)] })
    expect([group.deny()?.priority, group.at('mine'), group.at('ssh')]).toEqual([500, 501, 1000])
    group.pass({})
    expect([group.at('mine'), group.at('ssh'), group.journal]).toEqual([500, 1000, []])
  })

  it('who edit a moved rule keep their edit; only its number is restored', () => {
    const group = new Group(aRule('ssh'))
    group.pass({ shields: [aShield(WEB, 22)] })
    group.edit('ssh', (rule) => withPriority(aRule('ssh', { ports: '22-23' }), rule.priority))
    group.pass({ shields: [aShield(WEB, 22)] })
    group.pass({})
    expect(written(group.rules)).toEqual(written([aRule('ssh', { ports: '22-23' })]))
  })

  it('who renumber a moved rule are obeyed', () => {
    const group = new Group(aRule('ssh'))
    group.pass({ shields: [aShield(WEB, 22)] })
    group.edit('ssh', (rule) => withPriority(rule, 3000))
    group.pass({ shields: [aShield(WEB, 22)] })
    group.pass({})
    expect(group.at('ssh')).toBe(3000)
  })

  it('who take the number of a moved rule keep it; the rule comes as near as it can, in the order they saw', () => {
    const group = new Group(aRule('ssh', { priority: 100 }))
    group.pass({ shields: [aShield(WEB, 22)] })
    group.add(aRule('taken', { priority: 100, ports: '80' }))
    group.pass({})
    expect([group.at('taken'), group.at('ssh'), group.journal]).toEqual([100, 101, []])
  })
})

describe('a lost answer', () => {
  it('does not make us forget where a rule stood: the late change can no longer arrive', () => {
    const group = new Group(aRule('ssh'))
    const late = group.plan({ shields: [aShield(WEB, 22)] })
    group.journal = late.journal
    const base = group.version
    const plan = group.pass({})
    expect(plan.changes).toEqual([{ kind: 'touch' }])
    expect([group.journal, group.version > base]).toEqual([[], true])
  })

  it('of a change that did arrive leaves nothing to do but remember', () => {
    const group = new Group(aRule('ssh'))
    const plan = group.plan({ shields: [aShield(WEB, 22)] })
    group.journal = plan.journal
    group.apply(plan)
    expect(group.pass({ shields: [aShield(WEB, 22)] }).changes).toEqual([])
    group.pass({})
    expect(written(group.rules)).toEqual(written([aRule('ssh')]))
  })
})

// ── Properties ─────────────────────────────────────────────────────────────────────────────────────────────────────

const SOURCES = [
  '*',
  '0.0.0.0/0',
  'Internet',
  '198.51.100.0/24',
  '203.0.113.7',
  '203.0.113.0/29',
  '2001:db8::/32',
  'VirtualNetwork',
]
const DESTINATIONS = ['*', '10.0.0.4', '10.0.0.5', '10.0.0.0/24', '10.0.0.9', 'VirtualNetwork']
const PORTS = ['22', '3389', '80', '*', '20-25', '3000-4000']

const foreignRules = (lowest: number): fc.Arbitrary<SecurityRule[]> =>
  fc
    .uniqueArray(
      fc.record({
        priority: fc.oneof(
          fc.integer({ min: lowest, max: lowest + 8 }),
          fc.integer({ min: 4088, max: 4096 }),
          fc.integer({ min: lowest, max: 4096 }),
        ),
        access: fc.constantFrom('Allow', 'Allow', 'Deny'),
        from: fc.constantFrom(...SOURCES),
        to: fc.constantFrom(...DESTINATIONS),
        ports: fc.constantFrom(...PORTS),
        protocol: fc.constantFrom('Tcp', '*', 'Udp', 'Icmp'),
      }),
      { selector: ({ priority }) => priority, maxLength: 14 },
    )
    .map((texts) => texts.map((text, index) => aRule(`rule-${index}`, text)))

const shieldsOf = fc.subarray([aShield(WEB, 22), aShield(WEB, 3389), aShield(DB, 22, 3389)])
const holesOf = fc
  .array(
    fc.record({
      machine: fc.constantFrom(WEB, DB),
      port: fc.constantFrom(22, 3389),
      from: fc.constantFrom('203.0.113.7', '203.0.113.0/29', '*', '192.0.2.0/24'),
      until: fc.integer({ min: NOW, max: END }),
    }),
    { maxLength: 6 },
  )
  .map((texts) => holes(...texts))
const packets = fc.record({
  from: fc.constantFrom('198.51.100.9', '203.0.113.7', '203.0.113.9', '192.0.2.1', '2001:db8::1'),
  port: fc.constantFrom(22, 3389, 80, 23, 3500),
  to: fc.constantFrom('10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.9'),
})

function machineAt(address: string): ResourceId | undefined {
  const { bits } = ip(address)
  return [...MACHINES.values()].find(({ id }) => addressesOf(id).some((own) => own.bits === bits))?.id
}

/** The specification, said another way: what is judged before the topmost rule for everybody still counts. */
function expected(
  rules: readonly SecurityRule[],
  desired: Desired,
  { from, port, to }: { from: string; port: number; to: string },
): string {
  const machine = machineAt(to)
  const ports = desired.shields
    .filter((shield) => shield.machine === machine)
    .flatMap((shield) => shield.ports.map(({ number }) => number))
  if (machine === undefined || !ports.includes(port)) return effective(rules, packet(from, port, to)).letIn
  const inHole = desired.holes.some(
    (hole) =>
      hole.machine === machine &&
      hole.port === port &&
      (hole.source === '*' ||
        (hole.source.family === 4 &&
          from.includes('.') &&
          effective(
            [
              aRule('x', {
                from: `${hole.source.bits >> 24n}.${(hole.source.bits >> 16n) & 255n}.${(hole.source.bits >> 8n) & 255n}.${hole.source.bits & 255n}/${hole.source.length}`,
                ports: '*',
              }),
            ],
            packet(from, port, to),
          ).letIn === 'yes')),
  )
  if (inHole) return 'yes'
  const addresses = addressesOf(machine)
  const inOrder = [...rules].sort((a, b) => a.priority - b.priority)
  const broad = inOrder.findIndex(
    (rule) => rule.access === 'Allow' && admitsEverybody(rule.sources) && concerns(rule, { addresses }, ports),
  )
  const before = broad < 0 ? inOrder : inOrder.slice(0, broad)
  return effective(before, packet(from, port, to)).letIn
}

describe('a machine with several NICs', () => {
  const ASG = '/subscriptions/s/resourcegroups/rg/providers/microsoft.network/applicationsecuritygroups/web'
  const nic = (name: string, addresses: readonly string[], groups: readonly string[] = []): GuardedNic => ({
    name,
    addresses: addresses.map(ip),
    groups: new Set(groups),
  })
  const behind = (...nics: readonly GuardedNic[]): Partial<RulesInput> => ({
    machines: new Map([[resourceKey(WEB), { id: WEB, nics }]]),
  })
  const denies = (group: Group): SecurityRule[] => group.rules.filter((rule) => isOwned(rule) && rule.access === 'Deny')

  it('gets one deny rule for each NIC and address family, all with the same number in their names', () => {
    const group = new Group()
    group.pass({ shields: [aShield(WEB, 22, 3389)] }, behind(nic('a', ['10.0.0.4', 'fd00::4']), nic('b', ['10.1.0.4'])))
    const found = denies(group).map(({ destinations }) => destinations.map(formatRuleAddress).join())
    expect(found.toSorted()).toEqual(['10.0.0.4', '10.1.0.4', 'fd00::4'])
    expect(new Set(denies(group).map(({ name }) => name.split('_')[1])).size).toBe(1)
  })

  it('opens a hole for everybody once in each address family, above every deny rule of it', () => {
    const machines = behind(nic('a', ['10.0.0.4', 'fd00::4']))
    const group = new Group(aRule('ssh'))
    const wants = { shields: [aShield(WEB, 22)], holes: holes({ from: '*' }) }
    const plan = group.pass(wants, machines)
    expect(group.allows().map(({ destinations }) => destinations.map(formatRuleAddress).join())).toEqual([
      '10.0.0.4',
      'fd00::4',
    ])
    expect(group.plan(wants, machines).held.size).toBe(1)
    expect(plan.impossible.size).toBe(0)
    group.pass({ shields: [aShield(WEB, 22)] }, machines)
    expect([group.allows(), group.letIn('198.51.100.1', 22)]).toEqual([[], 'no'])
  })

  it('is only protected from a rule for everybody on the NIC that is in its application security group', () => {
    const open = (id: string): SecurityRule => {
      const { written: arm } = aRule('web', { priority: 500 })
      const properties = {
        ...arm.properties,
        destinationAddressPrefix: '',
        destinationApplicationSecurityGroups: [{ id }],
      }
      return readRule({ ...arm, properties })
    }
    const group = new Group(open(ASG.toUpperCase()))
    group.pass({ shields: [aShield(WEB, 22)] }, behind(nic('a', ['10.0.0.4'], [ASG]), nic('b', ['10.1.0.4'])))
    const at = (to: string): number | undefined =>
      denies(group).find(({ destinations }) => destinations.map(formatRuleAddress).join() === to)?.priority
    expect([at('10.0.0.4'), group.at('web'), at('10.1.0.4')]).toEqual([500, 501, 4096])
  })

  it('is opened above a rule that denies the internet', () => {
    const group = new Group(aRule('no internet', { priority: 200, access: 'Deny', from: 'Internet', ports: '*' }))
    group.pass({ shields: [aShield(WEB, 22)], holes: holes({ from: '198.51.100.7' }) })
    expect(group.letIn('198.51.100.7', 22)).toBe('yes')
    expect(group.allows()[0]?.priority).toBeLessThan(200)
  })

  it('behind something that translates addresses is opened for that, and shut again for a scope of the one who asked', () => {
    const machines = {
      machines: new Map([
        [resourceKey(WEB), { id: WEB, nics: [nic('a', ['10.0.0.4'])], seenFrom: [ip('10.9.0.0/26')] }],
      ]),
    }
    const group = new Group()
    const two = holes({}, { from: '203.0.113.8', grant: 'g2' })
    group.pass({ shields: [aShield(WEB, 22)], holes: two }, machines)
    expect(group.allows().map(({ sources }) => sources.map(formatRuleAddress).join())).toEqual([
      '10.9.0.0/26',
      '10.9.0.0/26',
    ])
    const scope = new Set([slotOf(resourceKey(WEB), 22, source('203.0.113.8'))])
    group.pass({ shields: [aShield(WEB, 22)] }, { ...machines, scope })
    expect(group.allows()).toHaveLength(1)
    group.pass({ shields: [aShield(WEB, 22)] }, machines)
    expect(group.allows()).toEqual([])
  })
})

describe('the bands for our rules', () => {
  const bands = { band: { first: 200, last: 201 }, denyBand: { first: 3000, last: 3001 } }

  it('hold every allow and deny rule, and what does not fit is refused and named', () => {
    const group = new Group()
    const wants = {
      shields: [aShield(WEB, 22)],
      holes: holes({}, { from: '203.0.113.8', grant: 'g2' }, { from: '203.0.113.9', grant: 'g3' }),
    }
    const plan = group.pass(wants, bands)
    expect(group.deny()?.priority).toBe(3001)
    expect(group.allows().map(({ priority }) => priority)).toEqual([200, 201])
    expect([...plan.impossible.values()].map(({ message }) => message)).toEqual([
      expect.stringContaining('no priority from 200 to 201 is free'),
    ])
  })

  it('leave a machine unprotected, loudly, when the band for deny rules is full', () => {
    const full = [3000, 3001].map((priority) => aRule(`r${priority}`, { priority, ports: '80' }))
    const plan = new Group(...full).plan({ shields: [aShield(WEB, 22)] }, bands)
    expect(plan.unprotected.map(({ message }) => message)).toEqual([expect.stringContaining('cannot be protected')])
  })

  it('push a rule for everybody beneath the deny rule, wherever it stood', () => {
    const group = new Group(aRule('ssh', { priority: 300 }))
    group.pass({ shields: [aShield(WEB, 22)] }, bands)
    expect([group.deny()?.priority, group.at('ssh')]).toEqual([3000, 3001])
    group.pass({}, bands)
    expect(group.at('ssh')).toBe(300)
  })
})

describe('for any rules, policies and holes', () => {
  it('a packet to a protected port is let in exactly when a hole or an earlier rule admits it; all else is as before', () => {
    fc.assert(
      fc.property(
        foreignRules(300),
        shieldsOf,
        holesOf,
        fc.array(packets, { minLength: 30, maxLength: 30 }),
        (rules, shields, allHoles, probes) => {
          const isShielded = (machine: ResourceId, port: number): boolean =>
            shields.some((shield) => shield.machine === machine && shield.ports.some(({ number }) => number === port))
          const desired = { shields, holes: allHoles.filter((hole) => isShielded(hole.machine, hole.port)) }
          const group = new Group(...rules)
          const plan = group.pass(desired)
          expect(plan.impossible.size).toBe(0)
          for (const probe of probes)
            expect([probe, group.letIn(probe.from, probe.port, probe.to)]).toEqual([
              probe,
              expected(rules, desired, probe),
            ])
        },
      ),
      { numRuns: 600 },
    )
  })

  it('enable, request, expire, disable, with crashes at every place, ends in exactly the state before', () => {
    const acts = fc.array(
      fc.record({ shields: shieldsOf, holes: holesOf, how: fc.constantFrom('pass', 'crash before', 'crash after') }),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(foreignRules(100), acts, (rules, wishes) => {
        const group = new Group(...rules)
        for (const { how, ...desired } of wishes) {
          if (how === 'pass') group.pass(desired)
          else {
            const plan = group.plan(desired)
            group.journal = plan.journal
            if (how === 'crash after' && plan.changes.length > 0) group.apply(plan)
          }
        }
        group.pass({})
        expect(written(group.rules)).toEqual(written(rules))
        expect(group.journal).toEqual([])
      }),
      { numRuns: 600 },
    )
  })

  it('the order of foreign rules among themselves never changes', () => {
    fc.assert(
      fc.property(foreignRules(100), shieldsOf, holesOf, (rules, shields, allHoles) => {
        const order = (all: readonly SecurityRule[]): string[] =>
          all
            .filter((rule) => !isOwned(rule))
            .sort((a, b) => a.priority - b.priority)
            .map(({ name }) => name)
        const group = new Group(...rules)
        group.pass({ shields, holes: allHoles })
        expect(order(group.rules)).toEqual(order(rules))
        expect(new Set(group.rules.map(({ priority }) => priority)).size).toBe(group.rules.length)
      }),
      { numRuns: 300 },
    )
  })
})
