/**
 * The server's answers under their contract's names. Server and command line are one package and share the contract, so
 * only the members that tell one answer from another are looked for; parsing each answer whole would cost every command
 * more time than its own work takes.
 */
import type { WireAuditEvent, WireAuditFinding } from '../../contract/audit-event.ts'
import type { WireRoleAssignment, WireRoleDefinition, WireRoleExplanation } from '../../contract/authorization.ts'
import type { Check, Whoami } from '../../contract/installation.ts'
import type { JitPolicy, PolicyPlan } from '../../contract/jit-policy.ts'
import type { JitDecision } from '../../contract/jit-request.ts'
import type { WireMachine } from '../../contract/machine.ts'
import type { WireRequest } from '../../contract/request.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

export type Reader<T> = (body: unknown) => T

// Each `as` below says what the contract promises of the route that is asked.
export const asWhoami: Reader<Whoami> = (body) => having(body, 'address', 'subscriptionId') as Whoami
export const asMachine: Reader<WireMachine> = (body) => having(body, 'id', 'policies', 'ports', 'grants') as WireMachine
export const asPolicy: Reader<JitPolicy> = (body) => having(body, 'id', 'name', 'properties') as JitPolicy
export const asPlan: Reader<PolicyPlan> = (body) => having(body, 'points') as PolicyPlan
export const asDecision: Reader<JitDecision> = (body) => having(body, 'virtualMachines') as JitDecision
export const asRequest: Reader<WireRequest> = (body) => having(body, 'id', 'grants') as WireRequest
export const asAuditEvent: Reader<WireAuditEvent> = (body) => having(body, 'seq', 'at', 'data') as WireAuditEvent
export const asRoleDefinition: Reader<WireRoleDefinition> = (body) =>
  having(body, 'id', 'name', 'properties') as WireRoleDefinition
export const asRoleAssignment: Reader<WireRoleAssignment> = (body) =>
  having(body, 'id', 'name', 'properties') as WireRoleAssignment
export const asRoleExplanation: Reader<WireRoleExplanation> = (body) =>
  having(body, 'allowed', 'assignments') as WireRoleExplanation
export const asFinding: Reader<WireAuditFinding> = (body) => having(body, 'intact') as WireAuditFinding
export const asCheck: Reader<Check> = (body) => having(body, 'name', 'status') as Check

export interface Page {
  readonly value: readonly unknown[]
  readonly nextLink?: string
}

export function asPage(body: unknown): Page {
  const page = having(body, 'value') as { value: unknown; nextLink?: unknown } // both are looked at here
  if (!Array.isArray(page.value)) throw unlikeSallyport('a list')
  const value: readonly unknown[] = page.value
  return typeof page.nextLink === 'string' ? { value, nextLink: page.nextLink } : { value }
}

/** The body, if it has these members; readers of other files say what it is. */
export function having(body: unknown, ...members: readonly string[]): object {
  if (typeof body === 'object' && body !== null && members.every((member) => member in body)) return body
  throw unlikeSallyport(members.join(', '))
}

function unlikeSallyport(expected: string): Failure {
  return new Failure(EXIT.server, `the server does not answer like Sallyport: expected ${expected}`, {
    remedy: 'check --server, and that the server is of this version (sallyport doctor)',
  })
}
