/** What an operation answers, as a value. Only `mount.ts` turns it into a response. */

export interface Answer {
  readonly status: number
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
}

export function answered(body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, body, headers }
}
