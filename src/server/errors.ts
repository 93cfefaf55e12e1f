/**
 * The only place that knows the HTTP status of an error. Every code that a refusal may carry is in the table and in
 * docs/reference/errors.md; a test holds the three together.
 */
import type { ArmError } from '../contract/arm-error.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Answer } from './answer.ts'

/** A code without a row is answered 400, because a refusal is always about what was asked. */
export const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  AuthenticationFailed: 401,
  PolicyNotFound: 404,
  RequestNotFound: 404,
  SubscriptionNotFound: 404,
  NetworkSecurityGroupNotFound: 404,
  PathNotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  WouldCutYourOwnConnection: 409,
  PreconditionFailed: 412,
  RequestEntityTooLarge: 413,
  RequestUriTooLong: 414,
  UnsupportedMediaType: 415,
  RequestHeaderFieldsTooLarge: 431,
  InternalServerError: 500,
  ServerIsClosing: 503,
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

export function armErrorOf({ code, message, target }: Refusal, details?: readonly Refusal[]): ArmError {
  return {
    error: {
      code,
      message,
      ...(target !== undefined && { target }),
      ...(details !== undefined && { details: details.map(detailOf) }),
    },
  }
}

function detailOf({ code, message, target }: Refusal): { code: string; message: string; target?: string } {
  return target === undefined ? { code, message } : { code, message, target }
}
