/**
 * The body of a stored policy. It was judged when it was written, so it parses; a policy that was read before, and that
 * the store hands out as the same list of machines, is not parsed again.
 */
import type { StoredPolicy } from '../ports/rows.ts'
import { parsePolicy, type PolicyBody } from '../../domain/policy/policy.ts'

const bodies = new WeakMap<StoredPolicy['machines'], PolicyBody>()

type Written = Pick<StoredPolicy, 'id' | 'name' | 'machines' | 'selectors'>

/** Throws for a policy that was changed by hand into one that nobody could have written. */
export function storedPolicyBody({ id, name, machines, selectors }: Written): PolicyBody {
  const known = bodies.get(machines)
  if (known?.name === name) return known
  const parsed = parsePolicy(name, machines, selectors)
  if (!parsed.ok) throw new Error(`stored policy ${id} does not parse: ${parsed.refusals[0]?.message ?? ''}`)
  bodies.set(machines, parsed.value)
  return parsed.value
}
