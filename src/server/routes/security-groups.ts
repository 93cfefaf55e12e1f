/** Network security groups as they are enforced, read-only, at their ARM paths. */
import { authorize, rightsOf } from '../../app/identity/authorize.ts'
import type { SecurityGroup } from '../../contract/security-group.ts'
import { refusal, refused, type Result } from '../../domain/refusal.ts'
import { READ_SECURITY_GROUP, READ_SECURITY_RULES, type ActionChoice } from '../../domain/roles/required-actions.ts'
import { parseResourceId, resourceKey } from '../../domain/resource-id.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'
import { refusedAnswer } from '../errors.ts'

type SecurityGroupRoutes = Pick<
  Handlers,
  'NetworkSecurityGroups_Get' | 'NetworkSecurityGroups_ListAll' | 'NetworkSecurityGroups_List' | 'SecurityRules_List'
>

export function securityGroupRoutes({ app, nsgs }: Pick<ServerDeps, 'app' | 'nsgs'>): SecurityGroupRoutes {
  const find = async ({ params, caller }: ShowCall, anyOf: ActionChoice): Promise<Result<SecurityGroup>> => {
    const denied = await authorize(app, caller, [{ anyOf, scope: pathOf(params) }])
    return denied.length > 0 ? refused(...denied) : findGroup(nsgs, params)
  }
  const list = async ({ params, caller }: ListCall): Promise<Answer> => {
    const rights = await rightsOf(app, caller)
    const groups = nsgs?.list(withinOf(params)) ?? []
    return answered({ value: groups.filter(({ id }) => rights.may(READ_SECURITY_GROUP, String(id))) })
  }
  return {
    NetworkSecurityGroups_ListAll: list,
    NetworkSecurityGroups_List: list,
    NetworkSecurityGroups_Get: async (call) => {
      const found = await find(call, READ_SECURITY_GROUP)
      return found.ok ? answered(found.value) : refusedAnswer(found.refusals)
    },
    SecurityRules_List: async (call) => {
      const found = await find(call, READ_SECURITY_RULES)
      return found.ok ? answered({ value: found.value.properties.securityRules }) : refusedAnswer(found.refusals)
    },
  }
}

type ListCall = Pick<Call<'NetworkSecurityGroups_ListAll'>, 'caller'> & {
  readonly params: { readonly subscriptionId: string; readonly resourceGroupName?: string }
}

function withinOf({ subscriptionId, resourceGroupName: group }: ListCall['params']): string {
  return group === undefined
    ? `/subscriptions/${subscriptionId}`
    : `/subscriptions/${subscriptionId}/resourceGroups/${group}`
}

type ShowCall = Pick<Call<'NetworkSecurityGroups_Get'>, 'params' | 'caller'>

function pathOf({ subscriptionId, resourceGroupName, networkSecurityGroupName: name }: ShowCall['params']): string {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}`
  return `${group}/providers/Microsoft.Network/networkSecurityGroups/${name}`
}

function findGroup(nsgs: ServerDeps['nsgs'], params: ShowCall['params']): Result<SecurityGroup> {
  const { resourceGroupName, networkSecurityGroupName: name } = params
  const id = parseResourceId(pathOf(params))
  const value = id.ok ? nsgs?.find(resourceKey(id.value)) : undefined
  if (value !== undefined) return { ok: true, value }
  return refused(
    refusal('NetworkSecurityGroupNotFound', `there is no network security group '${name}' in '${resourceGroupName}'`),
  )
}
