/** Connections to clouds, to each caller those it may read, and what asking the cloud through one of them says. */
import type { App } from '../app.ts'
import { authorize, rightsOf } from '../identity/authorize.ts'
import type { InventoryState } from './clouds.ts'
import type { Caller } from '../ports/caller.ts'
import type { StoredConnection } from '../ports/connection-record.ts'
import type { Connection, ConnectionCheck } from '../../domain/clouds/connection.ts'
import { connectionId } from '../../domain/clouds/judge-connection.ts'
import { briefly, ok, quoted, refusal, refused, withFacts, type Result } from '../../domain/refusal.ts'
import { CHECK_CONNECTION, READ_CONNECTION, type ActionChoice } from '../../domain/roles/required-actions.ts'
import { resourceKey } from '../../domain/resource-id.ts'

export interface ConnectionView {
  readonly connection: Connection
  readonly inventory: InventoryState
}

export async function listConnections(app: App, caller: Caller): Promise<ConnectionView[]> {
  const rights = await rightsOf(app, caller)
  const all = await app.store.reads.connections.all()
  return all.filter(({ id }) => rights.may(READ_CONNECTION, id)).map((each) => viewOf(app, each))
}

export async function showConnection(app: App, name: string, caller: Caller): Promise<Result<ConnectionView>> {
  const found = await find(app, READ_CONNECTION, name, caller)
  return found.ok ? ok(viewOf(app, found.value)) : found
}

/** Tries everything that the connection needs, without changing anything. */
export async function checkConnection(
  app: App,
  name: string,
  caller: Caller,
): Promise<Result<readonly ConnectionCheck[]>> {
  const found = await find(app, CHECK_CONNECTION, name, caller)
  if (!found.ok) return found
  await app.clouds.sync()
  return ok(await app.clouds.checkKept(found.value.key))
}

/** Reads its machines anew; how that went is in the answer. */
export async function refreshConnection(app: App, name: string, caller: Caller): Promise<Result<ConnectionView>> {
  const found = await find(app, CHECK_CONNECTION, name, caller)
  if (!found.ok) return found
  await app.clouds.sync()
  await app.clouds.refresh(found.value.key)
  return ok(viewOf(app, found.value))
}

async function find(app: App, needed: ActionChoice, name: string, caller: Caller): Promise<Result<StoredConnection>> {
  const id = connectionId(app.installation, name)
  const message = `there is no connection ${quoted(name)}; list them with: sallyport connect list`
  const notFound = refused(withFacts(refusal('ConnectionNotFound', message), { name: briefly(name) }))
  if (!id.ok) return notFound
  const denied = await authorize(app, caller, [{ anyOf: needed, scope: id.value }])
  if (denied.length > 0) return refused(...denied)
  const connection = await app.store.reads.connections.find(resourceKey(id.value))
  return connection === undefined ? notFound : ok(connection)
}

export function viewOf({ clouds }: Pick<App, 'clouds'>, connection: StoredConnection): ConnectionView {
  return { connection, inventory: clouds.stateOf(connection.key) }
}
