/**
 * Tries a connection: signs in, looks at each subscription, and asks Azure which actions this identity may do. Changes
 * nothing. A permission that is missing on the subscription may still be granted on every resource group that matters.
 */
import { NEEDED_ACTIONS, type NeededAction } from '../../domain/clouds/azure-permissions.ts'
import { found, mendedBy } from '../../domain/check.ts'
import type { ConnectionCheck } from '../../domain/clouds/connection.ts'
import { definitionGrants, type Permission } from '../../domain/roles/role-definition.ts'
import { ArmError, isJson, listAt } from './arm-answer.ts'
import type { Connected } from './connected.ts'
import { GROUPS_QUERY } from './graph-queries.ts'
import { MOST_ROWS, SUBSCRIPTION_VERSION } from './read-estate.ts'

const PERMISSIONS_VERSION = '2022-04-01'
/** Resource groups that are asked one by one. */
const MOST_GROUPS = 50

export async function checkConnection(connected: Connected, signal: AbortSignal): Promise<readonly ConnectionCheck[]> {
  const { subscriptions } = connected.settings
  const [first = ''] = subscriptions
  const signIn = await signInCheck(connected, first, signal)
  if (signIn.status !== 'ok') return [signIn]
  const checks: ConnectionCheck[] = [signIn]
  for (const id of subscriptions) checks.push(...(await subscriptionChecks(connected, id, signal)))
  return checks
}

/** Azure knows us as soon as it says yes or no; anything else is trouble on the way. */
async function signInCheck(connected: Connected, id: string, signal: AbortSignal): Promise<ConnectionCheck> {
  const { kind } = connected.settings.credential
  const about = { name: 'sign-in', scope: `tenant ${connected.settings.tenant}` }
  try {
    await readSubscription(connected, id, signal)
  } catch (error) {
    if (!(error instanceof ArmError) || error.status === 401)
      return {
        ...about,
        status: 'missing',
        ...found('SignInRefused', { kind, problem: messageOf(error) }),
        ...mendedBy('MendAzureCredential', {}),
      }
  }
  return { ...about, status: 'ok', ...found('SignedIn', { kind }) }
}

async function readSubscription({ arm }: Connected, id: string, signal: AbortSignal): Promise<void> {
  const path = `/subscriptions/${id}?api-version=${SUBSCRIPTION_VERSION}`
  await arm.send({ method: 'GET', path, what: `read subscription ${id}`, urgency: 'look', signal })
}

async function subscriptionChecks(connected: Connected, id: string, signal: AbortSignal): Promise<ConnectionCheck[]> {
  const scope = `/subscriptions/${id}`
  const needed = NEEDED_ACTIONS.filter(({ only }) => only !== 'firewallPolicies' || connected.settings.firewallPolicies)
  try {
    await readSubscription(connected, id, signal)
    const granted = await permissionsAt(connected, scope, signal)
    const lacking = needed.filter(({ action }) => !definitionGrants({ permissions: granted }, action))
    const groups = lacking.length === 0 ? [] : await permissionsInGroups(connected, id, signal)
    return needed.map((each) =>
      lacking.includes(each) ? lackingCheck(each, scope, groups) : grantedCheck(each, scope),
    )
  } catch (error) {
    signal.throwIfAborted()
    const status = error instanceof ArmError && [403, 404].includes(error.status) ? 'missing' : 'unknown'
    const unread = {
      ...found('SubscriptionUnread', { problem: messageOf(error) }),
      ...mendedBy('AssignRole', { scope }),
    }
    return [{ name: 'subscription', scope, status, ...unread }]
  }
}

function grantedCheck({ action, why }: NeededAction, scope: string): ConnectionCheck {
  return { name: action, scope, status: 'ok', ...found('Granted', { why }) }
}

interface GroupPermissions {
  readonly scope: string
  readonly permissions: readonly Permission[]
}

function lackingCheck(
  { action, why }: NeededAction,
  scope: string,
  groups: readonly GroupPermissions[],
): ConnectionCheck {
  const without = groups.filter((group) => !definitionGrants(group, action))
  if (groups.length > 0 && without.length === 0)
    return {
      name: action,
      scope,
      status: 'ok',
      ...found('GrantedInGroups', { groups: groups.length, why }),
    }
  const where = groups.length === without.length ? scope : without.map((group) => group.scope).join(', ')
  return {
    name: action,
    scope,
    status: 'missing',
    ...found('NotGranted', { why }),
    ...mendedBy('AssignRole', { scope: where }),
  }
}

async function permissionsInGroups(connected: Connected, id: string, signal: AbortSignal): Promise<GroupPermissions[]> {
  const { rows } = await connected.arm.ask({ query: GROUPS_QUERY, subscriptions: [id], top: MOST_ROWS, signal })
  const scopes = new Set(
    rows.flatMap((row) =>
      isJson(row) ? (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(String(row['id']))?.[0] ?? []) : [],
    ),
  )
  const some = [...scopes].slice(0, MOST_GROUPS)
  return Promise.all(some.map(async (scope) => ({ scope, permissions: await permissionsAt(connected, scope, signal) })))
}

/** One entry for each role that is assigned there or above. */
async function permissionsAt({ arm }: Connected, scope: string, signal: AbortSignal): Promise<Permission[]> {
  const path = `${scope}/providers/Microsoft.Authorization/permissions?api-version=${PERMISSIONS_VERSION}`
  const { body } = await arm.send({
    method: 'GET',
    path,
    what: `list permissions at ${scope}`,
    urgency: 'look',
    signal,
  })
  return listAt(body, 'value').map((entry) => ({
    actions: textsAt(entry, 'actions'),
    notActions: textsAt(entry, 'notActions'),
    dataActions: [],
    notDataActions: [],
  }))
}

function textsAt(value: unknown, member: string): string[] {
  return listAt(value, member).filter((item) => typeof item === 'string')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
