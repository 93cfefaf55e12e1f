/** Connections to clouds: made, shown, tried, read anew, forgotten. */
import type { App } from '../../app/app.ts'
import {
  configureConnection,
  connectionEtag,
  tryConnection,
  type ConnectionInput,
} from '../../app/clouds/configure-connection.ts'
import { removeConnection } from '../../app/clouds/remove-connection.ts'
import {
  checkConnection,
  listConnections,
  refreshConnection,
  showConnection,
  viewOf,
  type ConnectionView,
} from '../../app/clouds/show-connections.ts'
import type { WireConnectionCheckList, WireConnectionList } from '../../contract/connection.ts'
import type { ConnectionCheck } from '../../domain/clouds/connection.ts'
import type { Result } from '../../domain/refusal.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { checkFrom, connectionFrom, settingsFromWire } from '../wire/connection-wire.ts'
import { refusedAnswer } from '../errors.ts'

type ConnectionRoutes = Pick<
  Handlers,
  | 'Connections_List'
  | 'Connections_Get'
  | 'Connections_CreateOrUpdate'
  | 'Connections_Delete'
  | 'Connections_Check'
  | 'Connections_Refresh'
>

export function connectionRoutes(app: App): ConnectionRoutes {
  return {
    Connections_List: async ({ caller }) => {
      const list: WireConnectionList = { value: (await listConnections(app, caller)).map(connectionFrom) }
      return answered(list)
    },
    Connections_Get: async ({ params: { connectionName }, caller }) =>
      shown(await showConnection(app, connectionName, caller)),
    Connections_CreateOrUpdate: (call) => writeAnswer(app, call),
    Connections_Delete: async ({ params: { connectionName }, caller }) => {
      const removed = await removeConnection(app, connectionName, caller)
      return removed.ok ? { status: removed.value ? 200 : 204 } : refusedAnswer(removed.refusals)
    },
    Connections_Check: async ({ params: { connectionName }, caller }) =>
      checked(await checkConnection(app, connectionName, caller)),
    Connections_Refresh: async ({ params: { connectionName }, caller }) =>
      shown(await refreshConnection(app, connectionName, caller)),
  }
}

async function writeAnswer(app: App, call: Call<'Connections_CreateOrUpdate'>): Promise<Answer> {
  const settings = settingsFromWire(call.body.settings)
  if (!settings.ok) return refusedAnswer(settings.refusals)
  const [ifMatch, ifNoneMatch] = [call.header('if-match'), call.header('if-none-match')]
  const { secret } = call.body
  const input: ConnectionInput = {
    name: call.params.connectionName,
    settings: settings.value,
    caller: call.caller,
    ...(secret !== undefined && { secret }),
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
  }
  if (call.query.dryRun === true) return checked(await tryConnection(app, input))
  const written = await configureConnection(app, input)
  return written.ok ? shown({ ok: true, value: viewOf(app, written.value) }) : refusedAnswer(written.refusals)
}

function shown(view: Result<ConnectionView>): Answer {
  if (!view.ok) return refusedAnswer(view.refusals)
  return answered(connectionFrom(view.value), { etag: connectionEtag(view.value.connection) })
}

function checked(checks: Result<readonly ConnectionCheck[]>): Answer {
  if (!checks.ok) return refusedAnswer(checks.refusals)
  const list: WireConnectionCheckList = { value: checks.value.map(checkFrom) }
  return answered(list)
}
