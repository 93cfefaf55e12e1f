/** Where those begin that stand behind the key, of many in the order of their keys; all of them without one. */
import type { ResourceKey } from '../../domain/resource-id.ts'

export function firstAfter(items: readonly { readonly key: ResourceKey }[], after: ResourceKey | undefined): number {
  let [from, to] = [0, after === undefined ? 0 : items.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((items[middle]?.key ?? '') <= (after ?? '')) from = middle + 1
    else to = middle
  }
  return from
}
