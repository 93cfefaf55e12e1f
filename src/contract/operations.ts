/**
 * Every operation of the HTTP interface. The server mounts exactly these and the OpenAPI document is made of exactly
 * these, so that neither can have one that the other lacks. The first eight are the original's (behaviour reference §2.1).
 */
import { z } from 'zod'
import { ARM_OPERATIONS } from './arm-operations.ts'
import { auditEventList, auditFinding, auditQuery } from './audit-event.ts'
import { auditStatus } from './audit-status.ts'
import { AUTHORIZATION_OPERATIONS } from './authorization-operations.ts'
import { CONNECTION_OPERATIONS } from './connection-operations.ts'
import { findingList } from './finding.ts'
import { HOST_OPERATIONS } from './host-operations.ts'
import { flowList, flowQuery } from './flow.ts'
import { IDENTITY_OPERATIONS } from './identity-operations.ts'
import { checkList, cloudEndpoints, health, whoami } from './installation.ts'
import { issuerList } from './issuer.ts'
import { jitPolicy, jitPolicyBody, jitPolicyList, policyPlan } from './jit-policy.ts'
import { initiateRequest, jitDecision, jitRequest } from './jit-request.ts'
import { machineList, machineQuery } from './machine.ts'
import type { Operation } from './operation.ts'
import { POLICY_OPERATIONS } from './policy-operations.ts'
import { POSTURE_OPERATIONS } from './posture-operations.ts'
import { closeBody, extendBody, request, requestList } from './request.ts'
import { securityGroup, securityRuleList } from './security-group.ts'
import { signInPlaces } from './sign-in.ts'
import { SESSION_OPERATIONS } from './session-operations.ts'
import { flag, text, top } from './text.ts'

const SUBSCRIPTION = '/subscriptions/{subscriptionId}' as const
const GROUP = `${SUBSCRIPTION}/resourceGroups/{resourceGroupName}` as const
const SECURITY = '/providers/Microsoft.Security'
const REGION = '/locations/{ascLocation}'
const POLICIES = '/jitNetworkAccessPolicies'
const POLICY = `${GROUP}${SECURITY}${REGION}${POLICIES}/{jitNetworkAccessPolicyName}` as const
const NSG = `${GROUP}/providers/Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}` as const

const skipToken = z.object({ $skiptoken: text.optional() })
const listAnswers = { 200: { text: 'The policies; nextLink when there are more', body: jitPolicyList } }

const TAKE_OVER = flag.meta({ description: 'true: even if other code manages the policy' })
const MANAGED_BY = 'The code that writes, as TOOL or TOOL SOURCE; none: nobody manages the policy any more'

function listOperation<const P extends string>(path: P, summary: string) {
  return {
    method: 'GET',
    path,
    tag: 'policies',
    summary,
    apiVersion: 'security',
    query: skipToken,
    answers: listAnswers,
  } as const
}

