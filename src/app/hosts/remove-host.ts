/**
 * Forgetting a host. Its agent is cut off and never believed again; what its kernel protects stays protected until the
 * agent is uninstalled there, and holes end by themselves. By force also while policies name it: then what they opened on
 * it is taken back on record, which nobody can see on a host that is not asked any more.
 */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import { inUse } from './change-host.ts'
import { followSelectors } from '../policies/follow-selectors.ts'
import { lockPointsOf, revokeGrants } from '../requests/revoke-grants.ts'
import type { Caller } from '../ports/caller.ts'
import type { StoredPolicy } from '../ports/rows.ts'
import type { Tx } from '../ports/store.ts'
import { refusalOnRecord } from '../audit/refusal-on-record.ts'
import { toldBy } from '../audit/told-by.ts'
import type { Grant } from '../../domain/access/grant.ts'
import type { Host, HostId } from '../../domain/hosts/host.ts'
import { hostMachineId } from '../../domain/hosts/judge-host.ts'
import { pairsOf } from '../../domain/policy/label-selector.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { DELETE_HOST } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'

export interface RemoveHostInput {
  readonly name: string
  readonly force: boolean
  readonly caller: Caller
}

/** False when there was no such host. */
export function removeHost(app: App, input: RemoveHostInput): Promise<Result<boolean>> {
  const id = hostMachineId(app.installation, input.name)
  if (!id.ok) return Promise.resolve(ok(false))
  const write = { action: 'host.refused', target: id.value, caller: input.caller, facts: { what: 'remove' } } as const
  return refusalOnRecord(app, write, remove(app, input, id.value))
}

async function remove(app: App, input: RemoveHostInput, id: ResourceId): Promise<Result<boolean>> {
  const denied = await authorize(app, input.caller, [{ anyOf: DELETE_HOST, scope: id }])
  if (denied.length > 0) return refused(...denied)
  const removed = await app.store.transaction((tx) => removeIn(app, tx, input, id))
  if (!removed.ok) return removed
  if (removed.value === undefined) return ok(false)
  app.agents?.links.cut(removed.value, 'HostRemoved', 'an administrator removed this host')
  await app.hosts.sync()
  await followSelectors(app, input.caller)
  return ok(true)
}

async function removeIn(
  app: App,
  tx: Tx,
  { name, force, caller }: RemoveHostInput,
  id: ResourceId,
): Promise<Result<HostId | undefined>> {
  await tx.hosts.change()
  const host = await tx.hosts.find(resourceKey(id))
  if (host === undefined) return ok(undefined)
  const keys = [host.key, ...host.behind.map((machine) => resourceKey(machine.id))]
  const policies = await tx.policiesCovering(keys)
  if (policies.length > 0 && !force)
    return refused(
      inUse(
        name,
        policies.map((policy) => policy.name),
      ),
    )
  await takeBack(app, tx, { caller, keys, policies })
  await tx.hosts.remove(host.id)
  await tx.append([removedEvent(app, caller, host, policies.length > 0)])
  return ok(host.id)
}

interface Taking {
  readonly caller: Caller
  readonly keys: readonly ResourceKey[]
  readonly policies: readonly StoredPolicy[]
}

async function takeBack(app: App, tx: Tx, { caller, keys, policies }: Taking): Promise<void> {
  if (policies.length === 0) return
  const now = app.clock.now()
  const live = async (): Promise<Grant[]> =>
    (await tx.liveGrants(policies.map(({ uid }) => uid))).filter(({ machine }) => keys.includes(resourceKey(machine)))
  const rows = await lockPointsOf(app, tx, await live(), now)
  await revokeGrants(tx, await live(), { rows, caller, now })
}

function removedEvent(app: App, caller: Caller, { machine, kind, labels, generation }: Host, forced: boolean) {
  return {
    at: app.clock.now(),
    action: 'host.removed' as const,
    actor: actorOf(caller),
    address: caller.address,
    target: machine,
    data: toldBy(caller, { kind, labels: pairsOf(labels), generation, forced }),
  }
}
