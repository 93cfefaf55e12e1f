/** Whom an audit event names: the name, or, for a program, which has none, its object id. Never empty for somebody known. */
import type { Caller } from '../ports/caller.ts'

export function actorOf({ name, principals }: Pick<Caller, 'name' | 'principals'>): string {
  return name === '' ? (principals[0] ?? '') : name
}
