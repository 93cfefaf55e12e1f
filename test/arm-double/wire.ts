/** What the double reads and says: HTTP as plain data, and the error bodies of Azure Resource Manager. No judgement here. */
import type { Millis } from '../../src/domain/time.ts'

export type Json = Readonly<Record<string, unknown>>

export interface DoubleRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface DoubleResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answer {
  /** Undefined when the connection breaks instead. */
  readonly response: DoubleResponse | undefined
  /** How long the caller waits for it. */
  readonly after: Millis
}

export interface ErrorDetail {
  readonly code: string
  readonly message: string
}

/** An error answer, thrown to where the answer is made. */
export class ArmError extends Error {
  readonly status: number
  readonly code: string
  readonly details: readonly ErrorDetail[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    { code, message, details = [] }: ErrorDetail & { readonly details?: readonly ErrorDetail[] },
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
    this.headers = headers
  }
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): DoubleResponse {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  }
}

export function empty(status: number, headers: Readonly<Record<string, string>> = {}): DoubleResponse {
  return { status, headers }
}

/** Network answers carry `details`, empty or not; Resource Manager's own have none. */
export function errorAnswer({ status, code, message, details, headers }: ArmError): DoubleResponse {
  return json(status, { error: { code, message, ...(details.length > 0 && { details }) } }, headers)
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member as an object; empty when it is none. */
export function objectAt(value: unknown, ...path: readonly string[]): Json {
  const found = path.reduce<unknown>((at, name) => (isJson(at) ? at[name] : undefined), value)
  return isJson(found) ? found : {}
}

export function textAt(value: unknown, name: string): string | undefined {
  const found = isJson(value) ? value[name] : undefined
  return typeof found === 'string' ? found : undefined
}

export function listAt(value: unknown, name: string): readonly unknown[] {
  const found = isJson(value) ? value[name] : undefined
  return Array.isArray(found) ? found : []
}
