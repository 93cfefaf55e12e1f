/**
 * The roles that are there from the start and cannot be changed. The first seven have Azure's public names, ids and
 * actions (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles); the others are ours.
 */
import type { RoleDefinition } from './role-definition.ts'
import { ROOT } from './scope.ts'

interface BuiltIn {
  readonly name: string
  readonly roleName: string
  readonly description: string
  readonly actions: readonly string[]
  readonly notActions?: readonly string[]
}

const POLICIES = 'Microsoft.Security/locations/jitNetworkAccessPolicies'

/**
 * The published least-privilege script's actions, with what the documented table asks for besides: its variant without
 * portal reads leaves out the machine and its network interfaces, and could not request access to a virtual machine.
 */
const REQUEST: readonly string[] = [
  `${POLICIES}/read`,
  `${POLICIES}/initiate/action`,
  'Microsoft.Security/policies/read',
  'Microsoft.Compute/virtualMachines/read',
  'Microsoft.HybridCompute/machines/read',
  'Microsoft.Network/networkInterfaces/*/read',
  'Microsoft.Network/publicIPAddresses/read',
]

const ROLES: readonly BuiltIn[] = [
  {
    name: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
    roleName: 'Owner',
    description: 'Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.',
    actions: ['*'],
  },
  {
    name: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
    roleName: 'Contributor',
    description:
      'Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC, manage assignments in Azure Blueprints, or share image galleries.',
    actions: ['*'],
    notActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
      'Microsoft.Blueprint/blueprintAssignments/write',
      'Microsoft.Blueprint/blueprintAssignments/delete',
      'Microsoft.Compute/galleries/share/action',
      'Microsoft.Purview/consents/write',
      'Microsoft.Purview/consents/delete',
      'Microsoft.Resources/deploymentStacks/manageDenySetting/action',
      'Microsoft.Subscription/cancel/action',
      'Microsoft.Subscription/enable/action',
    ],
  },
  {
    name: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
    roleName: 'Reader',
    description: 'View all resources, but does not allow you to make any changes.',
    actions: ['*/read'],
  },
  {
    name: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
    roleName: 'User Access Administrator',
    description: 'Lets you manage user access to Azure resources.',
    actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'],
  },
  {
    name: 'fb1c8493-542b-48eb-b624-b4c8fea62acd',
    roleName: 'Security Admin',
    description: 'Security Admin Role',
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.Authorization/policyAssignments/*',
      'Microsoft.Authorization/policyDefinitions/*',
      'Microsoft.Authorization/policyExemptions/*',
      'Microsoft.Authorization/policySetDefinitions/*',
      'Microsoft.Insights/alertRules/*',
      'Microsoft.Management/managementGroups/read',
      'Microsoft.operationalInsights/workspaces/*/read',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Security/*',
      'Microsoft.IoTSecurity/*',
      'Microsoft.IoTFirmwareDefense/*',
      'Microsoft.Support/*',
    ],
  },
  {
    name: '39bc4728-0917-49c7-9d2c-d95423bc2eb4',
    roleName: 'Security Reader',
    description: 'Security Reader Role',
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.Insights/alertRules/read',
      'Microsoft.operationalInsights/workspaces/*/read',
      'Microsoft.Resources/deployments/*/read',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Security/*/read',
      'Microsoft.IoTSecurity/*/read',
      'Microsoft.Support/*/read',
      'Microsoft.Security/iotDefenderSettings/packageDownloads/action',
      'Microsoft.Security/iotDefenderSettings/downloadManagerActivation/action',
      'Microsoft.Security/iotSensors/downloadResetPassword/action',
      'Microsoft.IoTSecurity/defenderSettings/packageDownloads/action',
      'Microsoft.IoTSecurity/defenderSettings/downloadManagerActivation/action',
      'Microsoft.Management/managementGroups/read',
    ],
  },
  {
    name: '9980e02c-c2be-4d73-94e8-173b1dc7cf3c',
    roleName: 'Virtual Machine Contributor',
    description:
      "Lets you manage virtual machines, but not access to them, and not the virtual network or storage account they're connected to.",
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.Compute/availabilitySets/*',
      'Microsoft.Compute/locations/*',
      'Microsoft.Compute/virtualMachines/*',
      'Microsoft.Compute/virtualMachineScaleSets/*',
      'Microsoft.Compute/cloudServices/*',
      'Microsoft.Compute/disks/write',
      'Microsoft.Compute/disks/read',
      'Microsoft.Compute/disks/delete',
      'Microsoft.DevTestLab/schedules/*',
      'Microsoft.Insights/alertRules/*',
      'Microsoft.Network/applicationGateways/backendAddressPools/join/action',
      'Microsoft.Network/loadBalancers/backendAddressPools/join/action',
      'Microsoft.Network/loadBalancers/inboundNatPools/join/action',
      'Microsoft.Network/loadBalancers/inboundNatRules/join/action',
      'Microsoft.Network/loadBalancers/probes/join/action',
      'Microsoft.Network/loadBalancers/read',
      'Microsoft.Network/locations/*',
      'Microsoft.Network/networkInterfaces/*',
      'Microsoft.Network/networkSecurityGroups/join/action',
      'Microsoft.Network/networkSecurityGroups/read',
      'Microsoft.Network/publicIPAddresses/join/action',
      'Microsoft.Network/publicIPAddresses/read',
      'Microsoft.Network/virtualNetworks/read',
      'Microsoft.Network/virtualNetworks/subnets/join/action',
      'Microsoft.RecoveryServices/locations/*',
      'Microsoft.RecoveryServices/Vaults/backupFabrics/backupProtectionIntent/write',
      'Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/*/read',
      'Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/read',
      'Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/write',
      'Microsoft.RecoveryServices/Vaults/backupPolicies/read',
      'Microsoft.RecoveryServices/Vaults/backupPolicies/write',
      'Microsoft.RecoveryServices/Vaults/read',
      'Microsoft.RecoveryServices/Vaults/usages/read',
      'Microsoft.RecoveryServices/Vaults/write',
      'Microsoft.ResourceHealth/availabilityStatuses/read',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.SerialConsole/serialPorts/connect/action',
      'Microsoft.SqlVirtualMachine/*',
      'Microsoft.Storage/storageAccounts/listKeys/action',
      'Microsoft.Storage/storageAccounts/read',
      'Microsoft.Support/*',
    ],
  },
  {
    name: '5a11d0c0-0001-4a11-8a11-5a11d0c05a11',
    roleName: 'JIT Requester',
    description: 'Users that can enable access to machines, and see what the pages show about them.',
    actions: [...REQUEST, 'Microsoft.Security/pricings/read', 'Microsoft.Network/*/read'],
  },
  {
    name: '5a11d0c0-0002-4a11-8a11-5a11d0c05a11',
    roleName: 'JIT Requester (API only)',
    description: 'Users and programs that can enable access to machines, without what the pages show besides.',
    actions: REQUEST,
  },
  {
    name: '5a11d0c0-0003-4a11-8a11-5a11d0c05a11',
    roleName: 'JIT Approver',
    description: 'Decides on requests of others and closes them; sees policies, machines and what happened.',
    actions: [
      ...REQUEST.filter((action) => !action.endsWith('/initiate/action')),
      `${POLICIES}/approve/action`,
      'Microsoft.Insights/eventtypes/*/read',
      'Microsoft.Network/*/read',
    ],
  },
  {
    name: '5a11d0c0-0004-4a11-8a11-5a11d0c05a11',
    roleName: 'JIT Auditor',
    description: 'Reads policies, requests, role assignments and everything that happened; changes nothing.',
    actions: [
      'Microsoft.Security/*/read',
      'Microsoft.Insights/eventtypes/*/read',
      'Microsoft.Authorization/*/read',
      'Microsoft.Compute/virtualMachines/read',
      'Microsoft.HybridCompute/machines/read',
      'Microsoft.Network/*/read',
    ],
  },
  {
    name: '5a11d0c0-0005-4a11-8a11-5a11d0c05a11',
    roleName: 'JIT Host Operator',
    description: 'Enrols, labels, revokes and forgets hosts, and reads the logs of their agents; opens nothing.',
    actions: [
      'Microsoft.HybridCompute/machines/read',
      'Microsoft.HybridCompute/machines/write',
      'Microsoft.HybridCompute/machines/delete',
      'Microsoft.HybridCompute/machines/enroll/action',
      'Microsoft.HybridCompute/machines/logs/action',
    ],
  },
]

export const BUILT_IN_ROLES: readonly RoleDefinition[] = ROLES.map(({ actions, notActions = [], ...named }) => ({
  ...named,
  type: 'BuiltInRole',
  permissions: [{ actions, notActions, dataActions: [], notDataActions: [] }],
  assignableScopes: [ROOT],
  createdAt: 0,
  updatedAt: 0,
  createdBy: '',
  updatedBy: '',
}))
