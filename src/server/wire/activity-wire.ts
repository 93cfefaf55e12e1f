/** Audit events as Azure Monitor's activity log shows them, with the documented operation names (behaviour reference §11). Pure. */
import type { ActivityEvent } from '../../contract/activity-log.ts'
import type { AuditAction, StoredAuditEvent } from '../../domain/audit/audit.ts'
import { formatInstant } from '../../domain/time.ts'

interface Told {
  readonly operation: string
  readonly name: string
  readonly status: 'Started' | 'Succeeded' | 'Failed'
}

const POLICIES = 'Microsoft.Security/locations/jitNetworkAccessPolicies'
const INITIATE = { operation: `${POLICIES}/initiate/action`, name: 'Initiate JIT Network Access Policy' }

/** What the activity log tells of; the audit trail has more. */
const TOLD: Partial<Readonly<Record<AuditAction, Told>>> = {
  'policy.saved': { operation: `${POLICIES}/write`, name: 'Update JIT Network Access Policy', status: 'Succeeded' },
  'policy.removed': { operation: `${POLICIES}/delete`, name: 'Delete JIT Network Access Policy', status: 'Succeeded' },
  'policy.refused': { operation: `${POLICIES}/write`, name: 'Update JIT Network Access Policy', status: 'Failed' },
  'access.requested': { ...INITIATE, status: 'Started' },
  'access.opened': { ...INITIATE, status: 'Succeeded' },
  'access.extended': {
    operation: `${POLICIES}/initiate/action`,
    name: 'Extend JIT Network Access',
    status: 'Succeeded',
  },
  'access.refused': { ...INITIATE, status: 'Failed' },
  'access.failed': { ...INITIATE, status: 'Failed' },
  'role.assigned': {
    operation: 'Microsoft.Authorization/roleAssignments/write',
    name: 'Create role assignment',
    status: 'Succeeded',
  },
  'role.unassigned': {
    operation: 'Microsoft.Authorization/roleAssignments/delete',
    name: 'Delete role assignment',
    status: 'Succeeded',
  },
  'role.defined': {
    operation: 'Microsoft.Authorization/roleDefinitions/write',
    name: 'Create or update custom role definition',
    status: 'Succeeded',
  },
  'role.removed': {
    operation: 'Microsoft.Authorization/roleDefinitions/delete',
    name: 'Delete custom role definition',
    status: 'Succeeded',
  },
  'role.refused': {
    operation: 'Microsoft.Authorization/roleAssignments/write',
    name: 'Create role assignment',
    status: 'Failed',
  },
  'plan.refused': { operation: 'Microsoft.Security/pricings/write', name: 'Update pricing tier', status: 'Failed' },
  'plan.changed': { operation: 'Microsoft.Security/pricings/write', name: 'Update pricing tier', status: 'Succeeded' },
}

export const TOLD_ACTIONS = Object.keys(TOLD) as AuditAction[] // the record's own keys

/** `Microsoft.Security`, of the operation: what a filter on the provider compares with. */
export function providerOf({ action }: Pick<StoredAuditEvent, 'action'>): string {
  return TOLD[action]?.operation.split('/')[0] ?? ''
}

export function resourceGroupOf({ target }: Pick<StoredAuditEvent, 'target'>): string {
  return /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)/i.exec(target)?.[1] ?? ''
}

/** Of the call; what happens by itself for a request goes with that request. */
export function correlationOf(event: StoredAuditEvent): string {
  const { correlation } = JSON.parse(event.data) as Record<string, unknown> // what is appended is always an object
  return textOf(correlation) ?? event.request ?? idOf(event)
}

export function activityEventFrom(event: StoredAuditEvent, tenantId: string): ActivityEvent {
  const { seq, at, action, actor, address, target, request, grant } = event
  const told = TOLD[action] ?? { operation: action, name: action, status: 'Succeeded' }
  const data = JSON.parse(event.data) as Record<string, unknown> // what is appended is always an object
  const correlationId = correlationOf(event)
  return {
    id: `${target}/events/${idOf(event)}/ticks/${at}`,
    eventDataId: idOf(event),
    correlationId,
    operationId: request ?? grant ?? correlationId,
    eventName: { value: 'EndRequest', localizedValue: 'End request' },
    category: named('Administrative'),
    level: told.status === 'Failed' ? 'Error' : 'Informational',
    eventTimestamp: formatInstant(at),
    submissionTimestamp: formatInstant(at),
    operationName: { value: told.operation, localizedValue: told.name },
    status: named(told.status),
    subStatus: { value: '', localizedValue: '' },
    caller: actor,
    resourceId: target,
    resourceGroupName: resourceGroupOf(event),
    resourceProviderName: named(providerOf(event)),
    resourceType: named(
      told.operation
        .split('/')
        .slice(0, -1)
        .join('/')
        .replace(/\/initiate$/, ''),
    ),
    subscriptionId: target.split('/')[2] ?? '',
    tenantId,
    claims: claimsOf(actor, textOf(data['actorId'])),
    httpRequest: { clientIpAddress: address },
    properties: propertiesOf(data, { seq, actor }),
  }
}

/** The two claims by which clients show who it was. */
function claimsOf(actor: string, id: string | undefined): Record<string, string> {
  return {
    ...(actor !== '' && { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': actor }),
    ...(id !== undefined && { 'http://schemas.microsoft.com/identity/claims/objectidentifier': id }),
  }
}

function named(value: string): { value: string; localizedValue: string } {
  return { value, localizedValue: value }
}

/** Not random: the same event has the same id in every answer. */
function idOf({ hash }: StoredAuditEvent): string {
  return hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** `eventProperties` of the original, whose members are all texts. */
function propertiesOf(
  data: Readonly<Record<string, unknown>>,
  { seq, actor }: { seq: number; actor: string },
): Record<string, string> {
  const facts = Object.entries(data).map(([name, value]) => [name, textOf(value) ?? JSON.stringify(value)])
  const justification = textOf(data['justification'])
  return {
    ...(Object.fromEntries(facts) as Record<string, string>), // made of texts, just above
    ...(justification !== undefined && { Justification: justification }),
    User: actor,
    auditSequence: String(seq),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
