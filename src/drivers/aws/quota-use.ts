/**
 * How much of a group's quota rules use up: IPv4 and IPv6 are counted apart, a reference to a group counts for both, and
 * a prefix list as many entries as it may hold.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
 */
import { familiesOf, type Traffic } from './group-rule.ts'
import type { PrefixList } from './vpc-state.ts'

export interface QuotaUse {
  readonly 4: number
  readonly 6: number
}

export function quotaUse(rules: Iterable<Traffic>, prefixLists: ReadonlyMap<string, PrefixList>): QuotaUse {
  const use = { 4: 0, 6: 0 }
  for (const rule of rules) {
    const list = prefixLists.get(rule.peer)
    if (list !== undefined) use[list.family] += list.maxEntries
    else for (const family of familiesOf(rule)) use[family] += 1
  }
  return use
}

export function fits(use: QuotaUse, limit: number): boolean {
  return use[4] <= limit && use[6] <= limit
}
