/** Gives the host back the ruleset that it had before: nothing of ours stands in its kernel afterwards. */
import type { PointId } from '../app/ports/inventory.ts'
import { resourceKey, type ResourceId } from '../domain/resource-id.ts'
import { openNftables } from '../drivers/nftables/open-nftables.ts'

/** The ports of which protection ends, as a sentence; undefined when nothing of ours stands. */
export type Removal = { readonly text: string; carryOut(): Promise<void>; cancel(): Promise<void> }

const NOTHING = { shields: [], holes: [] }

export async function planRemoval(machine: string): Promise<Removal> {
  const key = resourceKey(machine as ResourceId) // from the record, or none: no hole is named by it here
  const point = `host:${key}` as PointId // there is only one
  const clock = { now: () => Date.now() }
  const driver = openNftables({ point, machine: key, clock, backend: 'auto', ownTable: 'auto' })
  const signal = new AbortController().signal
  const observed = await driver.observe(point, 'all', signal)
  const plan = driver.plan({ desired: NOTHING, observed, scope: 'all', journal: [], now: clock.now() })
  return {
    text: plan.steps.map(({ text }) => text).join('; '),
    carryOut: async () => {
      await driver.apply(point, plan, signal)
      await driver.close()
    },
    cancel: () => driver.close(),
  }
}
