/**
 * The one judgement on a request for access: preview and execution both call it, so that no screen promises what the
 * server refuses.
 */
import type { App } from '../app.ts'
import { authorize, checkPlans } from '../identity/authorize.ts'
import { knowHosts } from '../hosts/know-hosts.ts'
import type { Caller } from '../ports/caller.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import type { Reads } from '../ports/store.ts'
import { storedPolicyBody } from '../policies/stored-policy-body.ts'
import { ok, refusal, refused, withFacts, type Refusal, type Result } from '../../domain/refusal.ts'
import { decide, type AccessRequestInput, type Allowed } from '../../domain/access/request.ts'
import { needsOf } from '../../domain/roles/required-actions.ts'
import {
  parseResourceId,
  resourceKey,
  resourceName,
  type ResourceId,
  type ResourceKey,
} from '../../domain/resource-id.ts'
import { formatDuration, MINUTE, type Instant } from '../../domain/time.ts'

export interface RequestAccessInput {
  readonly policy: ResourceKey
  /** As the caller wrote it, for the sentences. */
  readonly policyId: string
  readonly body: AccessRequestInput
  readonly caller: Caller
}

export interface Judged {
  readonly policy: StoredPolicy
  readonly allowed: readonly Allowed[]
}

/**
 * At the policy and at every machine that is named; what is no id of a machine is judged later. Before the transaction,
 * which waits for nothing but itself.
 */
export async function authorizeRequest(
  app: Pick<App, 'access' | 'inventory' | 'hosts'>,
  { policyId, body, caller }: RequestAccessInput,
): Promise<readonly Refusal[]> {
  const policy = parseResourceId(policyId)
  if (!policy.ok) return policy.refusals
  const machines = body.virtualMachines.flatMap(({ id }) => {
    const parsed = parseResourceId(id)
    return parsed.ok ? [parsed.value] : []
  })
  const denied = await authorize(app, caller, needsOf('request', policy.value, machines))
  if (denied.length === 0) await knowHosts(app, machines)
  return denied.length > 0 ? denied : checkPlans(app, [policy.value, ...machines])
}

export async function judgeRequest(
  app: Pick<App, 'inventory' | 'settings' | 'driverOf'>,
  reads: Pick<Reads, 'policy'>,
  input: RequestAccessInput,
  now: Instant,
): Promise<Result<Judged>> {
  const policy = await reads.policy(input.policy)
  if (policy === undefined) return refused(refusal('PolicyNotFound', `there is no policy '${input.policyId}'`))
  const decided = decide(storedPolicyBody(policy), input.body, {
    now,
    callerAddress: input.caller.address,
    ipv6: app.settings.ipv6,
  })
  if (!decided.ok) return decided
  const unreachable = decided.value.flatMap((allowed) => [
    ...issuesOfMachine(app, allowed.machine),
    ...issuesOfTime(app, allowed, now),
  ])
  return unreachable.length > 0 ? refused(...unreachable) : ok({ policy, allowed: decided.value })
}

/** What takes minutes to open and to shut leaves nothing of a request that is over by then. */
function issuesOfTime(
  { inventory, driverOf }: Pick<App, 'inventory' | 'driverOf'>,
  { machine, until }: Allowed,
  now: Instant,
): Refusal[] {
  const points = inventory.find(resourceKey(machine))?.points ?? []
  const lead = Math.max(0, ...points.map((point) => driverOf(point)?.traitsOf?.(point).lead ?? 0))
  const least = Math.ceil((2 * lead) / MINUTE) * MINUTE
  if (until - now > 2 * lead) return []
  const asked = formatDuration(until - now)
  const message = `${resourceName(machine)} is behind a firewall that takes minutes to open and to shut: access there lasts longer than ${formatDuration(least)}; you asked for ${asked}`
  const facts = { machine: resourceName(machine), least: formatDuration(least), asked }
  return [withFacts(refusal('DurationTooShortForFirewall', message), facts)]
}

/** A machine may have gone, or lost what enforced its rules, since the policy was written. */
export function issuesOfMachine(app: Pick<App, 'inventory'>, id: ResourceId): Refusal[] {
  const machine = app.inventory.find(resourceKey(id))
  const name = { machine: resourceName(id) }
  if (machine === undefined) return [withFacts(refusal('MachineNotFound', `${id} no longer exists`), name)]
  if (machine.unsupported !== undefined) return [machine.unsupported]
  const unguarded = refusal('MachineUnsupported', `nothing enforces rules for ${id}`)
  return machine.points.length > 0 ? [] : [withFacts(unguarded, name)]
}
