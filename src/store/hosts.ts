/**
 * Hosts that run the agent, and the one-time permissions to enrol. Every change that other replicas must know of raises one
 * version; whoever changes holds that row locked until it commits. Who serves a host and when it was last seen is written
 * often and by many, and raises nothing (`served-hosts.ts`).
 */
import { sql } from 'kysely'
import type { HostReads, HostTx } from '../app/ports/host-record.ts'
import type { EnrollmentToken, HostId } from '../domain/hosts/host.ts'
import type { ResourceKey } from '../domain/resource-id.ts'
import type { Instant } from '../domain/time.ts'
import { hostFromRow, rowFromHost } from './host-row.ts'
import type { HostTable, HostTokenTable } from './host-tables.ts'
import { insertRows } from './insert-rows.ts'
import { releasePointsOf, servedHostsOn } from './served-hosts.ts'
import type { Session } from './session.ts'
import { readSetting, writeSetting } from './settings.ts'
import { statement } from './statement.ts'

/** Key and certificate, sealed; replicas share it. */
const AUTHORITY = 'hostAuthority'

export function hostReadsOn(session: Session): HostReads {
  return {
    version: async () => versionIn(await plainVersion(session, {})),
    all: async () => (await allHosts(session, {})).map(hostFromRow),
    find: async (key) => (await hostByKey(session, { key })).map(hostFromRow)[0],
    byId: async (id) => (await hostById(session, { id })).map(hostFromRow)[0],
    authority: () => readSetting(session, AUTHORITY),
  }
}

export function hostTxOn(session: Session): HostTx {
  return {
    ...hostReadsOn(session),
    ...servedHostsOn(session),
    change: async () => versionIn(await raise(session, {})),
    put: async (host) => (await putHost(session, rowFromHost(host))).length > 0,
    remove: async (id) => {
      await releasePointsOf(session, [id])
      await removeTokens(session, { id })
      await removeHost(session, { id })
    },
    addToken: (token) => insertTokens(session, [rowFromToken(token)]),
    token: async (hash) => (await tokenByHash(session, { hash })).map(tokenFromRow)[0],
    useToken: async (hash, at) => (await useToken(session, { hash, at })).length > 0,
    putAuthority: (sealed) => writeSetting(session, AUTHORITY, sealed),
  }
}

function versionIn(rows: readonly { readonly version: number }[]): number {
  const [row] = rows
  if (row === undefined) throw new Error('the version of hosts is missing; the database was changed by hand')
  return row.version
}

const plainVersion = statement((writer) => writer.selectFrom('host_version').select('version'))

const raise = statement((writer) =>
  writer
    .updateTable('host_version')
    .set({ version: sql<number>`version + 1` })
    .where('one', '=', 1)
    .returning('version'),
)

const allHosts = statement((writer) => writer.selectFrom('hosts').selectAll().orderBy('machine_key'))

const hostByKey = statement((writer, p: { key: ResourceKey }) =>
  writer.selectFrom('hosts').selectAll().where('machine_key', '=', p.key),
)

const hostById = statement((writer, p: { id: HostId }) => writer.selectFrom('hosts').selectAll().where('id', '=', p.id))

/** What is written of a host by whoever serves it stays, but for a new generation, of which nothing was seen yet. */
const putHost = statement((writer, p: HostTable) => {
  const isNew = sql`excluded.generation > hosts.generation`
  const seen = (column: keyof HostTable, anew: unknown) =>
    sql<never>`case when ${isNew} then ${anew} else hosts.${sql.ref(column)} end`
  const changed = {
    name: p.name,
    labels: p.labels,
    kind: p.kind,
    behind: p.behind,
    gateway: p.gateway,
    generation: p.generation,
    certificates: p.certificates,
    certificate_ends_at: p.certificate_ends_at,
    enrolled_at: p.enrolled_at,
    revoked_at: p.revoked_at,
    revoked_because: p.revoked_because,
    version: p.version,
  }
  const fixed = { id: p.id, machine: p.machine, machine_key: p.machine_key, created_at: p.created_at }
  const fresh = { last_sequence: p.last_sequence, last_boot_id: p.last_boot_id, gone_told: 0, facts: p.facts }
  return writer
    .insertInto('hosts')
    .values({ ...changed, ...fixed, ...fresh })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({
          ...changed,
          last_sequence: seen('last_sequence', sql.lit(0)),
          last_boot_id: seen('last_boot_id', sql.lit(null)),
          seen_at: seen('seen_at', sql.lit(null)),
          gone_at: seen('gone_at', sql.lit(null)),
          gone_told: seen('gone_told', sql.lit(0)),
          facts: seen('facts', sql.ref('excluded.facts')),
        })
        .where(sql<boolean>`hosts.version = excluded.version - 1`),
    )
    .returning('hosts.id')
})

const removeHost = statement((writer, p: { id: HostId }) => writer.deleteFrom('hosts').where('id', '=', p.id))

const removeTokens = statement((writer, p: { id: HostId }) =>
  writer.deleteFrom('host_tokens').where('host_id', '=', p.id),
)

const insertTokens = insertRows('host_tokens', ['hash', 'host_id', 'until_at', 'used_at'])

const tokenByHash = statement((writer, p: { hash: string }) =>
  writer.selectFrom('host_tokens').selectAll().where('hash', '=', p.hash),
)

const useToken = statement((writer, p: { hash: string; at: Instant }) =>
  writer
    .updateTable('host_tokens')
    .set({ used_at: p.at })
    .where('hash', '=', p.hash)
    .where('used_at', 'is', null)
    .returning('hash'),
)

function tokenFromRow(row: HostTokenTable): EnrollmentToken {
  const { hash, until_at: until, used_at: usedAt } = row
  return { hash, host: row.host_id as HostId, until, usedAt: usedAt ?? undefined } // only ids of hosts are written there
}

function rowFromToken({ hash, host, until, usedAt }: EnrollmentToken): HostTokenTable {
  return { hash, host_id: host, until_at: until, used_at: usedAt ?? null }
}
