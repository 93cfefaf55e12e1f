/**
 * Whether a caller may do what it asks for. Every use case asks here, before it looks at what there is: a refusal never
 * tells whether something exists. The bootstrap administrator may do everything.
 */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import type { Caller } from '../ports/caller.ts'
import { refusal, withFacts, type Refusal } from '../../domain/refusal.ts'
import type { ActionChoice, Need } from '../../domain/roles/required-actions.ts'
import { grantedWithin, isGranted, isGrantedSomewhereIn } from '../../domain/roles/role-assignment.ts'
import { scopeKeyOf, subscriptionOf } from '../../domain/roles/scope.ts'

export interface Rights {
  /** Whether any one of the actions is granted at the scope. */
  may(anyOf: ActionChoice, scope: string): boolean
  /** At the scope, or anywhere below it. */
  mayWithin(anyOf: ActionChoice, scope: string): boolean
  /** Where below the scope it is granted, in lower case; to be asked where it is not granted at the scope itself. */
  placesWithin(anyOf: ActionChoice, scope: string): readonly string[]
}

const EVERYTHING: Rights = { may: () => true, mayWithin: () => true, placesWithin: () => [] }

export async function rightsOf(app: Pick<App, 'access'>, caller: Caller): Promise<Rights> {
  if (caller.isBreakGlass) return EVERYTHING
  const { index } = await app.access.now()
  const question = (action: string, scope: string) => ({
    principals: caller.principals,
    action,
    scope: scopeKeyOf(scope),
  })
  return {
    may: (anyOf, scope) => anyOf.some((action) => isGranted(index, question(action, scope))),
    mayWithin: (anyOf, scope) => anyOf.some((action) => isGrantedSomewhereIn(index, question(action, scope))),
    placesWithin: (anyOf, scope) => anyOf.flatMap((action) => grantedWithin(index, question(action, scope))),
  }
}

/** Every missing action with its scope; none when all are granted. */
export async function authorize(
  app: Pick<App, 'access'>,
  caller: Caller,
  needs: readonly Need[],
): Promise<readonly Refusal[]> {
  const rights = await rightsOf(app, caller)
  return needs.filter(({ anyOf, scope }) => !rights.may(anyOf, scope)).map((need) => notAuthorized(caller, need))
}

/** As Azure Resource Manager says it; a program goes by its object id. */
export function notAuthorized(caller: Caller, { anyOf: [action], scope, linkedFrom }: Need): Refusal {
  const client = `The client '${actorOf(caller)}' with object id '${caller.principals[0] ?? ''}'`
  if (linkedFrom === undefined) {
    const message = `${client} does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`
    return withFacts(refusal('AuthorizationFailed', message), { action, scope })
  }
  const { action: asked, scope: from } = linkedFrom
  const message = `${client} has permission to perform action '${asked}' on scope '${from}'; however, it does not have permission to perform action '${action}' on the linked scope '${scope}' or the linked scope is invalid.`
  return withFacts(refusal('LinkedAuthorizationFailed', message), { action, scope })
}

/** Writing policies and opening ports wants the plan that the original wants, on every subscription it touches. */
export async function checkPlans(app: Pick<App, 'access'>, scopes: readonly string[]): Promise<readonly Refusal[]> {
  const { plans } = await app.access.now()
  if (plans.size === 0) return []
  const subscriptions = new Set(scopes.map((scope) => subscriptionOf(scopeKeyOf(scope)) ?? ''))
  return [...subscriptions]
    .filter((subscription) => plans.get(subscription) === 'Free')
    .map((subscription) => {
      const message = `just-in-time access needs the plan 'VirtualMachines' (Standard, P2), which is off on subscription '${subscription}'; turn it on at /subscriptions/${subscription}/providers/Microsoft.Security/pricings/VirtualMachines`
      return withFacts(refusal('SubscriptionPlanRequired', message), { subscription })
    })
}
