/**
 * The machines of a policy from their text. Every request reads the same few policies, so a text that was read before
 * gives the same list again; long ones are not kept, and of the others the longest unread one goes first.
 */
import type { PolicyMachineInput } from '../domain/policy.ts'

const MOST_KEPT = 256
const LONGEST_KEPT = 65_536

const kept = new Map<string, readonly PolicyMachineInput[]>()

/** Nobody may change the list: it is shared. */
export function machinesFromText(text: string): readonly PolicyMachineInput[] {
  const known = kept.get(text)
  const machines = known ?? (JSON.parse(text) as PolicyMachineInput[]) // as rowFromPolicy wrote it
  if (text.length > LONGEST_KEPT) return machines
  kept.delete(text)
  kept.set(text, machines)
  const [oldest] = kept.keys()
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
  return machines
}
