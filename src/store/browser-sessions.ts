/** Browsers that people are signed in with. Whoever reads judges by its own clock what has ended. */
import type { BrowserSession } from '../domain/roles/browser-session.ts'
import type { Instant } from '../domain/time.ts'
import type { BrowserSessionTable } from './identity-tables.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

export async function findBrowserSession(session: Session, idHash: string): Promise<BrowserSession | undefined> {
  const [row] = await sessionAt(session, { idHash })
  return row === undefined ? undefined : sessionFromRow(row)
}

const sessionAt = statement((writer, p: { idHash: string }) =>
  writer.selectFrom('browser_sessions').selectAll().where('id_hash', '=', p.idHash),
)

/** Newest first. */
export async function listBrowserSessions(session: Session, principal: string): Promise<BrowserSession[]> {
  return (await sessionsOf(session, { principal })).map(sessionFromRow)
}

const sessionsOf = statement((writer, p: { principal: string }) =>
  writer
    .selectFrom('browser_sessions')
    .selectAll()
    .where('principal_id', '=', p.principal)
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc'),
)

export async function insertBrowserSession(session: Session, made: BrowserSession): Promise<void> {
  await insertSession(session, {
    id_hash: made.idHash,
    id: made.id,
    principal_id: made.principal,
    issuer: made.issuer,
    name: made.name,
    principals: JSON.stringify(made.principals),
    address: made.address,
    browser: made.browser,
    started_at: made.startedAt,
    last_seen_at: made.lastSeenAt,
    ends_at: made.endsAt,
  })
}

const insertSession = statement((writer, p: BrowserSessionTable) =>
  writer.insertInto('browser_sessions').values({
    id_hash: p.id_hash,
    id: p.id,
    principal_id: p.principal_id,
    issuer: p.issuer,
    name: p.name,
    principals: p.principals,
    address: p.address,
    browser: p.browser,
    started_at: p.started_at,
    last_seen_at: p.last_seen_at,
    ends_at: p.ends_at,
  }),
)

/** Never takes it back. */
export async function markBrowserSessionSeen(session: Session, idHash: string, at: Instant): Promise<void> {
  await seeSession(session, { idHash, at })
}

const seeSession = statement((writer, p: { idHash: string; at: Instant }) =>
  writer
    .updateTable('browser_sessions')
    .set({ last_seen_at: p.at })
    .where('id_hash', '=', p.idHash)
    .where('last_seen_at', '<', p.at),
)

export async function deleteBrowserSession(session: Session, idHash: string): Promise<void> {
  await removeSession(session, { idHash })
}

const removeSession = statement((writer, p: { idHash: string }) =>
  writer.deleteFrom('browser_sessions').where('id_hash', '=', p.idHash),
)

export async function deleteBrowserSessionsOf(session: Session, principal: string): Promise<void> {
  await removeSessionsOf(session, { principal })
}

const removeSessionsOf = statement((writer, p: { principal: string }) =>
  writer.deleteFrom('browser_sessions').where('principal_id', '=', p.principal),
)

export async function deleteBrowserSessionsBefore(session: Session, now: Instant): Promise<void> {
  await removeEnded(session, { now })
}

const removeEnded = statement((writer, p: { now: Instant }) =>
  writer.deleteFrom('browser_sessions').where('ends_at', '<=', p.now),
)

function sessionFromRow(row: BrowserSessionTable): BrowserSession {
  return {
    id: row.id,
    idHash: row.id_hash,
    principal: row.principal_id,
    issuer: row.issuer,
    name: row.name,
    principals: JSON.parse(row.principals) as string[], // as insertBrowserSession wrote it
    address: row.address,
    browser: row.browser,
    startedAt: row.started_at,
    lastSeenAt: row.last_seen_at,
    endsAt: row.ends_at,
  }
}
