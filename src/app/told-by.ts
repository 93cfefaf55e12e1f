/** The facts of an event that a call caused, with what ties it to the other events of that call. */
import type { Caller } from './ports.ts'

/** The event's `data`; a field that domain/audit-facts.ts does not list is left out when it is written. */
export function toldBy({ correlation }: Pick<Caller, 'correlation'>, facts: object): string {
  return JSON.stringify(correlation === undefined ? facts : { ...facts, correlation })
}
