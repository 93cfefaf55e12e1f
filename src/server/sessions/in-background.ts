/**
 * Whether a page calls by itself, with nobody at it. Its word can only let a session end sooner, so it is believed; what
 * listens for changes is always such a call.
 */
import type { OperationId } from '../../contract/operations.ts'

const HEADER = 'sallyport-background'
const LISTENS: OperationId = 'Changes_Watch'

export function isInBackground(header: (name: string) => unknown, operation?: string): boolean {
  return operation === LISTENS || header(HEADER) === 'true'
}
