/** Operations on connections to clouds. Each is a resource of its own, and its scope is that resource's id. */
import { z } from 'zod'
import { connection, connectionBody, connectionCheckList, connectionList } from './connection.ts'
import type { Operation } from './operation.ts'
import { flag } from './text.ts'

const OURS = { tag: 'sallyport', apiVersion: 'none' } as const
const CONNECTIONS = '/api/v1/connections' as const
const CONNECTION = `${CONNECTIONS}/{connectionName}` as const

export const CONNECTION_OPERATIONS = {
  Connections_List: {
    ...OURS,
    method: 'GET',
    path: CONNECTIONS,
    summary: 'Lists the connections to clouds',
    answers: { 200: { text: 'The connections', body: connectionList } },
  },
  Connections_Get: {
    ...OURS,
    method: 'GET',
    path: CONNECTION,
    summary: 'Shows a connection and how fresh its inventory is',
    answers: { 200: { text: 'The connection', body: connection } },
  },
  Connections_CreateOrUpdate: {
    ...OURS,
    method: 'PUT',
    path: CONNECTION,
    summary: 'Connects a cloud, or changes how',
    query: z.object({
      dryRun: flag.meta({ description: 'true: judge it, try what it needs in the cloud, and keep nothing' }),
    }),
    headers: {
      'If-Match': 'The ETag that you last saw: refused with 412 if it has changed since',
      'If-None-Match': '*: refused with 412 if there is such a connection already',
    },
    body: connectionBody,
    answers: {
      200: { text: 'The connection; for a dry run, the checks', body: z.union([connection, connectionCheckList]) },
    },
  },
  Connections_Delete: {
    ...OURS,
    method: 'DELETE',
    path: CONNECTION,
    summary: 'Forgets a connection; refused while a policy names a machine of it',
    answers: { 200: { text: 'Removed' }, 204: { text: 'There was none' } },
  },
  Connections_Check: {
    ...OURS,
    method: 'POST',
    path: `${CONNECTION}/check`,
    summary: 'Tries everything that the connection needs, without changing anything',
    answers: { 200: { text: 'What was tried', body: connectionCheckList } },
  },
  Connections_Refresh: {
    ...OURS,
    method: 'POST',
    path: `${CONNECTION}/refresh`,
    summary: 'Reads the machines of the connection anew',
    answers: { 200: { text: 'The connection, with its inventory as it now is', body: connection } },
  },
} as const satisfies Readonly<Record<string, Operation>>
