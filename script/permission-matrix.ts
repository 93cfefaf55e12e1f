/**
 * Which right each operation of the HTTP interface needs and where, beside what each built-in role grants: the page
 * docs/reference/permissions.md is made from this, and a test asks the real server the same. It enforces nothing itself.
 */
import { OPERATIONS, type OperationId } from '../src/contract/operations.ts'
import type { Operation } from '../src/contract/operation.ts'
import * as place from '../src/domain/clouds/arm-place.ts'
import { BUILT_IN_ROLES } from '../src/domain/roles/built-in-roles.ts'
import * as identity from '../src/domain/roles/identity-actions.ts'
import * as needed from '../src/domain/roles/required-actions.ts'
import { definitionGrants, type RoleDefinition } from '../src/domain/roles/role-definition.ts'

type Choice = needed.ActionChoice

export interface Requirement {
  /** All of them; empty for what everybody who is signed in may do. */
  readonly needs: readonly Choice[]
  readonly where: string
  /** Whoever lacks the right is refused, or is shown a list without what it may not see. */
  readonly lacking: 'refused' | 'left out' | 'not found'
  readonly open?: true
  /** True for what belongs to the whole installation, so that an assignment must be at `/`. */
  readonly root?: true
  /** True for what an assignment at any scope is enough for. */
  readonly anywhere?: true
}

const [CONFIGURE, REQUEST] = [needed.REQUIRED.configure, needed.REQUIRED.request]

const refused = (where: string, ...needs: Choice[]): Requirement => ({ needs, where, lacking: 'refused' })
const atRoot = (...needs: Choice[]): Requirement => ({ needs, where: '`/`', lacking: 'refused', root: true })
const leftOut = (where: string, ...needs: Choice[]): Requirement => ({ needs, where, lacking: 'left out' })
const EVERYBODY: Requirement = { needs: [], where: '', lacking: 'refused' }
const NO_TOKEN: Requirement = { needs: [], where: '', lacking: 'refused', open: true }

const ANYTHING: Choice = [
  ...place.READ_SUBSCRIPTION,
  ...needed.READ_POLICY,
  ...needed.INITIATE,
  ...place.READ_VM,
  'Microsoft.HybridCompute/machines/read',
  ...needed.READ_ACTIVITY,
  ...needed.READ_ASSIGNMENTS,
  ...place.READ_GROUP,
]

const POLICY_LIST = leftOut('each policy; refused where none can be seen', needed.READ_POLICY)
const SUBSCRIPTION = 'the subscription'
const SCOPE = 'the scope of the path'

