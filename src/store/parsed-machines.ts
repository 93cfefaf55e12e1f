/**
 * The machines of a policy from their text. Every request and every pass reads the same few policies, so a text that was
 * read before gives the same list again; when they are too long together, the longest unread ones go first.
 */
import type { PolicyMachineInput } from '../domain/policy/policy.ts'

const MOST_KEPT = 256
/** Of characters, in all; a policy of a thousand machines has about 250,000. */
const LONGEST_KEPT = 16_777_216

const kept = new Map<string, readonly PolicyMachineInput[]>()
let length = 0

/** Nobody may change the list: it is shared. */
export function machinesFromText(text: string): readonly PolicyMachineInput[] {
  const known = kept.get(text)
  const machines = known ?? (JSON.parse(text) as PolicyMachineInput[]) // as rowFromPolicy wrote it
  if (kept.delete(text)) length -= text.length
  kept.set(text, machines)
  length += text.length
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT && length <= LONGEST_KEPT) break
    kept.delete(oldest)
    length -= oldest.length
  }
  return machines
}
