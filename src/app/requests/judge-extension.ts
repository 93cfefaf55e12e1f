/**
 * The one judgement on extending access: a dry run and the real thing both call it. What a request made now would be
 * refused, an extension is refused.
 */
import type { App } from '../app.ts'
import { authorize, checkPlans, type Rights } from '../identity/authorize.ts'
import { issuesOfMachine } from './judge-request.ts'
import type { Caller } from '../ports/caller.ts'
import type { StoredPolicy, StoredRequest } from '../ports/rows.ts'
import type { Reads } from '../ports/store.ts'
import { refusalToChange } from './refusal-to-change.ts'
import { storedPolicyBody } from '../policies/stored-policy-body.ts'
import { decideExtensions, type Extension, type ExtensionInput } from '../../domain/access/extension.ts'
import { isWanted, type Grant, type RequestId } from '../../domain/access/grant.ts'
import type { GrantId } from '../../domain/access/hole.ts'
import { refusal, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { needsOf } from '../../domain/roles/required-actions.ts'
import type { Instant } from '../../domain/time.ts'

export interface ExtendAccessInput {
  readonly request: RequestId
  /** Only these; every grant of the request that is live when not given. */
  readonly grants?: readonly GrantId[]
  readonly asked: ExtensionInput
  readonly caller: Caller
}

/** Before the transaction, which waits for nothing but itself. */
export async function authorizeExtension(
  app: Pick<App, 'access' | 'store'>,
  request: StoredRequest,
  { caller, rights }: { readonly caller: Caller; readonly rights: Rights },
): Promise<readonly Refusal[]> {
  const stranger = await refusalToChange(app.store.reads, request, { caller, rights })
  if (stranger !== undefined) return [stranger]
  const [policy] = await app.store.reads.policiesByUid([request.policy])
  if (policy === undefined) return [withoutPolicy(request)]
  const machines = [...new Set(request.grants.map(({ machine }) => machine))]
  const denied = await authorize(app, caller, needsOf('request', policy.id, machines))
  return denied.length > 0 ? denied : checkPlans(app, [policy.id, ...machines])
}

/** The grants that are meant, as they are now. */
export function grantsToExtend(
  request: StoredRequest,
  { grants: named }: ExtendAccessInput,
  now: Instant,
): readonly Grant[] {
  return request.grants.filter((grant) => (named === undefined ? isWanted(grant, now) : named.includes(grant.grant)))
}

/** `grants` as they are on record now. */
export async function judgeExtension(
  app: Pick<App, 'inventory' | 'settings'>,
  reads: Pick<Reads, 'policy' | 'policiesByUid'>,
  { request, grants, input, now }: Judging,
): Promise<Result<readonly Extension[]>> {
  const policy = await presentPolicy(reads, request)
  if (policy === undefined) return refused(withoutPolicy(request))
  if (grants.length === 0) return refused(nothingLive(request))
  const unreachable = [...new Set(grants.map(({ machine }) => machine))].flatMap((id) => issuesOfMachine(app, id))
  if (unreachable.length > 0) return refused(...unreachable)
  const circumstances = { now, callerAddress: input.caller.address, ipv6: app.settings.ipv6 }
  return decideExtensions(storedPolicyBody(policy), grants, { asked: input.asked, circumstances })
}

interface Judging {
  readonly request: StoredRequest
  readonly grants: readonly Grant[]
  readonly input: ExtendAccessInput
  readonly now: Instant
}

/** Not one that was removed, nor another that has its name by now. */
async function presentPolicy(
  reads: Pick<Reads, 'policy' | 'policiesByUid'>,
  request: StoredRequest,
): Promise<StoredPolicy | undefined> {
  const [known] = await reads.policiesByUid([request.policy])
  const present = known === undefined ? undefined : await reads.policy(known.key)
  return present?.uid === request.policy ? present : undefined
}

function withoutPolicy({ id }: StoredRequest): Refusal {
  return refusal('PolicyNotFound', `the policy of request ${id} was removed; request the access anew`)
}

function nothingLive({ id }: StoredRequest): Refusal {
  return refusal(
    'GrantNotLive',
    `nothing of request ${id} is open any more: what is over cannot be extended; request it again`,
  )
}
