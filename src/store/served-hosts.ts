/**
 * Which replica holds an agent's connection, and what was last heard of each. A replica that gets one takes the point over
 * from whoever had it: that one's connection is cut, so nothing that it still does reaches the host.
 */
import { sql, type ExpressionBuilder } from 'kysely'
import type { HostArrival, HostArrivals, HostSighting, HostTx } from '../app/ports/host-record.ts'
import type { Host, HostId } from '../domain/hosts/host.ts'
import type { Instant } from '../domain/time.ts'
import type { Flavour } from './flavour.ts'
import { certificatesIn, HOST_POINT, hostFromRow } from './host-row.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'
import type { Tables } from './tables.ts'

type Served = Pick<HostTx, 'came' | 'seen' | 'alive' | 'went' | 'forsaken' | 'tellGone'>

export function servedHostsOn(session: Session): Served {
  return {
    came: (arrivals, owner) => came(session, arrivals, owner),
    seen: async (sightings, owner) => {
      for (const each of inOrder(sightings)) await seeHost(session, { ...valuesOf(each), owner })
    },
    alive: async (hosts, owner, at) => {
      const kept = new Set((await keepAlive(session, { hosts, owner, at })).map(({ id }) => id))
      return hosts.filter((id) => !kept.has(id))
    },
    went: async (departures, owner) => {
      const gone: { id: string }[] = []
      for (const { host: id, at } of inOrder(departures)) gone.push(...(await leaveHost(session, { id, owner, at })))
      await releasePointsOf(session, idsOf(gone))
    },
    forsaken: async (since) => {
      const ids = idsOf(await leaveForsaken(session, { since }))
      await releasePointsOf(session, ids)
      return ids
    },
    tellGone: async (since): Promise<Host[]> => (await tellGone(session, { since })).map(hostFromRow),
  }
}

async function came(session: Session, arrivals: readonly HostArrival[], owner: string): Promise<HostArrivals> {
  const untrusted: HostId[] = []
  const stale: HostId[] = []
  const back: HostId[] = []
  const taken: HostId[] = []
  for (const { host, fingerprint, ...arrival } of inOrder(arrivals)) {
    const [before] = await lockHost(session, { id: host })
    // It was in force when the connection was made, and may have been taken back before the first report.
    if (before === undefined || !certificatesIn(before).includes(fingerprint)) untrusted.push(host)
    else if (before.last_sequence >= arrival.sequence) stale.push(host)
    else {
      await takeHost(session, { ...valuesOf({ host, ...arrival }), owner })
      taken.push(host)
      if (before.gone_told === 1 || before.seen_at === null) back.push(host)
    }
  }
  const now = Math.max(...arrivals.map(({ at }) => at))
  if (taken.length > 0) await takePoints(session, { hosts: taken, owner, now })
  return { untrusted, stale, back }
}

interface Values {
  readonly id: HostId
  readonly at: Instant
  readonly sequence: number
  readonly bootId: string
  readonly facts: string | null
}

function valuesOf({ host, at, sequence, bootId, facts }: HostSighting): Values {
  return { id: host, at, sequence, bootId, facts: facts ?? null }
}

/** Whoever takes several takes them in one order. */
function inOrder<T extends Pick<HostSighting, 'host'>>(sightings: readonly T[]): T[] {
  return [...sightings].sort((a, b) => (a.host < b.host ? -1 : 1))
}

function idsOf(rows: readonly { readonly id: string }[]): HostId[] {
  return rows.map(({ id }) => id as HostId) // only ids of hosts are written there
}

const lockHost = statement((writer, p: { id: HostId }, flavour) =>
  writer
    .selectFrom('hosts')
    .select(['certificates', 'last_sequence', 'gone_told', 'seen_at'])
    .where('id', '=', p.id)
    .$if(flavour.locksRows, (query) => query.forNoKeyUpdate()),
)

