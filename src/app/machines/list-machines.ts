/** Machines with what protects them and what is open on them now. */
import type { App } from '../app.ts'
import { inTurns } from '../in-turns.ts'
import { mayAtMachines } from './may-at-machines.ts'
import { keysOf } from '../policies/judge-policy.ts'
import { rightsOf } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { Machine } from '../ports/inventory.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import { storedPolicyBody } from '../policies/stored-policy-body.ts'
import { grantsWithReach } from '../requests/with-reach.ts'
import type { Grant } from '../../domain/access/grant.ts'
import type { PortRule } from '../../domain/policy/policy.ts'
import { mayMean, namesLike } from '../../domain/names-like.ts'
import { READ_POLICY, readMachine } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceKey } from '../../domain/resource-id.ts'

export interface MachineView {
  readonly machine: Machine
  /** Ids of the policies that name it. */
  readonly policies: readonly string[]
  readonly ports: readonly PortRule[]
  /** Grants that are not over. */
  readonly live: readonly Grant[]
}

/** Machines looked at before others get their turn. */
const AT_ONCE = 2_000

interface Asked {
  readonly named?: string | undefined
  readonly top?: number | undefined
}

/**
 * The machines that the caller may read, with the policies that it may read: of the others it is told nothing. `named`
 * leaves those that a person may mean who types it: what is hidden from the caller hides nothing else. Who wants the first
 * `top` of them is still typing, and may mean a longer name than one that fits already.
 */
export async function listMachines(
  app: Pick<App, 'store' | 'inventory' | 'access' | 'driverOf'>,
  caller: Caller,
  { named, top }: Asked = {},
): Promise<MachineView[]> {
  const mayRead = mayAtMachines(await rightsOf(app, caller), { anyOf: ({ id }) => readMachine(id) })
  const readable: Machine[] = []
  await inTurns(app.inventory.list(), AT_ONCE, (machine) => {
    if ((named === undefined || mayMean(named, machine)) && mayRead(machine)) readable.push(machine)
  })
  const meant = named === undefined || top !== undefined ? readable.slice(0, top) : namesLike(named, readable)
  return viewsOf(app, meant, caller)
}

/** Of machines that the caller may read. */
export async function viewsOf(
  app: Pick<App, 'store' | 'inventory' | 'access' | 'driverOf'>,
  machines: readonly Machine[],
  caller: Caller,
): Promise<MachineView[]> {
  const rights = await rightsOf(app, caller)
  const covering = await app.store.reads.policiesCovering(machines.map((machine) => machine.key))
  const policies = covering.filter(({ id }) => rights.may(READ_POLICY, id))
  const byMachine = policiesByMachine(policies)
  const grants = await grantsWithReach(app, await app.store.reads.liveGrants(policies.map(({ uid }) => uid)))
  const live = Map.groupBy(grants, (grant) => resourceKey(grant.machine))
  return machines.map((machine) => {
    const naming = byMachine.get(machine.key) ?? []
    const ports = naming.flatMap((policy) => portsOf(policy, machine.key))
    return { machine, policies: naming.map(({ id }) => id), ports, live: live.get(machine.key) ?? [] }
  })
}

function policiesByMachine(policies: readonly StoredPolicy[]): Map<ResourceKey, StoredPolicy[]> {
  const byMachine = new Map<ResourceKey, StoredPolicy[]>()
  for (const policy of policies)
    for (const key of keysOf(policy)) byMachine.set(key, [...(byMachine.get(key) ?? []), policy])
  return byMachine
}

function portsOf(policy: StoredPolicy, key: ResourceKey): readonly PortRule[] {
  return storedPolicyBody(policy).machines.find((machine) => machine.key === key)?.ports ?? []
}
