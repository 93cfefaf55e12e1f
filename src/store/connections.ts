/**
 * Connections to clouds, and the protected machines that were seen through them. Every change raises one version;
 * whoever changes holds that row locked until it commits.
 */
import { sql } from 'kysely'
import type { ConnectionReads, ConnectionTx, StoredConnection } from '../app/ports/connection-record.ts'
import type { Machine, PointId } from '../app/ports/inventory.ts'
import type { ConnectionSettings } from '../domain/clouds/connection.ts'
import type { ResourceId, ResourceKey } from '../domain/resource-id.ts'
import type { Instant } from '../domain/time.ts'
import type { ConnectionMachineTable, ConnectionTable } from './connection-tables.ts'
import { insertRows } from './insert-rows.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

export function connectionReadsOn(session: Session): ConnectionReads {
  return {
    version: async () => versionIn(await plainVersion(session, {})),
    all: async () => (await allConnections(session, {})).map(connectionFromRow),
    find: async (key) => (await connectionByKey(session, { key })).map(connectionFromRow)[0],
    remembered: async (connection) => (await machinesOf(session, { connection })).map(machineFromRow),
    protectedMachines: async () =>
      (await protectedMachines(session, {})).map(({ machine_key: key }) => key as ResourceKey), // only keys are written there
    carrying: async (points) => (await carryingPoints(session, { points })).map(({ id }) => id as PointId), // as above
  }
}

export function connectionTxOn(session: Session): ConnectionTx {
  return {
    ...connectionReadsOn(session),
    change: async () => versionIn(await raise(session, {})),
    put: async (connection) => {
      await putConnection(session, rowFromConnection(connection))
    },
    remove: async (key) => {
      await forgetAll(session, { key })
      await removeConnection(session, { key })
    },
    remember: async (connection, machines, at) => {
      await forgetMachines(session, { keys: machines.map(({ key }) => key) })
      await insertMachines(
        session,
        machines.map((machine) => rowFromMachine(connection, machine, at)),
      )
    },
    forget: async (keys) => {
      await forgetMachines(session, { keys })
    },
  }
}

function versionIn(rows: readonly { readonly version: number }[]): number {
  const [row] = rows
  if (row === undefined) throw new Error('the version of connections is missing; the database was changed by hand')
  return row.version
}

const plainVersion = statement((writer) => writer.selectFrom('connection_version').select('version'))

const raise = statement((writer) =>
  writer
    .updateTable('connection_version')
    .set({ version: sql<number>`version + 1` })
    .where('one', '=', 1)
    .returning('version'),
)

const allConnections = statement((writer) => writer.selectFrom('connections').selectAll().orderBy('connection_key'))

const connectionByKey = statement((writer, p: { key: ResourceKey }) =>
  writer.selectFrom('connections').selectAll().where('connection_key', '=', p.key),
)

const putConnection = statement((writer, p: ConnectionTable) => {
  const changed = {
    name: p.name,
    settings: p.settings,
    sealed_secret: p.sealed_secret,
    version: p.version,
    updated_at: p.updated_at,
  }
  return writer
    .insertInto('connections')
    .values({ ...changed, connection_key: p.connection_key, id: p.id, created_at: p.created_at })
    .onConflict((conflict) => conflict.column('connection_key').doUpdateSet(changed))
})

const removeConnection = statement((writer, p: { key: ResourceKey }) =>
  writer.deleteFrom('connections').where('connection_key', '=', p.key),
)

const machinesOf = statement((writer, p: { connection: ResourceKey }) =>
  writer
    .selectFrom('connection_machines')
    .selectAll()
    .where('connection_key', '=', p.connection)
    .orderBy('machine_key'),
)

const protectedMachines = statement((writer) =>
  writer.selectFrom('policy_machines').select('machine_key').distinct().orderBy('machine_key'),
)

const carryingPoints = statement((writer, p: { points: readonly PointId[] }, { isIn }) =>
  writer
    .selectFrom('points')
    .select('id')
    .where(isIn(sql.ref('id'), p.points))
    .where('due_at', 'is not', null)
    .orderBy('id'),
)

const forgetAll = statement((writer, p: { key: ResourceKey }) =>
  writer.deleteFrom('connection_machines').where('connection_key', '=', p.key),
)

const forgetMachines = statement((writer, p: { keys: readonly ResourceKey[] }, { isIn }) =>
  writer.deleteFrom('connection_machines').where(isIn(sql.ref('machine_key'), p.keys)),
)

const insertMachines = insertRows('connection_machines', ['machine_key', 'connection_key', 'machine', 'seen_at'])

function connectionFromRow(row: ConnectionTable): StoredConnection {
  return {
    id: row.id as ResourceId, // was one when it was written, and never changes
    key: row.connection_key as ResourceKey, // as above
    name: row.name,
    settings: JSON.parse(row.settings) as ConnectionSettings, // as it was written below
    hasSecret: row.sealed_secret !== null,
    ...(row.sealed_secret === null ? {} : { sealedSecret: row.sealed_secret }),
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function rowFromConnection(connection: StoredConnection): ConnectionTable {
  return {
    connection_key: connection.key,
    id: connection.id,
    name: connection.name,
    settings: JSON.stringify(connection.settings),
    sealed_secret: connection.sealedSecret ?? null,
    version: connection.version,
    created_at: connection.createdAt,
    updated_at: connection.updatedAt,
  }
}

function machineFromRow(row: ConnectionMachineTable): Machine {
  return JSON.parse(row.machine) as Machine // as it was written below
}

function rowFromMachine(connection: ResourceKey, machine: Machine, at: Instant): ConnectionMachineTable {
  return {
    machine_key: machine.key,
    connection_key: connection,
    machine: JSON.stringify(machine),
    seen_at: at,
  }
}