const takeHost = statement((writer, p: Values & { owner: string }) =>
  writer
    .updateTable('hosts')
    .set({
      served_by: p.owner,
      seen_at: p.at,
      gone_at: null,
      gone_told: 0,
      last_sequence: p.sequence,
      last_boot_id: p.bootId,
      facts: sql`coalesce(cast(${p.facts} as text), facts)`,
    })
    .where('id', '=', p.id),
)

const seeHost = statement((writer, p: Values & { owner: string }) =>
  writer
    .updateTable('hosts')
    .set({
      seen_at: p.at,
      last_sequence: p.sequence,
      last_boot_id: p.bootId,
      facts: sql`coalesce(cast(${p.facts} as text), facts)`,
    })
    .where('id', '=', p.id)
    .where('served_by', '=', p.owner)
    .where('last_sequence', '<', p.sequence),
)

const keepAlive = statement((writer, p: { hosts: readonly HostId[]; owner: string; at: Instant }, { isIn }) =>
  writer
    .updateTable('hosts')
    .set({ seen_at: sql`case when seen_at < cast(${p.at} as bigint) then cast(${p.at} as bigint) else seen_at end` })
    .where(isIn(sql.ref('id'), p.hosts))
    .where('served_by', '=', p.owner)
    .returning('id'),
)

/** Later than what was on record before: one that is forsaken has nothing but that, and is known by it. */
const leaveHost = statement((writer, p: { id: HostId; owner: string; at: Instant }) =>
  writer
    .updateTable('hosts')
    .set({
      served_by: null,
      gone_at: sql`case when seen_at >= cast(${p.at} as bigint) then seen_at + 1 else cast(${p.at} as bigint) end`,
    })
    .where('id', '=', p.id)
    .where('served_by', '=', p.owner)
    .returning('id'),
)

/** They were there when they were last seen, or enrolled anew since, and nobody can say more. */
const leaveForsaken = statement((writer, p: { since: Instant }) =>
  writer
    .updateTable('hosts')
    .set({ served_by: null, gone_at: sql`coalesce(seen_at, enrolled_at)` })
    .where('served_by', 'is not', null)
    .where((since) =>
      since.or([
        since('seen_at', '<', p.since),
        since.and([since('seen_at', 'is', null), since('enrolled_at', '<', p.since)]),
      ]),
    )
    .returning('id'),
)

const tellGone = statement((writer, p: { since: Instant }) =>
  writer
    .updateTable('hosts')
    .set({ gone_told: 1 })
    .where(sql<boolean>`gone_told = 0 and gone_at is not null`)
    .where('gone_at', '<', p.since)
    .where('revoked_at', 'is', null)
    .returningAll(),
)

const takePoints = statement((writer, p: { hosts: readonly HostId[]; owner: string; now: Instant }, flavour) =>
  writer
    .updateTable('points')
    .set({
      served_by: p.owner,
      lease_owner: null,
      lease_until: 0,
      due_at: sql`case when due_at is null then null else cast(${p.now} as bigint) end`,
    })
    .where('id', 'in', (nested) => pointsOf(nested, p.hosts, flavour)),
)

export async function releasePointsOf(session: Session, hosts: readonly HostId[]): Promise<void> {
  if (hosts.length > 0) await releasePoints(session, { hosts })
}

/** From now on they are anybody's. */
const releasePoints = statement((writer, p: { hosts: readonly HostId[] }, flavour) =>
  writer
    .updateTable('points')
    .set({ served_by: null })
    .where('id', 'in', (nested) => pointsOf(nested, p.hosts, flavour)),
)

/** In the order of their ids, in which everybody locks points. */
function pointsOf(nested: ExpressionBuilder<Tables, 'points'>, hosts: readonly HostId[], { isIn, locksRows }: Flavour) {
  return nested
    .selectFrom('points')
    .select('id')
    .where('id', 'in', (deeper) =>
      deeper
        .selectFrom('hosts')
        .select(sql<string>`${sql.lit(HOST_POINT)} || machine_key`.as('id'))
        .where(isIn(sql.ref('hosts.id'), hosts)),
    )
    .orderBy('id')
    .$if(locksRows, (query) => query.forNoKeyUpdate())
}
