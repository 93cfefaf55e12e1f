/**
 * Which fields the data of an audit event may have. A field that is not listed here counts as secret: it is left out
 * before the event is written, however deep it lies, and `withheld` says how many were. Values are not judged, so a field
 * that is listed must never be given a secret.
 */
import type { AuditEvent } from './audit.ts'

/** In words, what each field tells; docs/operate/audit.md has them. */
export const AUDIT_FACTS = {
  // One port of one machine
  port: 'port number',
  protocol: 'TCP, UDP or * for both',
  sources: 'addresses that were let in',
  endTimeUtc: 'when the access ends',
  reason: 'why the grant is in this state, or why something was refused',
  detail: 'what the enforcement point said',
  justification: 'what the person wrote',
  observedOpenAt: 'when the port was seen open',
  observedClosedAt: 'when the port was seen closed',
  // A refusal
  code: 'the code of the first refusal',
  message: 'its sentence',
  refusals: 'every refusal',
  target: 'what a refusal is about',
  machines: 'machines by their resource ids, or those of a policy',
  // A policy
  version: 'version of the policy, or of the server',
  managedBy: 'the code that manages the policy',
  changedOutsideAt: 'when somebody else changed what code manages',
  before: 'as it was; null when it was new',
  after: 'as it is now; null when it is gone',
  kind: 'kind of policy, credential or principal',
  id: 'resource id or object id',
  ports: 'port rules of a machine',
  number: 'port number of a rule',
  allowedSourceAddressPrefix: 'source that may be asked for',
  allowedSourceAddressPrefixes: 'sources that may be asked for',
  maxRequestAccessDuration: 'longest time that may be asked for',
  onExpiry: 'what becomes of who is connected when a hole ends',
  connected: 'who was connected: address and port, and the port that they were let in to',
  publicIpAddress: 'public address of a machine',
  selectors: 'label selectors of a policy, as name=value',
  chosenBy: 'the label selector that chose a machine',
  // A repair
  by: 'who changed the point, or the way in that was used',
  steps: 'what was put right',
  // People, roles and plans
  actorId: 'object id of who did it; names can change and can be alike',
  through: 'the program through which a person acted, as the issuer says; of a chain the last, then those before it',
  claimedOnBehalfOf: 'for whom a program says that it acted: its word alone, checked by nobody',
  name: 'name of a user, group, principal or role',
  client: 'application that asked',
  count: 'how often, within a minute',
  session: 'browser session, by the id that lists show',
  browser: 'what a browser calls itself',
  user: 'name of the user',
  group: 'name of the group',
  member: 'object id of the member',
  memberName: 'what the member was called',
  roles: 'roles',
  assignment: 'name of a role assignment',
  role: 'role definition',
  roleName: 'name of the role',
  roleDefinitionId: 'role definition',
  principal: 'object id of who holds the role',
  principalId: 'object id of who holds the role',
  principalName: 'what who holds the role was called, where that is known here',
  principalType: 'User, Group or ServicePrincipal',
  scope: 'where a role holds',
  description: 'description that somebody gave',
  permissions: 'what a role allows',
  actions: 'actions of a role, or of a filter',
  notActions: 'actions that a role leaves out',
  dataActions: 'data actions of a role',
  notDataActions: 'data actions that a role leaves out',
  assignableScopes: 'where a role may be assigned',
  tier: 'Free or Standard',
  subscription: 'subscription of a plan',
  leftOut: 'failed sign-ins of programs that were not told before this one, because there were too many',
  credential: 'id of a credential, never the credential',
  expiresAt: 'when a credential ends',
  endsAt: 'when a credential ends, in milliseconds since 1970',
  hint: 'what lists show of a credential: its first three characters, or its thumbprint',
  what: 'what was changed',
  thumbprint: 'thumbprint of a certificate',
  issuer: 'who vouches for a federated credential',
  subject: 'whom a federated credential names',
  appId: 'application id',
  isAdministrator: 'whether the user administers the installation',
  temporary: 'whether a password must be changed at the next sign-in',
  // A connection to a cloud; its secret is no fact
  settings: 'settings of a connection',
  cloud: 'which cloud',
  endpoint: 'where it is asked',
  authority: 'who signs tokens for it',
  audience: 'what tokens are asked for',
  ca: 'certificates of the authorities that are trusted',
  tenant: 'tenant of a connection',
  subscriptions: 'subscriptions that it reaches',
  clientId: 'who it is there',
  tokenFile: 'file with the token of a workload identity',
  profile: 'profile of the shared configuration files',
  accessKeyId: 'id of an access key, never the key',
  accounts: 'accounts that it reaches',
  account: 'account',
  roleArn: 'role that is assumed',
  externalId: 'external id that a role is assumed with',
  regions: 'regions that it reaches',
  drift: 'whether what others change is undone or reported',
  refreshEvery: 'how old its inventory may be, in milliseconds',
  firewallPolicies: 'whether firewalls that policies manage may be changed',
  bands: 'priorities that rules of ours may have',
  allow: 'band of allow rules',
  deny: 'band of deny rules',
  from: 'first priority of a band',
  to: 'last priority of a band',
  belt: 'whether the cloud closes holes by itself too',
  quotas: 'quotas that somebody wrote down',
  rulesPerGroup: 'rules of a security group',
  groupsPerInterface: 'security groups of a network interface',
  secretChanged: 'whether another secret was given',
  // A host that runs the agent
  labels: 'labels of a host, as name=value',
  addresses: 'addresses of a machine behind a gateway',
  os: 'Linux or Windows',
  generation: 'how often a host was enrolled',
  goodUntil: 'until when a one-time command is good',
  gateway: 'how a gateway is reached from outside',
  publicAddresses: 'public addresses of a gateway',
  address: 'one of them',
  seenAs: 'as packets for it arrive at the gateway',
  mappedPorts: 'where ports of its own are chosen from',
  snat: 'whether machines see the gateway as the client',
  forced: 'whether it was done although policies name it',
  // The trail itself
  correlation: 'correlation id of the call',
  filter: 'what was asked for',
  format: 'csv or jsonl',
  since: 'filter: at or after',
  until: 'filter: before',
  actor: 'filter: who',
  machine: 'filter: machine',
  action: 'filter: actions',
  outcome: 'filter: outcome',
  request: 'filter: request',
  intact: 'whether the trail was found intact',
  problem: 'what was found wrong',
  events: 'number of events',
  first: 'first event',
  last: 'last event',
  lastHash: 'hash of the last event that was dropped',
  checkpoint: 'number of the signed checkpoint',
  withheld: 'number of fields that were left out because nobody classified them',
} as const satisfies Readonly<Record<string, string>>

/** What the data of an event may be made of. */
export type AuditFacts = Readonly<Partial<Record<keyof typeof AUDIT_FACTS, unknown>>>

export function withoutSecrets(event: AuditEvent): AuditEvent {
  const facts: unknown = JSON.parse(event.data)
  const withheld = countSecrets(facts)
  if (withheld === 0) return event
  return { ...event, data: JSON.stringify({ ...(cleaned(facts) as object), withheld }) } // data is always an object
}

function countSecrets(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countSecrets(item), 0)
  return Object.entries(value).reduce((sum, [name, item]) => sum + (isFact(name) ? countSecrets(item) : 1), 0)
}

function cleaned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(cleaned)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => isFact(name))
      .map(([name, item]) => [name, cleaned(item)]),
  )
}

function isFact(name: string): boolean {
  return Object.hasOwn(AUDIT_FACTS, name)
}