export const REQUIREMENTS: Readonly<Partial<Record<OperationId, Requirement>>> = {
  JitNetworkAccessPolicies_List: POLICY_LIST,
  JitNetworkAccessPolicies_ListByRegion: POLICY_LIST,
  JitNetworkAccessPolicies_ListByResourceGroup: POLICY_LIST,
  JitNetworkAccessPolicies_ListByResourceGroupAndRegion: POLICY_LIST,
  JitNetworkAccessPolicies_Get: refused('the policy', needed.READ_POLICY),
  JitNetworkAccessPolicies_CreateOrUpdate: refused(
    'the policy; each machine that it names',
    ...CONFIGURE.policy,
    ...CONFIGURE.machine.azure,
  ),
  JitNetworkAccessPolicies_Delete: refused('the policy', needed.DELETE_POLICY),
  JitNetworkAccessPolicies_Initiate: refused(
    'the policy; each machine that is named',
    ...REQUEST.policy,
    ...REQUEST.machine.azure,
  ),
  JitNetworkAccessPolicies_OperationResult: refused("the policy; one's own request is always seen", needed.READ_POLICY),
  NetworkSecurityGroups_Get: refused('the network security group', needed.READ_SECURITY_GROUP),
  SecurityRules_List: refused('the network security group', needed.READ_SECURITY_RULES),
  NetworkSecurityGroups_ListAll: leftOut('each network security group', needed.READ_SECURITY_GROUP),
  NetworkSecurityGroups_List: leftOut('each network security group', needed.READ_SECURITY_GROUP),
  Subscriptions_List: leftOut('anywhere in the subscription', ANYTHING),
  Subscriptions_Get: { ...leftOut('anywhere in the subscription', ANYTHING), lacking: 'not found' },
  Subscriptions_ListLocations: refused(SUBSCRIPTION, place.READ_LOCATIONS),
  Tenants_List: EVERYBODY,
  Providers_List: refused(SUBSCRIPTION, place.READ_PROVIDERS),
  Providers_Get: refused(SUBSCRIPTION, place.READ_PROVIDERS),
  ResourceGroups_List: leftOut('each resource group', place.READ_GROUP),
  ResourceGroups_Get: { ...leftOut('the resource group', place.READ_GROUP), lacking: 'not found' },
  SecurityLocations_List: refused(SUBSCRIPTION, place.READ_SECURITY_LOCATIONS),
  SecurityLocations_Get: refused(SUBSCRIPTION, place.READ_SECURITY_LOCATIONS),
  VirtualMachines_ListAll: leftOut('each virtual machine', place.READ_VM),
  VirtualMachines_List: leftOut('each virtual machine', place.READ_VM),
  VirtualMachines_Get: refused('the virtual machine', place.READ_VM),
  VirtualMachines_InstanceView: refused('the virtual machine', place.READ_INSTANCE_VIEW),
  NetworkInterfaces_ListAll: leftOut('each network interface', place.READ_NIC),
  NetworkInterfaces_List: leftOut('each network interface', place.READ_NIC),
  NetworkInterfaces_Get: refused('the network interface', place.READ_NIC),
  PublicIPAddresses_Get: refused('the public address', place.READ_PUBLIC_ADDRESS),
  ActivityLogs_List: leftOut('what the event is about', needed.READ_ACTIVITY),
  Graph_GetByIds: { ...refused('anywhere', needed.READ_ASSIGNMENTS), anywhere: true },
  Graph_FindServicePrincipals: { ...refused('anywhere', needed.READ_ASSIGNMENTS), anywhere: true },
  Graph_FindUsers: { ...refused('anywhere', needed.READ_ASSIGNMENTS), anywhere: true },
  RoleAssignments_ListForScope: refused(SCOPE, needed.READ_ASSIGNMENTS),
  RoleAssignments_Get: refused(SCOPE, needed.READ_ASSIGNMENTS),
  RoleAssignments_Create: refused(SCOPE, needed.WRITE_ASSIGNMENTS),
  RoleAssignments_Delete: refused(SCOPE, needed.DELETE_ASSIGNMENTS),
  RoleDefinitions_List: refused(SCOPE, needed.READ_DEFINITIONS),
  RoleDefinitions_Get: refused(SCOPE, needed.READ_DEFINITIONS),
  RoleDefinitions_CreateOrUpdate: refused(`${SCOPE}; every assignable scope`, needed.WRITE_DEFINITIONS),
  RoleDefinitions_Delete: refused(`${SCOPE}; every assignable scope`, needed.DELETE_DEFINITIONS),
  Pricings_List: refused(SUBSCRIPTION, needed.READ_PRICING),
  Pricings_Get: refused(SUBSCRIPTION, needed.READ_PRICING),
  Pricings_Update: refused(SUBSCRIPTION, needed.WRITE_PRICING),
  Permissions_ListForScope: EVERYBODY,
  Roles_Explain: refused('the scope asked about; about oneself always', needed.READ_ASSIGNMENTS),
  Connections_List: leftOut('each connection', needed.READ_CONNECTION),
  Connections_Get: refused('the connection', needed.READ_CONNECTION),
  Connections_CreateOrUpdate: refused('the connection', needed.WRITE_CONNECTION),
  Connections_Delete: refused('the connection', needed.DELETE_CONNECTION),
  Connections_Check: refused('the connection', needed.CHECK_CONNECTION),
  Connections_Refresh: refused('the connection', needed.CHECK_CONNECTION),
  Hosts_List: leftOut('each host', needed.READ_HOST),
  Hosts_Get: refused('the host', needed.READ_HOST),
  Hosts_Enroll: refused('the host; of a new one with labels or as a gateway also its writing', needed.ENROLL_HOST),
  Hosts_SetLabels: refused('the host', needed.WRITE_HOST),
  Hosts_SetGateway: refused('the gateway', needed.WRITE_HOST),
  Hosts_Revoke: refused('the host', needed.ENROLL_HOST),
  Hosts_Remove: refused('the host', needed.DELETE_HOST),
  Hosts_Logs: refused('the host', needed.READ_HOST_LOGS),
  Hosts_PutMachine: refused('the gateway', needed.WRITE_HOST),
  Hosts_RemoveMachine: refused('the gateway', needed.WRITE_HOST),
  Posture_List: leftOut('each machine', needed.READ_ASSESSMENTS),
  Assessments_List: leftOut('each machine', needed.READ_ASSESSMENTS),
  Assessments_Get: refused('the machine', needed.READ_ASSESSMENTS),
  OwnUsers_List: atRoot(identity.READ_USERS),
  OwnUsers_Create: atRoot(identity.WRITE_USERS),
  OwnUsers_Change: atRoot(identity.WRITE_USERS),
  OwnUsers_Remove: atRoot(identity.DELETE_USERS),
  OwnGroups_List: atRoot(identity.READ_GROUPS),
  OwnGroups_Create: atRoot(identity.WRITE_GROUPS),
  OwnGroups_AddMember: atRoot(identity.WRITE_GROUPS),
  OwnGroups_RemoveMember: atRoot(identity.WRITE_GROUPS),
  OwnGroups_Remove: atRoot(identity.DELETE_GROUPS),
  OwnServicePrincipals_List: atRoot(identity.READ_PROGRAMS),
  OwnServicePrincipals_Create: atRoot(identity.WRITE_PROGRAMS),
  OwnServicePrincipals_AddCredential: atRoot(identity.WRITE_PROGRAMS),
  OwnServicePrincipals_RemoveCredential: atRoot(identity.WRITE_PROGRAMS),
  OwnServicePrincipals_Remove: atRoot(identity.DELETE_PROGRAMS),
  Policies_List: leftOut('each policy', needed.READ_POLICY),
  Findings_List: leftOut('a machine behind the enforcement point, or the point itself', [
    ...place.READ_VM,
    ...needed.READ_ASSESSMENTS,
  ]),
  Flows_List: refused(
    "the machine that is asked for; without one, each machine; one's own requests are always told of",
    place.READ_VM,
  ),
  Policies_Plan: EVERYBODY,
  Machines_List: leftOut('each machine', place.READ_VM),
  Requests_List: leftOut("the request's policy; one's own requests are always seen", needed.READ_POLICY),
  Requests_Get: {
    ...leftOut("the request's policy; one's own requests are always seen", needed.READ_POLICY),
    lacking: 'not found',
  },
  Requests_Close: refused("the request's policy; one's own requests may always be closed", needed.CHANGE_OTHERS),
  Requests_Extend: refused(
    "the request's policy and machines; for what somebody else requested, also the right to close it",
    ...REQUEST.policy,
    ...REQUEST.machine.azure,
    needed.CHANGE_OTHERS,
  ),
  Audit_List: leftOut('what the event is about; refused where none can be seen', needed.READ_ACTIVITY),
  Audit_Export: leftOut('what the event is about; refused where none can be seen', needed.READ_ACTIVITY),
  Audit_Verify: atRoot(needed.READ_ACTIVITY),
  Audit_Status: atRoot(needed.READ_ACTIVITY),
  Issuers_List: refused("the installation's subscription", needed.READ_ASSESSMENTS),
  Changes_Watch: EVERYBODY,
  Whoami: EVERYBODY,
  Doctor: refused("the installation's subscription", needed.READ_ASSESSMENTS),
  Metrics: refused("the installation's subscription", needed.READ_METRICS),
  Health: NO_TOKEN,
  Readiness: NO_TOKEN,
  CloudEndpoints: NO_TOKEN,
  SignInPlaces: NO_TOKEN,
  Auth_SignIn: NO_TOKEN,
  Auth_Callback: NO_TOKEN,
  Auth_Session: EVERYBODY,
  Auth_SignOut: EVERYBODY,
  Sessions_List: EVERYBODY,
  Sessions_End: EVERYBODY,
  Sessions_SignOutEverywhere: EVERYBODY,
}

