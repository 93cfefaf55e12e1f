/**
 * When labels change, or a host comes or goes, policies that choose machines by their labels follow: each is judged and
 * written as an edit is, so a machine that falls out is unprotected only where nothing forbids it, and all is on record.
 */
import type { App } from '../app.ts'
import { machinesOf } from './chosen-machines.ts'
import { etagOf, judgeAndWrite } from './configure-policy.ts'
import type { Caller } from '../ports/caller.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import { chosenKeys } from '../../domain/policy/choose-machines.ts'
import { isChosen, type Labels } from '../../domain/policy/label-selector.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'

/** Nobody asked: a host came, or what is known of one changed. */
const BY_ITSELF: Caller = { name: 'sallyport', address: '', principals: [], isBreakGlass: false }

/** `caller`: whose change they follow. */
export async function followSelectors(app: App, caller: Caller = BY_ITSELF): Promise<void> {
  const choosing = await app.store.reads.policiesChoosing()
  if (choosing.length === 0) return
  // After the policies were read: whatever they choose already is among the hosts that are read now.
  await app.hosts.sync()
  for (const policy of choosing) await follow(app, policy, caller)
}

async function follow(app: App, policy: StoredPolicy, caller: Caller): Promise<void> {
  const machines = machinesOf(app, policy, policy)
  const [before, after] = [chosenKeys(policy.machines), chosenKeys(machines)]
  if (before.size === after.size && [...after].every((key) => before.has(key))) return
  const { subscriptionId, resourceGroup, location, name, kind, selectors = [] } = policy
  const address = { subscriptionId, resourceGroup, location, name }
  const written = {
    address,
    kind,
    machines,
    selectors,
    caller,
    force: true,
    follows: true,
    ifMatch: etagOf(policy),
  } as const
  const result = await judgeAndWrite(app, written, policy.id)
  if (result.ok || result.refusals.some(({ code }) => MEANWHILE.has(code))) return
  app.log.error(
    { policy: policy.id, refusals: result.refusals },
    'a policy cannot follow the labels of its machines: see why, and edit the policy or the labels',
  )
}

/** Somebody wrote it, and chose anew. */
const MEANWHILE: ReadonlySet<string> = new Set(['PreconditionFailed', 'PolicyChangedMeanwhile'])

/** Policies out of which machines would fall with these labels instead of those. */
export async function policiesLosing(
  { store }: Pick<App, 'store'>,
  machines: ReadonlySet<ResourceKey>,
  labels: Labels,
): Promise<StoredPolicy[]> {
  const choosing = await store.reads.policiesChoosing()
  return choosing.filter(({ machines: all, selectors = [] }) => {
    const has = [...chosenKeys(all)].some((key) => machines.has(key))
    return has && !selectors.some((selector) => isChosen(labels, selector.labels))
  })
}
