/**
 * The only place that knows the HTTP status of an error. Every code that a refusal may carry is in the table and in
 * docs/reference/errors.md; a test holds the three together. In other languages the portal words them:
 * src/portal/parts/words/reasons.messages.ts.
 */
import type { ArmError } from '../contract/arm-error.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Answer } from './answer.ts'

/** A code that is not here is answered 400: a refusal is about what was asked. The test wants every code here all the same. */
export const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  // The way in
  AuthenticationFailed: 401,
  InvalidAuthenticationToken: 401,
  InvalidAuthenticationTokenAudience: 401,
  ExpiredAuthenticationToken: 401,
  TooManyGroups: 403,
  IssuerUnavailable: 503,
  SessionOver: 401,
  ForgedCall: 403,
  TwoProofs: 400,
  NoBrowserSignIn: 404,
  SignInFailed: 401,
  SignInAddressUnknown: 400,
  InvalidReturnTo: 400,
  SessionNotFound: 404,
  MissingApiVersionParameter: 400,
  NoRegisteredProviderFound: 400,
  InvalidSubscriptionId: 400,
  SubscriptionNotFound: 404,
  PathNotFound: 404,
  MethodNotAllowed: 405,
  InvalidUrl: 400,
  RequestUriTooLong: 414,
  BadRequest: 400,
  HttpsRequired: 400,
  RequestTimeout: 408,
  RequestHeaderFieldsTooLarge: 431,
  UnsupportedMediaType: 415,
  RequestEntityTooLarge: 413,
  InvalidRequestContent: 400,
  InvalidShellHeader: 400,
  InvalidOnBehalfOf: 400,
  InvalidSkipToken: 400,
  InternalServerError: 500,
  // What the caller may do
  AuthorizationFailed: 403,
  LinkedAuthorizationFailed: 403,
  SubscriptionPlanRequired: 403,
  // Roles and plans
  InvalidScope: 400,
  UnsupportedFilter: 400,
  InvalidRoleAssignmentId: 400,
  InvalidRoleDefinitionId: 400,
  InvalidPrincipalId: 400,
  InvalidPrincipalType: 400,
  DescriptionTooLong: 400,
  InvalidRoleName: 400,
  InvalidActionOrNotAction: 400,
  InvalidPermissions: 400,
  MissingAssignableScopes: 400,
  RoleAssignmentNotFound: 404,
  RoleAssignmentExists: 409,
  RoleAssignmentUpdateNotPermitted: 400,
  RoleDefinitionDoesNotExist: 404,
  RoleDefinitionNotAssignable: 400,
  RoleDefinitionWithSameNameExists: 409,
  RoleDefinitionHasAssignments: 409,
  BuiltInRoleCannotBeChanged: 400,
  PricingNotFound: 404,
  InvalidPricingTier: 400,
  // What was named
  PolicyNotFound: 404,
  RequestNotFound: 404,
  GrantNotFound: 400,
  NetworkSecurityGroupNotFound: 404,
  ResourceNotFound: 404,
  ResourceGroupNotFound: 404,
  LocationNotFound: 404,
  InvalidResourceNamespace: 404,
  InvalidFilter: 400,
  MachineNotFound: 400,
  MachineUnsupported: 400,
  NoSecurityGroup: 400,
  ClassicMachine: 400,
  FirewallPolicy: 400,
  NoVirtualNetwork: 400,
  NoNetworkInterface: 400,
  InterfaceOfAService: 400,
  TooManySecurityGroups: 400,
  TooManyRules: 400,
  UntrackedConnections: 400,
  KernelNotSupported: 400,
  MissingPrivilege: 400,
  MissingProgram: 400,
  InvalidResourceId: 400,
  // The installation's own users and programs
  NoOwnIssuer: 404,
  UserNotFound: 404,
  GroupNotFound: 404,
  ServicePrincipalNotFound: 404,
  CredentialNotFound: 404,
  NameTaken: 409,
  InvalidUserName: 400,
  InvalidDisplayName: 400,
  WeakPassword: 400,
  InvalidCertificate: 400,
  InvalidIssuer: 400,
  // Connections to clouds
  InvalidConnectionName: 400,
  InvalidConnection: 400,
  ConnectionConflict: 409,
  ConnectionInUse: 409,
  ConnectionNotFound: 404,
  // Hosts that run the agent
  InvalidHostName: 400,
  InvalidLabels: 400,
  InvalidSelector: 400,
  InvalidGateway: 400,
  HostNotFound: 404,
  HostConflict: 409,
  HostInUse: 409,
  HostUnreachable: 409,
  HostNotEnrolled: 400,
  HostRevoked: 400,
  NoAgentListener: 409,
  EnrollmentTokenUnknown: 403,
  EnrollmentTokenUsed: 403,
  EnrollmentTokenExpired: 403,
  InvalidCertificateRequest: 400,
  AgentVersionNotSupported: 400,
  HostCertificateRequired: 401,
  HostCertificateNotInForce: 403,
  TooManyEnrollments: 429,
  // Policies
  InvalidPolicyName: 400,
  NamesTooLong: 400,
  NoMachines: 400,
  RepeatedMachine: 400,
  NoPorts: 400,
  RepeatedPort: 400,
  InvalidPort: 400,
  InvalidProtocol: 400,
  InvalidOnExpiry: 400,
  ConnectionsNotTold: 400,
  MissingSources: 400,
  ConflictingSources: 400,
  InvalidAddressPrefix: 400,
  TooManySources: 400,
  InvalidPublicIpAddress: 400,
  InvalidDuration: 400,
  InvalidMaxRequestAccessDuration: 400,
  WouldCutYourOwnConnection: 409,
  PolicyChangedMeanwhile: 409,
  InvalidManagedBy: 400,
  PolicyManagedElsewhere: 409,
  PreconditionFailed: 412,
  // Requests
  InvalidInitiateInput: 400,
  Ipv6SourceUnsupported: 400,
  TooManyPorts: 400,
  CallerAddressUnknown: 400,
  InvalidInstant: 400,
  EndTimeInThePast: 400,
  DurationTooShort: 400,
  DurationTooShortForFirewall: 400,
  JustificationTooLong: 400,
  AccessRequestNotSubsetOfPolicy: 400,
  MachineNotInPolicy: 400,
  PortNotInPolicy: 400,
  SourceNotAllowed: 400,
  DurationTooLong: 400,
  InvalidExtension: 400,
  GrantNotLive: 409,
  EndNotLater: 400,
}

export function statusOf(code: string): number {
  return Object.hasOwn(STATUS_OF_CODE, code) ? (STATUS_OF_CODE[code] ?? 400) : 400
}

/** One refusal is the error itself; of several the first speaks and all are in `details`. */
export function refusedAnswer(refusals: readonly Refusal[]): Answer {
  const [first, ...others] = refusals
  if (first === undefined) throw new Error('a refusal without a reason')
  if (others.length === 0) return errorAnswer(first)
  return errorAnswer({ ...first, message: `${first.message} (and ${others.length} more: see details)` }, refusals)
}

export function errorAnswer(reason: Refusal, details?: readonly Refusal[]): Answer {
  return { status: statusOf(reason.code), body: armErrorOf(reason, details) }
}

export function armErrorOf(reason: Refusal, details?: readonly Refusal[]): ArmError {
  return {
    error: {
      ...detailOf(reason),
      ...(details !== undefined && { details: details.map(detailOf) }),
    },
  }
}

function detailOf({ code, message, target, facts }: Refusal): NonNullable<ArmError['error']['details']>[number] {
  return { code, message, ...(target !== undefined && { target }), ...(facts !== undefined && { facts }) }
}