/** Whether the role, assigned where it counts, lets its holder do it. */
export function roleAllows(role: RoleDefinition, { needs }: Requirement): boolean {
  return needs.every((anyOf) => anyOf.some((action) => definitionGrants(role, action)))
}

export function permissionsPage(): string {
  const rows = Object.entries<Operation>(OPERATIONS).flatMap(([id, operation]) => {
    const requirement = REQUIREMENTS[id as OperationId] // the table's own keys
    return requirement === undefined ? [] : [{ id, operation, requirement }]
  })
  return [
    HEAD,
    '## What each operation needs\n',
    '| operation | method and path | needs | where | who lacks it |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({ id, operation: { method, path }, requirement }) =>
        `| ${id} | \`${method} ${path}\` | ${needsText(requirement)} | ${requirement.where} | ${lackingText(requirement)} |`,
    ),
    '\n## What each built-in role allows\n',
    'Within the scope of its assignment; outside it, nothing.\n',
    `| operation | ${BUILT_IN_ROLES.map(({ roleName }) => roleName).join(' | ')} |`,
    `|---|${BUILT_IN_ROLES.map(() => ':-:|').join('')}`,
    ...rows
      .filter(({ requirement: { needs } }) => needs.length > 0)
      .map(
        ({ id, requirement }) =>
          `| ${id} | ${BUILT_IN_ROLES.map((role) => (roleAllows(role, requirement) ? 'yes' : '–')).join(' | ')} |`,
      ),
    '\n## The built-in roles\n',
    ...BUILT_IN_ROLES.map(roleText),
  ].join('\n')
}

