/**
 * What Azure's clients ask around the policies, mostly to find their way: read-only operations of Azure Resource Manager
 * and Microsoft Graph (platform notes: the command line's requests in order).
 */
import { z } from 'zod'
import { activityEventList, activityQuery } from './activity-log.ts'
import { arm } from './arm-resources.ts'
import { directoryObjectList, getByIdsBody, graphFilter } from './directory-object.ts'
import type { Operation } from './operation.ts'
import { text } from './text.ts'

const SUBSCRIPTION = '/subscriptions/{subscriptionId}' as const
const GROUP = `${SUBSCRIPTION}/resourceGroups/{resourceGroupName}` as const
const SECURITY = '/providers/Microsoft.Security' as const
const MACHINES = '/providers/Microsoft.Compute/virtualMachines' as const
const NICS = '/providers/Microsoft.Network/networkInterfaces' as const
const NSGS = '/providers/Microsoft.Network/networkSecurityGroups' as const

function read<const P extends string, S extends z.ZodType>(path: P, summary: string, body: S) {
  return {
    method: 'GET',
    path,
    tag: 'azure',
    summary,
    apiVersion: 'any',
    answers: { 200: { text: summary, body } },
  } as const
}

function pages<const P extends string, S extends z.ZodType>(path: P, summary: string, body: S) {
  return { ...read(path, `${summary}; nextLink when there are more`, body), query: skipToken }
}

const skipToken = z.object({ $skiptoken: text.optional().meta({ description: 'As nextLink gives it' }) })
const expand = z.object({ $expand: text.optional().meta({ description: 'instanceView' }) })

export const ARM_OPERATIONS = {
  Subscriptions_List: read(
    '/subscriptions',
    'Lists the subscriptions that the caller has rights in',
    arm.subscriptions,
  ),
  Subscriptions_Get: read(SUBSCRIPTION, 'Shows a subscription', arm.subscription),
  Subscriptions_ListLocations: read(`${SUBSCRIPTION}/locations`, 'Lists the locations of the machines', arm.locations),
  Tenants_List: read('/tenants', 'Lists the one tenant of this installation', arm.tenants),
  Providers_List: read(`${SUBSCRIPTION}/providers`, 'Lists the resource providers that are served', arm.providers),
  Providers_Get: read(
    `${SUBSCRIPTION}/providers/{resourceProviderNamespace}`,
    'Shows a resource provider with its types',
    arm.provider,
  ),
  ResourceGroups_List: read(
    `${SUBSCRIPTION}/resourceGroups`,
    'Lists the resource groups of the machines',
    arm.resourceGroups,
  ),
  ResourceGroups_Get: read(GROUP, 'Shows a resource group', arm.resourceGroup),
  SecurityLocations_List: read(
    `${SUBSCRIPTION}${SECURITY}/locations`,
    'Lists where the security data of the subscription is',
    arm.securityLocations,
  ),
  SecurityLocations_Get: read(
    `${SUBSCRIPTION}${SECURITY}/locations/{ascLocation}`,
    'Shows where security data is',
    arm.securityLocation,
  ),
  VirtualMachines_ListAll: pages(`${SUBSCRIPTION}${MACHINES}`, 'Lists the virtual machines', arm.virtualMachines),
  VirtualMachines_List: pages(`${GROUP}${MACHINES}`, 'Lists the virtual machines of a group', arm.virtualMachines),
  VirtualMachines_Get: {
    ...read(`${GROUP}${MACHINES}/{vmName}`, 'Shows a virtual machine', arm.virtualMachine),
    query: expand,
  },
  VirtualMachines_InstanceView: read(
    `${GROUP}${MACHINES}/{vmName}/instanceView`,
    'Shows what is known of the state of a virtual machine',
    arm.instanceView,
  ),
  NetworkInterfaces_ListAll: pages(`${SUBSCRIPTION}${NICS}`, 'Lists the network interfaces', arm.networkInterfaces),
  NetworkInterfaces_List: pages(`${GROUP}${NICS}`, 'Lists the network interfaces of a group', arm.networkInterfaces),
  NetworkInterfaces_Get: read(
    `${GROUP}${NICS}/{networkInterfaceName}`,
    'Shows the network interface of a virtual machine',
    arm.networkInterface,
  ),
  PublicIPAddresses_Get: read(
    `${GROUP}/providers/Microsoft.Network/publicIPAddresses/{publicIpAddressName}`,
    'Shows a public address of a virtual machine',
    arm.publicAddress,
  ),
  NetworkSecurityGroups_ListAll: read(
    `${SUBSCRIPTION}${NSGS}`,
    'Lists the network security groups',
    arm.securityGroups,
  ),
  NetworkSecurityGroups_List: read(
    `${GROUP}${NSGS}`,
    'Lists the network security groups of a group',
    arm.securityGroups,
  ),
  ActivityLogs_List: {
    ...read(
      `${SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values`,
      'Lists what happened, newest first, as the activity log tells it',
      activityEventList,
    ),
    query: activityQuery,
  },
  Graph_GetByIds: {
    method: 'POST',
    path: '/v1.0/directoryObjects/getByIds',
    tag: 'azure',
    summary: 'Puts names to the ids of users, groups and service principals',
    apiVersion: 'none',
    body: getByIdsBody,
    answers: { 200: { text: 'Those that are known here', body: directoryObjectList } },
  },
  Graph_FindServicePrincipals: {
    method: 'GET',
    path: '/v1.0/servicePrincipals',
    tag: 'azure',
    summary: 'Finds a service principal by a name',
    apiVersion: 'none',
    query: graphFilter,
    answers: { 200: { text: 'Those that match', body: directoryObjectList } },
  },
  Graph_FindUsers: {
    method: 'GET',
    path: '/v1.0/users',
    tag: 'azure',
    summary: 'Finds a user by a name',
    apiVersion: 'none',
    query: graphFilter,
    answers: { 200: { text: 'Those that match', body: directoryObjectList } },
  },
} as const satisfies Readonly<Record<string, Operation>>
