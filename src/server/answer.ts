/** What an operation answers, as a value. Only `mount.ts` turns it into a response. */
import type { Readable } from 'node:stream'

export interface Answer {
  readonly status: number
  /** An object is sent as JSON, a text as it is, a stream as fast as it is taken. */
  readonly body?: object | string | Readable
  /** Several of one name are several headers. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

export function answered(body: object, headers: NonNullable<Answer['headers']> = {}): Answer {
  return { status: 200, body, headers }
}
