/**
 * The one judgement on a policy that somebody wants to write: parsed, its machines known and able to be protected,
 * nobody's own connection cut, and no limit of an enforcement point passed. Planning and writing both call it.
 */
import type { App } from '../app.ts'
import { authorize, checkPlans } from '../identity/authorize.ts'
import { foreseeMisfits } from './foresee-misfits.ts'
import { knowHosts } from '../hosts/know-hosts.ts'
import type { Caller } from '../ports/caller.ts'
import type { PointId } from '../ports/inventory.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import { storedPolicyBody } from './stored-policy-body.ts'
import {
  machineIn,
  parsePolicy,
  type PolicyBody,
  type PolicyMachine,
  type PolicyMachineInput,
  type PolicySelectorInput,
} from '../../domain/policy/policy.ts'
import { selectorsText } from '../../domain/policy/choose-machines.ts'
import type { Grant } from '../../domain/access/grant.ts'
import { refusalOfClaim, type Claim } from '../../domain/policy/ownership.ts'
import { ok, quoted, refusal, refused, withFacts, type Refusal, type Result } from '../../domain/refusal.ts'
import { needsOf } from '../../domain/roles/required-actions.ts'
import {
  parseResourceId,
  resourceKey,
  resourceName,
  type ResourceId,
  type ResourceKey,
} from '../../domain/resource-id.ts'
import { isSamePolicy } from '../../domain/policy/same-policy.ts'

/** As written in the URL; compared without case, echoed as first written. */
export interface PolicyAddress {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly location: string
  readonly name: string
}

export interface PolicyInput {
  readonly address: PolicyAddress
  readonly kind: string
  /** As somebody wrote them, perhaps with those that were chosen before. */
  readonly machines: readonly PolicyMachineInput[]
  /** What chooses machines by their labels; without it, whatever the policy has. */
  readonly selectors?: readonly PolicySelectorInput[]
  /** True when labels changed and not the policy: it only follows. */
  readonly follows?: true
  readonly caller: Caller
  /** Protect even what carries the caller's own connection. */
  readonly force: boolean
  /** The ETag the caller last saw, or `*`; without it the last write wins, as in the original. */
  readonly ifMatch?: string
  /** `*`: only if there is no such policy yet. */
  readonly ifNoneMatch?: string
  /** The code that writes; without it, a person or a client that says nothing of itself. */
  readonly claim?: Claim
}

export function policyId({ subscriptionId, resourceGroup, location, name }: PolicyAddress): Result<ResourceId> {
  return parseResourceId(
    `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/${name}`,
  )
}

const POLICY_ID =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Security\/locations\/([^/]+)\/jitNetworkAccessPolicies\/([^/]+)$/i

export function policyAddress(id: string): Result<PolicyAddress> {
  const [, subscriptionId, resourceGroup, location, name] = POLICY_ID.exec(id) ?? []
  if (subscriptionId === undefined || resourceGroup === undefined || location === undefined || name === undefined) {
    const form =
      '/subscriptions/…/resourceGroups/…/providers/Microsoft.Security/locations/…/jitNetworkAccessPolicies/NAME'
    return refused(refusal('InvalidResourceId', `${quoted(id)} is not the id of a policy: ${form}`, 'id'))
  }
  return ok({ subscriptionId, resourceGroup, location, name })
}

/** At the policy and at every machine that it names; what is no id of a machine is judged later. */
export async function authorizePolicy(app: App, input: PolicyInput, id: ResourceId): Promise<readonly Refusal[]> {
  const machines = input.machines.flatMap((machine) => {
    const parsed = parseResourceId(machine.id)
    return parsed.ok ? [parsed.value] : []
  })
  const denied = await authorize(app, input.caller, needsOf('configure', id, machines))
  if (denied.length === 0) await knowHosts(app, machines)
  return denied.length > 0 ? denied : checkPlans(app, [id, ...machines])
}

export async function judgePolicy(
  app: App,
  input: PolicyInput,
  existing: StoredPolicy | undefined,
): Promise<Result<PolicyBody>> {
  const parsed = parsePolicy(input.address.name, input.machines, input.selectors)
  if (!parsed.ok) return parsed
  const elsewhere = refusalOfClaim(existing ?? {}, input.claim)
  if (elsewhere !== undefined) return refused(elsewhere)
  const issues = parsed.value.machines.flatMap((machine, index) => [
    ...issuesOfMachine(app, machine, existing, index),
    ...issuesOfEnds(app, machine, index),
  ])
  if (issues.length > 0) return refused(...issues)
  const cuts = input.force ? [] : await preflight(app, parsed.value, input.caller)
  if (cuts.length > 0) return refused(...cuts)
  const id = policyId(input.address)
  if (!id.ok) return id
  const points = parsed.value.machines.flatMap(({ key }) => pointsOf(app, key))
  const misfits = await foreseeMisfits(app, proposedPolicy(input, id.value, existing), points)
  return misfits.length > 0 ? refused(...misfits) : ok(parsed.value)
}

