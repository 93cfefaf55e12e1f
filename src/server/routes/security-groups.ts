/** Network security groups as they are enforced, read-only, at their ARM paths. */
import type { SecurityGroup } from '../../contract/security-group.ts'
import { refusal, refused, type Result } from '../../domain/refusal.ts'
import { parseResourceId, resourceKey } from '../../domain/resource-id.ts'
import { answered } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'
import { refusedAnswer } from '../errors.ts'

type SecurityGroupRoutes = Pick<Handlers, 'NetworkSecurityGroups_Get' | 'SecurityRules_List'>

export function securityGroupRoutes({ nsgs }: Pick<ServerDeps, 'nsgs'>): SecurityGroupRoutes {
  return {
    NetworkSecurityGroups_Get: async ({ params }) => {
      const found = find(nsgs, params)
      return found.ok ? answered(found.value) : refusedAnswer(found.refusals)
    },
    SecurityRules_List: async ({ params }) => {
      const found = find(nsgs, params)
      return found.ok ? answered({ value: found.value.properties.securityRules }) : refusedAnswer(found.refusals)
    },
  }
}

function find(nsgs: ServerDeps['nsgs'], params: Call<'NetworkSecurityGroups_Get'>['params']): Result<SecurityGroup> {
  const { subscriptionId, resourceGroupName, networkSecurityGroupName: name } = params
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}`
  const id = parseResourceId(`${group}/providers/Microsoft.Network/networkSecurityGroups/${name}`)
  const value = id.ok ? nsgs?.find(resourceKey(id.value)) : undefined
  if (value !== undefined) return { ok: true, value }
  return refused(
    refusal('NetworkSecurityGroupNotFound', `there is no network security group '${name}' in '${resourceGroupName}'`),
  )
}
