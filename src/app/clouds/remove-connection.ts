/**
 * Forgetting a cloud. Refused while anything of ours is there: without the connection nobody could close what is open or
 * restore what was moved.
 */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { StoredConnection } from '../ports/connection-record.ts'
import type { Tx } from '../ports/store.ts'
import { refusalOnRecord } from '../audit/refusal-on-record.ts'
import { toldBy } from '../audit/told-by.ts'
import { connectionId, pointPrefixesOf, reaches } from '../../domain/clouds/judge-connection.ts'
import { ok, refusal, refused, withFacts, type Refusal, type Result } from '../../domain/refusal.ts'
import { DELETE_CONNECTION } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId } from '../../domain/resource-id.ts'

/** False when there was no such connection. */
export async function removeConnection(app: App, name: string, caller: Caller): Promise<Result<boolean>> {
  const id = connectionId(app.installation, name)
  if (!id.ok) return ok(false)
  const write = { action: 'connection.refused', target: id.value, caller, facts: { what: 'remove' } } as const
  return refusalOnRecord(app, write, remove(app, id.value, caller))
}

async function remove(app: App, id: ResourceId, caller: Caller): Promise<Result<boolean>> {
  const denied = await authorize(app, caller, [{ anyOf: DELETE_CONNECTION, scope: id }])
  if (denied.length > 0) return refused(...denied)
  const removed = await app.store.transaction(async (tx) => {
    await tx.connections.change()
    const connection = await tx.connections.find(resourceKey(id))
    if (connection === undefined) return ok(false)
    const issues = await uses(tx, connection)
    if (issues.length > 0) return refused(...issues)
    await tx.connections.remove(connection.key)
    const { settings, version } = connection
    const data = toldBy(caller, { version, kind: settings.kind, before: settings, after: null })
    const who = { actor: actorOf(caller), address: caller.address }
    await tx.append([{ at: app.clock.now(), action: 'connection.removed', ...who, target: connection.id, data }])
    return ok(true)
  })
  if (removed.ok) await app.clouds.sync()
  return removed
}

async function uses(tx: Tx, connection: StoredConnection): Promise<Refusal[]> {
  const guarded = (await tx.connections.protectedMachines()).filter((key) => reaches(connection, key))
  if (guarded.length > 0) {
    const message = `policies name machines of '${connection.name}' (${guarded.length}), such as ${guarded[0]}; take them out of the policies first`
    const facts = { name: connection.name, count: guarded.length, machine: guarded[0] ?? '' }
    return [withFacts(refusal('ConnectionInUse', message), facts)]
  }
  if ((await tx.nextDue('', pointPrefixesOf(connection))) === undefined) return []
  const message = `'${connection.name}' is still being restored after its policies were removed; try again in a minute (sallyport doctor says what fails)`
  return [withFacts(refusal('ConnectionInUse', message), { restored: connection.name })]
}