const HEAD = `# Permissions

Who may do what is Azure's role-based access control: a role definition says which actions it grants (\`*\` stands for any
run of characters; what \`notActions\` name is left out of that role), a role assignment gives it to a user, group or service
principal at a scope: \`/\`, the management group \`/providers/Microsoft.Management/managementGroups/root\`, a subscription, a
resource group or a resource. It holds there and everywhere below. A caller has the union of what it and its groups are
assigned; without an assignment, nothing. The bootstrap administrator's token may do everything.

Where two actions are joined by "or", either is enough. For hosts (\`Microsoft.HybridCompute/machines\`) the actions
\`Microsoft.HybridCompute/machines/read\` and \`/write\` stand in for the virtual machine's, and nothing of \`Microsoft.Network\`
is needed; for machines of AWS only the actions of \`Microsoft.Security\` count. A machine of another resource group or
subscription than its policy's needs the rights there: \`LinkedAuthorizationFailed\` says which.

While the plan \`Microsoft.Security/pricings/VirtualMachines\` of a subscription is off (it is on unless somebody turned it
off), nothing is configured or opened there by anybody.

\`sallyport role explain --principal P --action A --scope S\` says which assignment allows something, or what is missing. A
change takes effect at once on the replica that made it, and within a second on the others.

<!-- Made by script/permission-matrix.ts; \`npm run generate\` writes it. -->
`

function needsText({ needs, open }: Requirement): string {
  if (open === true) return 'no token'
  if (needs.length === 0) return 'any token'
  return needs.map((anyOf) => anyOf.map((action) => `\`${action}\``).join(' or ')).join('<br>')
}

function lackingText({ needs, lacking }: Requirement): string {
  return needs.length === 0
    ? ''
    : `is ${lacking === 'refused' ? 'refused' : lacking === 'left out' ? 'not shown it' : 'told that there is none'}`
}

function roleText({ roleName, name, description, permissions }: RoleDefinition): string {
  const lines = permissions.flatMap(({ actions, notActions }) => [
    ...actions.map((action) => `- \`${action}\``),
    ...notActions.map((action) => `- not \`${action}\``),
  ])
  return `### ${roleName}\n\n\`${name}\`: ${description}\n\n${lines.join('\n')}\n`
}
