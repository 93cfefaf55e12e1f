/**
 * What Azure's clients read around the policies: subscriptions, places, groups, machines and their addresses, in the
 * shapes of Azure Resource Manager. Read-only, and no more members than clients need.
 */
import { z } from 'zod'
import { securityGroup } from './security-group.ts'

const subscription = z
  .object({
    id: z.string(),
    subscriptionId: z.string(),
    tenantId: z.string(),
    displayName: z.string(),
    state: z.literal('Enabled'),
    subscriptionPolicies: z.object({
      locationPlacementId: z.string(),
      quotaId: z.string(),
      spendingLimit: z.literal('Off'),
    }),
    authorizationSource: z.literal('RoleBased'),
    managedByTenants: z.array(z.object({ tenantId: z.string() })),
  })
  .meta({ id: 'Subscription' })

export type ArmSubscription = z.infer<typeof subscription>

const tenant = z
  .object({ id: z.string(), tenantId: z.string(), displayName: z.string(), tenantCategory: z.literal('Home') })
  .meta({ id: 'Tenant' })

const location = z
  .object({
    id: z.string(),
    name: z.string(),
    displayName: z.string(),
    regionalDisplayName: z.string(),
    metadata: z.object({ regionType: z.literal('Physical'), regionCategory: z.literal('Other') }),
  })
  .meta({ id: 'Location' })

export type ArmLocation = z.infer<typeof location>

const provider = z
  .object({
    id: z.string(),
    namespace: z.string(),
    registrationPolicy: z.literal('RegistrationFree'),
    registrationState: z.literal('Registered'),
    resourceTypes: z.array(
      z.object({
        resourceType: z.string(),
        locations: z.array(z.string()),
        apiVersions: z.array(z.string()),
        capabilities: z.literal('None'),
      }),
    ),
  })
  .meta({ id: 'ResourceProvider' })

export type ArmProvider = z.infer<typeof provider>

const resourceGroup = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.literal('Microsoft.Resources/resourceGroups'),
    location: z.string(),
    properties: z.object({ provisioningState: z.literal('Succeeded') }),
  })
  .meta({ id: 'ResourceGroup' })

export type ArmResourceGroup = z.infer<typeof resourceGroup>

const securityLocation = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.literal('Microsoft.Security/locations'),
    properties: z.object({ homeRegionName: z.string() }),
  })
  .meta({ id: 'SecurityLocation' })

export type ArmSecurityLocation = z.infer<typeof securityLocation>

const reference = z.object({ id: z.string() })

const instanceView = z.object({
  computerName: z.string(),
  statuses: z.array(z.object({ code: z.string(), level: z.literal('Info'), displayStatus: z.string() })),
})

const virtualMachine = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.literal('Microsoft.Compute/virtualMachines'),
    location: z.string(),
    properties: z.object({
      provisioningState: z.literal('Succeeded'),
      hardwareProfile: z.object({}),
      storageProfile: z.object({
        osDisk: z.object({ osType: z.enum(['Linux', 'Windows']), createOption: z.string() }),
      }),
      osProfile: z.object({ computerName: z.string() }),
      networkProfile: z.object({
        networkInterfaces: z.array(reference.extend({ properties: z.object({ primary: z.boolean() }) })),
      }),
      instanceView: instanceView.optional().meta({ description: 'With $expand=instanceView' }),
    }),
  })
  .meta({ id: 'VirtualMachine' })

export type ArmVirtualMachine = z.infer<typeof virtualMachine>

const networkInterface = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.literal('Microsoft.Network/networkInterfaces'),
    location: z.string(),
    properties: z.object({
      provisioningState: z.literal('Succeeded'),
      primary: z.literal(true),
      virtualMachine: reference,
      ipConfigurations: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          properties: z.object({
            primary: z.boolean(),
            privateIPAddress: z.string(),
            privateIPAddressVersion: z.enum(['IPv4', 'IPv6']),
            publicIPAddress: reference.optional(),
          }),
        }),
      ),
    }),
  })
  .meta({ id: 'NetworkInterface' })

export type ArmNetworkInterface = z.infer<typeof networkInterface>

const publicAddress = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.literal('Microsoft.Network/publicIPAddresses'),
    location: z.string(),
    properties: z.object({
      provisioningState: z.literal('Succeeded'),
      ipAddress: z.string(),
      publicIPAddressVersion: z.enum(['IPv4', 'IPv6']),
      ipConfiguration: reference,
    }),
  })
  .meta({ id: 'PublicIPAddress' })

export type ArmPublicAddress = z.infer<typeof publicAddress>

function pagesOf<S extends z.ZodType>(item: S, id: string) {
  return z.object({ value: z.array(item), nextLink: z.string().optional() }).meta({ id })
}

function listOf<S extends z.ZodType>(item: S, id: string) {
  return z.object({ value: z.array(item) }).meta({ id })
}

export const arm = {
  subscription,
  subscriptions: listOf(subscription, 'SubscriptionList'),
  tenants: listOf(tenant, 'TenantList'),
  locations: listOf(location, 'LocationList'),
  provider,
  providers: listOf(provider, 'ResourceProviderList'),
  resourceGroup,
  resourceGroups: listOf(resourceGroup, 'ResourceGroupList'),
  securityLocation,
  securityLocations: listOf(securityLocation, 'SecurityLocationList'),
  virtualMachine,
  virtualMachines: pagesOf(virtualMachine, 'VirtualMachineList'),
  instanceView: instanceView.meta({ id: 'VirtualMachineInstanceView' }),
  networkInterface,
  networkInterfaces: pagesOf(networkInterface, 'NetworkInterfaceList'),
  publicAddress,
  securityGroups: listOf(securityGroup, 'NetworkSecurityGroupList'),
} as const