export const OPERATIONS = {
  JitNetworkAccessPolicies_List: listOperation(
    `${SUBSCRIPTION}${SECURITY}${POLICIES}`,
    'Lists the policies of a subscription',
  ),
  JitNetworkAccessPolicies_ListByRegion: listOperation(
    `${SUBSCRIPTION}${SECURITY}${REGION}${POLICIES}`,
    'Lists the policies of a subscription in one location',
  ),
  JitNetworkAccessPolicies_ListByResourceGroup: listOperation(
    `${GROUP}${SECURITY}${POLICIES}`,
    'Lists the policies of a resource group',
  ),
  JitNetworkAccessPolicies_ListByResourceGroupAndRegion: listOperation(
    `${GROUP}${SECURITY}${REGION}${POLICIES}`,
    'Lists the policies of a resource group in one location',
  ),
  JitNetworkAccessPolicies_Get: {
    method: 'GET',
    path: POLICY,
    tag: 'policies',
    summary: 'Shows a policy with its requests',
    apiVersion: 'security',
    answers: { 200: { text: 'The policy', body: jitPolicy } },
  },
  JitNetworkAccessPolicies_CreateOrUpdate: {
    method: 'PUT',
    path: POLICY,
    tag: 'policies',
    summary: 'Makes a policy or replaces its machines; closes the protected ports',
    apiVersion: 'security',
    query: z.object({
      dryRun: flag.meta({ description: 'true: say what would change and change nothing' }),
      force: flag.meta({ description: "true: even if it closes the port of the caller's own connection" }),
      takeOver: TAKE_OVER,
    }),
    headers: {
      'x-sallyport-managed-by': MANAGED_BY,
      'If-Match': 'The ETag that you last saw: refused with 412 if the policy has changed since',
      'If-None-Match': '*: refused with 412 if there is such a policy already',
      'x-sallyport-shell': "Address and port of the far end of the caller's own shell, which it must not cut",
    },
    body: jitPolicyBody,
    answers: { 200: { text: 'The policy; for a dry run, the plan', body: z.union([jitPolicy, policyPlan]) } },
  },
  JitNetworkAccessPolicies_Delete: {
    method: 'DELETE',
    path: POLICY,
    tag: 'policies',
    summary: 'Removes a policy, closes what it opened and stops protecting its machines',
    apiVersion: 'security',
    query: z.object({ takeOver: TAKE_OVER }),
    headers: { 'x-sallyport-managed-by': MANAGED_BY },
    answers: { 200: { text: 'Removed' }, 204: { text: 'There was none' } },
  },
  JitNetworkAccessPolicies_Initiate: {
    method: 'POST',
    path: `${POLICY}/initiate`,
    tag: 'policies',
    summary: 'Requests access: opens ports of machines to a source for a time',
    apiVersion: 'security',
    query: z.object({ dryRun: flag.meta({ description: 'true: judge and open nothing' }) }),
    body: initiateRequest,
    answers: {
      202: { text: 'Granted; Location tells when it is open', body: jitRequest },
      200: { text: 'The decision of a dry run', body: jitDecision },
    },
  },
  JitNetworkAccessPolicies_OperationResult: {
    method: 'GET',
    path: `${POLICY}/operationResults/{requestId}`,
    tag: 'policies',
    summary: 'Tells whether a request is open at every enforcement point',
    apiVersion: 'security',
    answers: {
      200: { text: 'No port of it is being opened any more', body: jitRequest },
      202: { text: 'Some port is still being opened; ask again', body: jitRequest },
    },
  },
  NetworkSecurityGroups_Get: {
    method: 'GET',
    path: NSG,
    tag: 'network',
    summary: 'Shows a network security group as it is enforced',
    apiVersion: 'network',
    answers: { 200: { text: 'The network security group', body: securityGroup } },
  },
  SecurityRules_List: {
    method: 'GET',
    path: `${NSG}/securityRules`,
    tag: 'network',
    summary: 'Lists the rules of a network security group',
    apiVersion: 'network',
    answers: { 200: { text: 'The rules', body: securityRuleList } },
  },
  ...ARM_OPERATIONS,
  ...AUTHORIZATION_OPERATIONS,
  ...IDENTITY_OPERATIONS,
  ...SESSION_OPERATIONS,
  ...CONNECTION_OPERATIONS,
  ...HOST_OPERATIONS,
  ...POSTURE_OPERATIONS,
  ...POLICY_OPERATIONS,
  Machines_List: {
    method: 'GET',
    path: '/api/v1/machines',
    tag: 'sallyport',
    summary: 'Lists the machines with their protected ports and live grants; a page of them with top',
    apiVersion: 'none',
    query: machineQuery,
    answers: { 200: { text: 'The machines', body: machineList } },
  },
  Flows_List: {
    method: 'GET',
    path: '/api/v1/flows',
    tag: 'sallyport',
    summary: 'Lists who is connected by what was granted, now: while the access is open and after it',
    apiVersion: 'none',
    query: flowQuery,
    answers: { 200: { text: 'Who is connected', body: flowList } },
  },
  Findings_List: {
    method: 'GET',
    path: '/api/v1/findings',
    tag: 'sallyport',
    summary: 'Lists what a person should look at: drift, points that fail, what is overdue',
    apiVersion: 'none',
    answers: { 200: { text: 'The findings', body: findingList } },
  },
  Requests_List: {
    method: 'GET',
    path: '/api/v1/requests',
    tag: 'sallyport',
    summary: 'Lists requests, newest first',
    apiVersion: 'none',
    query: z.object({
      machine: text.optional().meta({ description: 'Resource id of a machine' }),
      policy: text.optional().meta({ description: 'Resource id of a policy' }),
      live: flag.meta({ description: 'true: only those with a grant that is not closed or failed' }),
      mine: flag.meta({ description: 'true: only your own' }),
      since: text.optional().meta({ format: 'date-time', description: 'Only those made at or after this instant' }),
      until: text.optional().meta({ format: 'date-time', description: 'Only those made before this instant' }),
      top,
      after: text.optional().meta({ description: 'Id of the last request seen' }),
    }),
    answers: { 200: { text: 'The requests; nextLink when there are more', body: requestList } },
  },
  Requests_Get: {
    method: 'GET',
    path: '/api/v1/requests/{requestId}',
    tag: 'sallyport',
    summary: 'Shows a request with its grants',
    apiVersion: 'none',
    answers: { 200: { text: 'The request', body: request } },
  },
  Requests_Close: {
    method: 'POST',
    path: '/api/v1/requests/{requestId}/close',
    tag: 'sallyport',
    summary: 'Closes a request, or some of its grants, before the end',
    apiVersion: 'none',
    body: closeBody,
    answers: { 200: { text: 'The request as it now is', body: request } },
  },
  Requests_Extend: {
    method: 'POST',
    path: '/api/v1/requests/{requestId}/extend',
    tag: 'sallyport',
    summary: 'Moves the end of a request, or of some of its grants, to a later time; judged as a request made now',
    apiVersion: 'none',
    query: z.object({
      dryRun: flag.meta({ description: 'true: judge, answer with the ends as they would be, change nothing' }),
    }),
    body: extendBody,
    answers: { 200: { text: 'The request as it now is; for a dry run, as it would be', body: request } },
  },
  Audit_List: {
    method: 'GET',
    path: '/api/v1/audit',
    tag: 'sallyport',
    summary: 'Lists audit events, oldest first unless asked otherwise',
    apiVersion: 'none',
    query: auditQuery.extend({
      newestFirst: flag.meta({ description: 'true: newest first; after is then the one before which to go on' }),
      top,
      after: z
        .string()
        .regex(/^\d{1,15}$/, { error: 'the seq of the last event seen' })
        .transform(Number)
        .optional(),
    }),
    answers: { 200: { text: 'The events; nextLink when there are more', body: auditEventList } },
  },
  Audit_Export: {
    method: 'GET',
    path: '/api/v1/audit/export',
    tag: 'sallyport',
    summary: 'Downloads audit events as CSV or JSON Lines, oldest first, as a stream',
    apiVersion: 'none',
    query: auditQuery.extend({ format: z.enum(['csv', 'jsonl']).default('csv') }),
    answers: { 200: { text: 'text/csv (RFC 4180) or application/x-ndjson' } },
  },
  Audit_Verify: {
    method: 'GET',
    path: '/api/v1/audit/verify',
    tag: 'sallyport',
    summary: 'Checks that the audit trail is what was written',
    apiVersion: 'none',
    answers: { 200: { text: 'The finding', body: auditFinding } },
  },
  Audit_Status: {
    method: 'GET',
    path: '/api/v1/audit/status',
    tag: 'sallyport',
    summary: 'Says what of the audit trail is signed, when it was last verified, and how far each sink is',
    apiVersion: 'none',
    answers: { 200: { text: 'How it fares', body: auditStatus } },
  },
  Issuers_List: {
    method: 'GET',
    path: '/api/v1/issuers',
    tag: 'sallyport',
    summary: 'Lists the issuers whose tokens are taken, and whether they answer',
    apiVersion: 'none',
    answers: { 200: { text: 'The issuers', body: issuerList } },
  },
  Changes_Watch: {
    method: 'GET',
    path: '/api/v1/changes',
    tag: 'sallyport',
    summary: 'Tells, as server-sent events, that something happened and lists may be read again; never what',
    apiVersion: 'none',
    answers: { 200: { text: 'text/event-stream: an event `changed` at a time; ends by itself after minutes' } },
  },
  Whoami: {
    method: 'GET',
    path: '/api/v1/whoami',
    tag: 'sallyport',
    summary: 'Says who you are here and what this installation is',
    apiVersion: 'none',
    answers: { 200: { text: 'You and the installation', body: whoami } },
  },
  Doctor: {
    method: 'GET',
    path: '/api/v1/doctor',
    tag: 'sallyport',
    summary: 'Says what is missing on this machine and how to mend it',
    apiVersion: 'none',
    answers: { 200: { text: 'The checks', body: checkList } },
  },
  Metrics: {
    method: 'GET',
    path: '/metrics',
    tag: 'operations',
    summary: 'Metrics in the Prometheus text format',
    apiVersion: 'none',
    answers: { 200: { text: 'The metrics' } },
  },
  Health: {
    method: 'GET',
    path: '/healthz',
    tag: 'operations',
    summary: 'Says that the process lives',
    apiVersion: 'none',
    open: true,
    answers: { 200: { text: 'It lives', body: health } },
  },
  Readiness: {
    method: 'GET',
    path: '/readyz',
    tag: 'operations',
    summary: 'Says whether requests are served',
    apiVersion: 'none',
    open: true,
    answers: { 200: { text: 'They are', body: health }, 503: { text: 'Not yet, or not any more', body: health } },
  },
  CloudEndpoints: {
    method: 'GET',
    path: '/metadata/endpoints',
    tag: 'operations',
    summary: 'Says where the cloud that this server is has its endpoints',
    apiVersion: 'none',
    open: true,
    query: z.object({ 'api-version': text.optional() }),
    answers: { 200: { text: 'The endpoints; from 2018 on a list of clouds', body: cloudEndpoints } },
  },
  SignInPlaces: {
    method: 'GET',
    path: '/.well-known/sallyport',
    tag: 'operations',
    summary: 'Says where to sign in, and as which client',
    apiVersion: 'none',
    open: true,
    answers: {
      200: { text: 'The issuers whose tokens are taken and that let the command line in', body: signInPlaces },
    },
  },
} as const satisfies Readonly<Record<string, Operation>>

export type OperationId = keyof typeof OPERATIONS

export const API_VERSIONS: readonly string[] = ['2015-06-01-preview', '2020-01-01']
