/**
 * Why a caller may not change a request: close or extend it. Whoever requested may; others who may write the policy or
 * approve. Who may not even read it is told of no request.
 */
import { notAuthorized, type Rights } from '../identity/authorize.ts'
import { isOwn } from './list-requests.ts'
import type { Caller } from '../ports/caller.ts'
import type { StoredRequest } from '../ports/rows.ts'
import type { Reads } from '../ports/store.ts'
import type { RequestId } from '../../domain/access/grant.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { CHANGE_OTHERS, READ_POLICY } from '../../domain/roles/required-actions.ts'

export async function refusalToChange(
  reads: Pick<Reads, 'policiesByUid'>,
  request: StoredRequest,
  { caller, rights }: { readonly caller: Caller; readonly rights: Rights },
): Promise<Refusal | undefined> {
  if (caller.isBreakGlass || isOwn(request, caller)) return undefined
  const [policy] = await reads.policiesByUid([request.policy])
  if (policy === undefined) return noSuchRequest(request.id)
  if (rights.may(CHANGE_OTHERS, policy.id)) return undefined
  if (!rights.may(READ_POLICY, policy.id)) return noSuchRequest(request.id)
  return notAuthorized(caller, { anyOf: CHANGE_OTHERS, scope: policy.id })
}

export function noSuchRequest(request: RequestId): Refusal {
  return refusal('RequestNotFound', `there is no request '${request}'`)
}

/** What was named and is not in the request. */
export function strangersIn(request: StoredRequest, named: readonly string[]): Refusal[] {
  return named
    .filter((grant) => !request.grants.some((candidate) => candidate.grant === grant))
    .map((grant) => refusal('GrantNotFound', `request ${request.id} has no grant '${grant}'`, 'grants'))
}
