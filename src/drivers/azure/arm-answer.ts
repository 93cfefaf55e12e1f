/** What Azure Resource Manager answers: a body of unknown shape, or an error with its code. */

export interface ArmAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Azure said no. The code is Azure's own: `AuthorizationFailed`, `PreconditionFailed`. */
export class ArmError extends Error {
  readonly status: number
  readonly code: string
  /** Codes of the details: some services say there what is the matter. */
  readonly details: readonly string[]

  constructor(what: string, { status, code, text, details = [] }: Reason) {
    super(`Azure refused to ${what}: ${code}${status === 0 ? '' : ` (${status})`}: ${text}`)
    this.status = status
    this.code = code
    this.details = details
  }
}

interface Reason {
  readonly status: number
  readonly code: string
  readonly text: string
  readonly details?: readonly string[]
}

export function errorFrom(what: string, { status, body }: ArmAnswer): ArmError {
  const error = recordAt(body, 'error')
  const code = textAt(error, 'code') ?? `HTTP ${status}`
  const details = listAt(error, 'details')
  const texts = [error, ...details].flatMap((one) => textAt(one, 'message') ?? [])
  return new ArmError(what, {
    status,
    code,
    text: texts.length === 0 ? 'no reason was given' : texts.join(' '),
    details: details.flatMap((one) => textAt(one, 'code') ?? []),
  })
}

export type Json = Readonly<Record<string, unknown>>

/** An empty object when there is none: what is absent is asked for by its absence below. */
export function recordAt(value: unknown, member: string): Json {
  const found = isJson(value) ? value[member] : undefined
  return isJson(found) ? found : {}
}

export function listAt(value: unknown, member: string): readonly unknown[] {
  const found = isJson(value) ? value[member] : undefined
  return Array.isArray(found) ? found : []
}

/** Undefined when it is absent, empty or no text. */
export function textAt(value: unknown, member: string): string | undefined {
  const found = isJson(value) ? value[member] : undefined
  return typeof found === 'string' && found !== '' ? found : undefined
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
