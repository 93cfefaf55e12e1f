/** Where Azure's clients find their way: tenants, subscriptions, locations, providers and resource groups. */
import { authorize } from '../../app/identity/authorize.ts'
import {
  listResourceGroups,
  listSubscriptions,
  locationsOf,
  type ResourceGroup,
  type Subscription,
} from '../../app/machines/list-subscriptions.ts'
import type {
  ArmLocation,
  ArmResourceGroup,
  ArmSecurityLocation,
  ArmSubscription,
} from '../../contract/arm-resources.ts'
import {
  READ_LOCATIONS,
  READ_PROVIDERS,
  READ_SECURITY_LOCATIONS,
  subscriptionScope,
} from '../../domain/clouds/arm-place.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import type { ActionChoice } from '../../domain/roles/required-actions.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'
import { withoutSpaces } from '../input/policy-address.ts'
import { providersAt } from '../resource-providers.ts'

type SubscriptionRoutes = Pick<
  Handlers,
  | 'Subscriptions_List'
  | 'Subscriptions_Get'
  | 'Subscriptions_ListLocations'
  | 'Tenants_List'
  | 'Providers_List'
  | 'Providers_Get'
  | 'ResourceGroups_List'
  | 'ResourceGroups_Get'
  | 'SecurityLocations_List'
  | 'SecurityLocations_Get'
>

type Deps = Pick<ServerDeps, 'app' | 'tenant'>

export function subscriptionRoutes(deps: Deps): SubscriptionRoutes {
  const { app, tenant } = deps
  return {
    Tenants_List: async () =>
      answered({
        value: [{ id: `/tenants/${tenant}`, tenantId: tenant, displayName: 'Sallyport', tenantCategory: 'Home' }],
      }),
    Subscriptions_List: async ({ caller }) => {
      const all = await listSubscriptions(app, caller)
      return answered({ value: all.map((one) => subscriptionFrom(one, tenant)) })
    },
    Subscriptions_Get: async ({ params: { subscriptionId }, caller }) => {
      const all = await listSubscriptions(app, caller)
      const found = all.find(({ id }) => sameText(id, subscriptionId))
      return found === undefined
        ? errorAnswer(refusal('SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`))
        : answered(subscriptionFrom(found, tenant))
    },
    Subscriptions_ListLocations: async (call) => {
      const locations = locationsOf(app, call.params.subscriptionId)
      return permitted(deps, call, READ_LOCATIONS, () => ({ value: locations.map((name) => locationFrom(call, name)) }))
    },
    ...providerRoutes(deps),
    ...groupRoutes(deps),
    ...securityLocationRoutes(deps),
  }
}

type SubscriptionCall = Pick<Call<'Subscriptions_Get'>, 'params' | 'caller'>

async function permitted(
  { app }: Deps,
  { params: { subscriptionId }, caller }: SubscriptionCall,
  anyOf: ActionChoice,
  body: () => object | Refusal,
): Promise<Answer> {
  const denied = await authorize(app, caller, [{ anyOf, scope: subscriptionScope(subscriptionId) }])
  if (denied.length > 0) return refusedAnswer(denied)
  const answer = body()
  return 'code' in answer && 'message' in answer ? errorAnswer(answer) : answered(answer)
}

function providerRoutes(deps: Deps): Pick<SubscriptionRoutes, 'Providers_List' | 'Providers_Get'> {
  const served = ({ subscriptionId }: { readonly subscriptionId: string }) =>
    providersAt(subscriptionScope(subscriptionId), locationsOf(deps.app, subscriptionId))
  return {
    Providers_List: async (call) => permitted(deps, call, READ_PROVIDERS, () => ({ value: served(call.params) })),
    Providers_Get: async (call) =>
      permitted(deps, call, READ_PROVIDERS, () => {
        const wanted = call.params.resourceProviderNamespace
        const found = served(call.params).find(({ namespace }) => sameText(namespace, wanted))
        return (
          found ?? refusal('InvalidResourceNamespace', `The resource namespace '${wanted.slice(0, 60)}' is invalid.`)
        )
      }),
  }
}

function groupRoutes({ app }: Deps): Pick<SubscriptionRoutes, 'ResourceGroups_List' | 'ResourceGroups_Get'> {
  return {
    ResourceGroups_List: async ({ params, caller }) => {
      const groups = await listResourceGroups(app, params.subscriptionId, caller)
      return answered({ value: groups.map(groupFrom) })
    },
    ResourceGroups_Get: async ({ params, caller }) => {
      const { subscriptionId, resourceGroupName: name } = params
      const groups = await listResourceGroups(app, subscriptionId, caller)
      const found = groups.find((group) => sameText(group.name, name))
      return found === undefined
        ? errorAnswer(refusal('ResourceGroupNotFound', `Resource group '${name.slice(0, 100)}' could not be found.`))
        : answered(groupFrom(found))
    },
  }
}

function securityLocationRoutes(
  deps: Deps,
): Pick<SubscriptionRoutes, 'SecurityLocations_List' | 'SecurityLocations_Get'> {
  return {
    SecurityLocations_List: async (call) => {
      const locations = locationsOf(deps.app, call.params.subscriptionId)
      const value = locations.map((name) => securityLocationFrom(call, name))
      return permitted(deps, call, READ_SECURITY_LOCATIONS, () => ({ value }))
    },
    SecurityLocations_Get: async (call) =>
      permitted(deps, call, READ_SECURITY_LOCATIONS, () => {
        const wanted = withoutSpaces(call.params.ascLocation)
        const found = locationsOf(deps.app, call.params.subscriptionId).find((name) => sameText(name, wanted))
        if (found !== undefined) return securityLocationFrom(call, found)
        return refusal(
          'LocationNotFound',
          `there is no location '${wanted.slice(0, 60)}' here; list them to see their names`,
        )
      }),
  }
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function subscriptionFrom({ id, name }: Subscription, tenant: string): ArmSubscription {
  return {
    id: subscriptionScope(id),
    subscriptionId: id,
    tenantId: tenant,
    displayName: name ?? `Sallyport ${id.slice(0, 8)}`,
    state: 'Enabled',
    subscriptionPolicies: { locationPlacementId: 'Internal_2014-09-01', quotaId: 'Sallyport', spendingLimit: 'Off' },
    authorizationSource: 'RoleBased',
    managedByTenants: [],
  }
}

type Placed = { readonly params: { readonly subscriptionId: string } }

function locationFrom({ params }: Placed, name: string): ArmLocation {
  return {
    id: `${subscriptionScope(params.subscriptionId)}/locations/${name}`,
    name,
    displayName: name,
    regionalDisplayName: name,
    metadata: { regionType: 'Physical', regionCategory: 'Other' },
  }
}

function securityLocationFrom({ params }: Placed, name: string): ArmSecurityLocation {
  return {
    id: `${subscriptionScope(params.subscriptionId)}/providers/Microsoft.Security/locations/${name}`,
    name,
    type: 'Microsoft.Security/locations',
    properties: { homeRegionName: name },
  }
}

function groupFrom({ id, name, location }: ResourceGroup): ArmResourceGroup {
  const properties = { provisioningState: 'Succeeded' } as const
  return { id, name, type: 'Microsoft.Resources/resourceGroups', location, properties }
}