/** Only what shields are made from matters here; it is never stored. */
export function proposedPolicy(input: PolicyInput, id: ResourceId, existing: StoredPolicy | undefined): StoredPolicy {
  const { address, kind, machines, selectors = [] } = input
  const times = { createdAt: 0, updatedAt: 0, version: 0, uid: existing?.uid ?? '' }
  const named = { name: existing?.name ?? address.name, machines, ...selectorsOf(selectors) }
  return { ...address, ...times, ...named, id, key: resourceKey(id), kind }
}

/** A machine that is gone may stay in a policy that names it already: the others can still be edited. */
function issuesOfMachine(
  app: App,
  { id, key }: PolicyMachine,
  existing: StoredPolicy | undefined,
  index: number,
): Refusal[] {
  const target = `properties.virtualMachines[${index}].id`
  const machine = app.inventory.find(key)
  if (machine === undefined) {
    return keysOf(existing).has(key)
      ? []
      : [
          withFacts(
            refusal('MachineNotFound', `there is no machine '${id}'; list them with: sallyport machine list`, target),
            { machine: resourceName(id) },
          ),
        ]
  }
  // A host that is not trusted any more stays protected, and so stays in its policies.
  const stays = machine.points.length > 0 && keysOf(existing).has(key)
  if (machine.unsupported !== undefined && !stays) return [{ ...machine.unsupported, target }]
  const unguarded = refusal('MachineUnsupported', `nothing enforces rules for ${id}`, target)
  return machine.points.length > 0 ? [] : [withFacts(unguarded, { machine: resourceName(id) })]
}

/** What nobody can tell of can neither be cut off nor warned of: whoever asks for it must not believe that it happens. */
function issuesOfEnds(app: App, { id, key, ports }: PolicyMachine, machine: number): Refusal[] {
  const kinds = pointsOf(app, key).flatMap((point) => {
    const driver = app.driverOf(point)
    return driver === undefined || driver.flowsAt !== undefined ? [] : [driver.kind]
  })
  const [kind] = kinds
  if (kind === undefined) return []
  return ports.flatMap(({ number, onExpiry }, port) => {
    if (onExpiry === 'keep') return []
    const message = `port ${number} says ${onExpiry}, and who is connected to ${id} is not told by ${kind}: only the kernel of a Linux host can; write keep, or leave it out`
    const target = `properties.virtualMachines[${machine}].ports[${port}].onExpiry`
    return [withFacts(refusal('ConnectionsNotTold', message, target), { port: number, machine: resourceName(id) })]
  })
}

/** A grant of a machine or port that is not in the policy (any more) is closed. */
export function covers(body: PolicyBody, grant: Grant): boolean {
  return machineIn(body, resourceKey(grant.machine))?.ports.some((rule) => rule.number === grant.port) === true
}

/** Whether a write of this body makes a difference to what the policy says. */
export function isChange(existing: StoredPolicy | undefined, input: PolicyInput, body: PolicyBody): boolean {
  if (existing === undefined || existing.kind !== input.kind) return true
  const selectors = [existing.selectors ?? [], input.selectors ?? []].map(selectorsText)
  return selectors[0] !== selectors[1] || !isSamePolicy(storedPolicyBody(existing), body)
}

/** None is the same as leaving them out. */
export function selectorsOf(selectors: readonly PolicySelectorInput[] = []): Pick<StoredPolicy, 'selectors'> {
  return selectors.length > 0 ? { selectors } : {}
}

export function keysOf(policy: Pick<StoredPolicy, 'machines'> | undefined): Set<ResourceKey> {
  return new Set(
    (policy?.machines ?? []).flatMap(({ id }) => {
      const parsed = parseResourceId(id)
      return parsed.ok ? [resourceKey(parsed.value)] : []
    }),
  )
}

async function preflight(app: App, policy: PolicyBody, caller: Caller): Promise<Refusal[]> {
  const asked = policy.machines.flatMap(({ key, ports }) =>
    pointsOf(app, key).map(
      async (point) => (await app.driverOf(point)?.preflight(point, { machine: key, ports }, caller)) ?? [],
    ),
  )
  return (await Promise.all(asked)).flat()
}

export function pointsOf(app: Pick<App, 'inventory'>, machine: ResourceKey): readonly PointId[] {
  return app.inventory.find(machine)?.points ?? []
}
