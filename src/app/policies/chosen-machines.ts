/**
 * Which machines the selectors of a policy choose now. One that cannot be protected is not chosen, but stays where it is
 * chosen already; one that is on record no more is chosen no more.
 */
import type { App } from '../app.ts'
import { selectorsOf, type PolicyInput } from './judge-policy.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import { chosenKeys, withChosen, type Labelled } from '../../domain/policy/choose-machines.ts'
import { resourceKey, type ResourceId } from '../../domain/resource-id.ts'

type Ground = Pick<App, 'store' | 'inventory' | 'hosts'>

/** The input with every machine that it names or chooses. */
export async function withChosenMachines(app: Ground, input: PolicyInput, id: ResourceId): Promise<PolicyInput> {
  const existing = await app.store.reads.policy(resourceKey(id))
  const selectors = input.selectors ?? existing?.selectors ?? []
  if (selectors.length === 0) return { ...input, machines: withChosen(input.machines, [], []) }
  // What is chosen by a replica that has not read the hosts would be nothing.
  await app.hosts.sync()
  return {
    ...input,
    ...selectorsOf(selectors),
    machines: machinesOf(app, { machines: input.machines, selectors }, existing),
  }
}

export function machinesOf(
  app: Pick<App, 'inventory'>,
  { machines, selectors = [] }: Pick<StoredPolicy, 'machines' | 'selectors'>,
  existing: StoredPolicy | undefined,
): StoredPolicy['machines'] {
  return withChosen(machines, selectors, labelled(app, chosenKeys(existing?.machines ?? [])))
}

function labelled({ inventory }: Pick<App, 'inventory'>, before: ReadonlySet<string>): Labelled[] {
  return inventory.list().flatMap(({ id, key, labels, unsupported, points }) => {
    if (labels === undefined || points.length === 0) return []
    return unsupported === undefined || before.has(key) ? [{ id, key, labels }] : []
  })
}
