/**
 * The one judgement on a request for access: preview and execution both call it, so that no screen promises what the
 * server refuses.
 */
import type { App } from './app.ts'
import type { Caller, Reads, StoredPolicy } from './ports.ts'
import { parsePolicy } from '../domain/policy.ts'
import { ok, refusal, refused, type Refusal, type Result } from '../domain/refusal.ts'
import { decide, type AccessRequestInput, type Allowed } from '../domain/request.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../domain/resource-id.ts'
import type { Instant } from '../domain/time.ts'

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

export async function judgeRequest(
  app: Pick<App, 'inventory' | 'settings'>,
  reads: Pick<Reads, 'policy'>,
  input: RequestAccessInput,
  now: Instant,
): Promise<Result<Judged>> {
  const policy = await reads.policy(input.policy)
  if (policy === undefined) return refused(refusal('PolicyNotFound', `there is no policy '${input.policyId}'`))
  const body = parsePolicy(policy.name, policy.machines)
  if (!body.ok) throw new Error(`stored policy ${policy.id} does not parse`)
  const decided = decide(body.value, input.body, { now, callerAddress: input.caller.address, ipv6: app.settings.ipv6 })
  if (!decided.ok) return decided
  const unreachable = decided.value.flatMap((allowed) => issuesOfMachine(app, allowed.machine))
  return unreachable.length > 0 ? refused(...unreachable) : ok({ policy, allowed: decided.value })
}

/** A machine may have gone, or lost what enforced its rules, since the policy was written. */
function issuesOfMachine(app: Pick<App, 'inventory'>, id: ResourceId): Refusal[] {
  const machine = app.inventory.find(resourceKey(id))
  if (machine === undefined) return [refusal('MachineNotFound', `${id} no longer exists`)]
  if (machine.unsupported !== undefined) return [machine.unsupported]
  return machine.points.length > 0 ? [] : [refusal('MachineUnsupported', `nothing enforces rules for ${id}`)]
}
