/**
 * Which actions each operation needs, and where: the documented table (behaviour reference §10) as data. For machines of
 * AWS only the actions of Microsoft.Security count; for hosts the actions of their own resource type stand in for the
 * virtual machine's, and they have no network interfaces or addresses of Azure to read.
 *
 * The documented row "read" lists what the portal's page asks for; the interface itself needs only the policies' own
 * read action, for Reader and Security Reader are documented as being able to view.
 */
import { partsOf, sameResource, type ResourceId } from '../resource-id.ts'

/** Any one of the actions is enough; the first is the one that a refusal names. */
export type ActionChoice = readonly [string, ...string[]]

export interface Need {
  readonly anyOf: ActionChoice
  readonly scope: string
  /** The place of the operation itself, when this need is at another place that it names. */
  readonly linkedFrom?: { readonly action: string; readonly scope: string }
}

export type MachineKind = 'azure' | 'host' | 'aws'

const POLICIES = 'Microsoft.Security/locations/jitNetworkAccessPolicies'

export const READ_POLICY: ActionChoice = [`${POLICIES}/read`, `${POLICIES}/*/read`]
export const WRITE_POLICY: ActionChoice = [`${POLICIES}/write`]
export const DELETE_POLICY: ActionChoice = [`${POLICIES}/delete`]
/** Closing or extending what somebody else requested; an approver decides on requests without the right to write policies. */
export const CHANGE_OTHERS: ActionChoice = [`${POLICIES}/write`, `${POLICIES}/approve/action`]
export const INITIATE: ActionChoice = [`${POLICIES}/initiate/action`]
export const READ_ACTIVITY: ActionChoice = ['Microsoft.Insights/eventtypes/values/read']
export const READ_SECURITY_GROUP: ActionChoice = ['Microsoft.Network/networkSecurityGroups/read']
export const READ_SECURITY_RULES: ActionChoice = ['Microsoft.Network/networkSecurityGroups/securityRules/read']
export const READ_PRICING: ActionChoice = ['Microsoft.Security/pricings/read']
export const WRITE_PRICING: ActionChoice = ['Microsoft.Security/pricings/write']
export const READ_METRICS: ActionChoice = ['Microsoft.Insights/metrics/read']
export const READ_ASSESSMENTS: ActionChoice = ['Microsoft.Security/assessments/read']
export const READ_CONNECTION: ActionChoice = ['Microsoft.Security/securityConnectors/read']
export const WRITE_CONNECTION: ActionChoice = ['Microsoft.Security/securityConnectors/write']
export const DELETE_CONNECTION: ActionChoice = ['Microsoft.Security/securityConnectors/delete']
/** Asking the cloud through it, without changing anything: trying its permissions, reading its machines anew. */
export const CHECK_CONNECTION: ActionChoice = ['Microsoft.Security/securityConnectors/check/action']
export const READ_HOST: ActionChoice = ['Microsoft.HybridCompute/machines/read']
/** Labels, how a gateway is reached, what is behind it. */
export const WRITE_HOST: ActionChoice = ['Microsoft.HybridCompute/machines/write']
export const DELETE_HOST: ActionChoice = ['Microsoft.HybridCompute/machines/delete']
/** Giving the one-time command that enrols a host, and taking its trust away. */
export const ENROLL_HOST: ActionChoice = ['Microsoft.HybridCompute/machines/enroll/action']
export const READ_HOST_LOGS: ActionChoice = ['Microsoft.HybridCompute/machines/logs/action']
export const READ_ASSIGNMENTS: ActionChoice = ['Microsoft.Authorization/roleAssignments/read']
export const WRITE_ASSIGNMENTS: ActionChoice = ['Microsoft.Authorization/roleAssignments/write']
export const DELETE_ASSIGNMENTS: ActionChoice = ['Microsoft.Authorization/roleAssignments/delete']
export const READ_DEFINITIONS: ActionChoice = ['Microsoft.Authorization/roleDefinitions/read']
export const WRITE_DEFINITIONS: ActionChoice = ['Microsoft.Authorization/roleDefinitions/write']
export const DELETE_DEFINITIONS: ActionChoice = ['Microsoft.Authorization/roleDefinitions/delete']

interface Row {
  readonly policy: readonly ActionChoice[]
  readonly machine: Readonly<Record<MachineKind, readonly ActionChoice[]>>
}

export const REQUIRED: Readonly<Record<'configure' | 'request', Row>> = {
  configure: {
    policy: [WRITE_POLICY],
    machine: {
      azure: [['Microsoft.Compute/virtualMachines/write']],
      host: [['Microsoft.HybridCompute/machines/write']],
      aws: [],
    },
  },
  request: {
    policy: [INITIATE, READ_POLICY],
    machine: {
      azure: [
        ['Microsoft.Compute/virtualMachines/read'],
        ['Microsoft.Network/networkInterfaces/*/read', 'Microsoft.Network/networkInterfaces/read'],
        ['Microsoft.Network/publicIPAddresses/read'],
      ],
      host: [['Microsoft.HybridCompute/machines/read']],
      aws: [],
    },
  },
}

/** What it takes to see a machine in a list. */
export function readMachine(machine: ResourceId): ActionChoice {
  switch (machineKindOf(machine)) {
    case 'azure':
      return ['Microsoft.Compute/virtualMachines/read']
    case 'host':
      return ['Microsoft.HybridCompute/machines/read']
    case 'aws':
      return READ_POLICY
  }
}

export function machineKindOf(machine: ResourceId): MachineKind {
  const type = partsOf(machine).type.toLowerCase()
  if (type === 'microsoft.hybridcompute/machines') return 'host'
  return type.startsWith('microsoft.security/securityconnectors/') || type.startsWith('microsoft.awsconnector/')
    ? 'aws'
    : 'azure'
}

/** Rights at the policy, and at every machine that is named; a machine elsewhere is a linked scope. */
export function needsOf(operation: keyof typeof REQUIRED, policy: ResourceId, machines: readonly ResourceId[]): Need[] {
  const row = REQUIRED[operation]
  const [[action]] = row.policy as readonly [ActionChoice, ...ActionChoice[]] // no row is empty
  return [
    ...row.policy.map((anyOf) => ({ anyOf, scope: policy })),
    ...machines.flatMap((machine) => {
      const link = inOneGroup(policy, machine) ? {} : { linkedFrom: { action, scope: policy } }
      return row.machine[machineKindOf(machine)].map((anyOf) => ({ anyOf, scope: machine, ...link }))
    }),
  ]
}

function inOneGroup(a: ResourceId, b: ResourceId): boolean {
  const [one, other] = [partsOf(a), partsOf(b)]
  return (
    sameResource(a, b) ||
    (one.subscriptionId.toLowerCase() === other.subscriptionId.toLowerCase() &&
      one.resourceGroup.toLowerCase() === other.resourceGroup.toLowerCase())
  )
}
