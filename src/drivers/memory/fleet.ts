/**
 * A fleet file: the machines of an imagined cloud, for development, conformance and load. Parsed to a fleet or to *all*
 * its issues, each with its place. A security group belongs to a resource group and may stand on many machines; whoever
 * repeats its rules must repeat them exactly.
 */
import { z } from 'zod'
import { parseIpPrefix, type IpPrefix } from '../../domain/net.ts'
import { ok, refusal, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { parseResourceId, partsOf, resourceKey, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'
import { parseSecurityRule, type SecurityRule } from '../../domain/security-groups/security-rule.ts'

export interface Fleet {
  readonly machines: readonly FleetMachine[]
  readonly groups: readonly FleetGroup[]
}

export interface FleetMachine {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly location: string
  readonly os: 'Linux' | 'Windows'
  readonly nics: readonly FleetNic[]
}

export interface FleetNic {
  readonly privateIp: IpPrefix
  readonly publicIp?: IpPrefix
  /** The security group's key. */
  readonly group?: ResourceKey
}

export interface FleetGroup {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly location: string
  readonly rules: readonly SecurityRule[]
}

// Members that are not ours are ignored: a fleet may be an export that says more than we need.
const nicShape = z.object({
  privateIp: z.string(),
  publicIp: z.string().nullish(),
  nsg: z.object({ name: z.string().min(1), securityRules: z.array(z.unknown()).nullish() }).nullish(),
})

const fleetShape = z.array(
  z.object({
    id: z.string(),
    location: z.string().min(1),
    os: z.enum(['Linux', 'Windows']),
    nics: z.array(nicShape),
  }),
)

type NicShape = z.infer<typeof nicShape>

/** Azure's documented limit of rules per network security group. */
const MOST_RULES = 1_000

export function parseFleet(input: unknown): Result<Fleet> {
  const shaped = fleetShape.safeParse(input)
  if (!shaped.success) return refused(...shaped.error.issues.map(issueOfShape))
  const gathering = new Gathering()
  for (const [index, machine] of shaped.data.entries()) gathering.addMachine(machine, `[${index}]`)
  return gathering.result()
}

function issueOfShape({ path, message }: z.core.$ZodIssue): Refusal {
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return refusal('InvalidFleet', `${place === '' ? 'the fleet' : place}: ${message}`, place)
}

interface Declared {
  readonly group: FleetGroup
  /** Where its rules were first written, and their text; undefined while it was only named. */
  readonly place: string
  readonly text: string | undefined
}

/** Has a life: what was read so far, against which the next machine is judged. */
class Gathering {
  readonly #machines = new Map<ResourceKey, FleetMachine>()
  readonly #groups = new Map<ResourceKey, Declared>()
  readonly #issues: Refusal[] = []

  addMachine(machine: z.infer<typeof fleetShape>[number], place: string): void {
    const id = parseResourceId(machine.id)
    if (!id.ok) return this.#refuse(`${place}.id`, id.refusals)
    const key = resourceKey(id.value)
    if (this.#machines.has(key)) return this.#refuse(`${place}.id`, [twice(machine.id)])
    const nics = machine.nics.flatMap((nic, index) =>
      this.#nic(nic, { id: id.value, location: machine.location, place: `${place}.nics[${index}]` }),
    )
    this.#machines.set(key, { id: id.value, key, location: machine.location, os: machine.os, nics })
  }

  result(): Result<Fleet> {
    if (this.#issues.length > 0) return refused(...this.#issues)
    return ok({ machines: [...this.#machines.values()], groups: [...this.#groups.values()].map(({ group }) => group) })
  }

  #nic(nic: NicShape, owner: { id: ResourceId; location: string; place: string }): FleetNic[] {
    const privateIp = this.#address(nic.privateIp, `${owner.place}.privateIp`)
    const publicIp = nic.publicIp == null ? undefined : this.#address(nic.publicIp, `${owner.place}.publicIp`)
    const group = nic.nsg == null ? undefined : this.#group(nic.nsg, { ...owner, place: `${owner.place}.nsg` })
    if (privateIp === undefined) return []
    return [{ privateIp, ...(publicIp === undefined ? {} : { publicIp }), ...(group === undefined ? {} : { group }) }]
  }

  #address(text: string, place: string): IpPrefix | undefined {
    const parsed = parseIpPrefix(text)
    if (!parsed.ok) this.#refuse(place, parsed.refusals)
    else if (!text.includes('/')) return parsed.value
    else this.#refuse(place, [refusal('InvalidFleet', `a NIC has one address; got the prefix '${text}'`)])
    return undefined
  }

  #group(
    nsg: NonNullable<NicShape['nsg']>,
    owner: { id: ResourceId; location: string; place: string },
  ): ResourceKey | undefined {
    const { subscriptionId, resourceGroup } = partsOf(owner.id)
    const id = parseResourceId(
      `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/networkSecurityGroups/${nsg.name}`,
    )
    if (!id.ok) {
      this.#refuse(`${owner.place}.name`, [
        refusal('InvalidFleet', `'${nsg.name}' is not a name for a network security group`),
      ])
      return undefined
    }
    this.#declare(id.value, nsg.securityRules ?? undefined, owner)
    return resourceKey(id.value)
  }

  #declare(
    id: ResourceId,
    rules: readonly unknown[] | undefined,
    { location, place }: { location: string; place: string },
  ): void {
    const key = resourceKey(id)
    const known = this.#groups.get(key)
    const text = rules === undefined ? undefined : JSON.stringify(rules)
    if (known !== undefined && (text === undefined || text === known.text)) return
    if (known?.text !== undefined) return this.#refuse(place, [conflict(id, known.place, place)])
    const parsed = (rules ?? []).map((rule, index) => parseSecurityRule(rule, `${place}.securityRules[${index}]`))
    for (const rule of parsed) if (!rule.ok) this.#issues.push(...rule.refusals)
    const good = parsed.flatMap((rule) => (rule.ok ? [rule.value] : []))
    this.#issues.push(...issuesOfSet(good, `${place}.securityRules`))
    this.#groups.set(key, { group: { id: known?.group.id ?? id, key, location, rules: good }, place, text })
  }

  #refuse(place: string, refusals: readonly Refusal[]): void {
    this.#issues.push(...refusals.map((reason) => ({ ...reason, target: place })))
  }
}

function issuesOfSet(rules: readonly SecurityRule[], place: string): Refusal[] {
  const issues: Refusal[] = []
  if (rules.length > MOST_RULES)
    issues.push(
      refusal('InvalidFleet', `a network security group has at most ${MOST_RULES} rules; got ${rules.length}`, place),
    )
  const names = new Set<string>()
  const priorities = new Map<string, string>()
  for (const rule of rules) {
    const name = rule.name.toLowerCase()
    if (names.has(name)) issues.push(refusal('InvalidFleet', `rule '${rule.name}' is listed twice`, place))
    names.add(name)
    const slot = `${rule.direction} ${rule.priority}`
    const holder = priorities.get(slot)
    if (holder !== undefined)
      issues.push(
        refusal('InvalidFleet', `rules '${holder}' and '${rule.name}' have the same priority ${rule.priority}`, place),
      )
    priorities.set(slot, rule.name)
  }
  return issues
}

function twice(id: string): Refusal {
  return refusal('InvalidFleet', `${id} is listed twice; list a machine once, with all its NICs`)
}

function conflict(id: ResourceId, first: string, second: string): Refusal {
  return refusal(
    'InvalidFleet',
    `${id} has other rules at ${first} than at ${second}; write them once, or the same both times`,
  )
}
