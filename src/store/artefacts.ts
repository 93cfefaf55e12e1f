/** The issuer's sessions, codes, grants and refresh tokens. Whoever reads judges by its own clock what has ended. */
import type { Artefact } from '../domain/roles/identity.ts'
import type { Instant } from '../domain/time.ts'
import type { ArtefactTable } from './identity-tables.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

interface Place {
  readonly kind: string
  readonly id: string
}

export async function findArtefact(session: Session, kind: string, id: string): Promise<Artefact | undefined> {
  const [row] = await artefactAt(session, { kind, id })
  return row === undefined ? undefined : artefactFromRow(row)
}

const artefactAt = statement((writer, p: Place) =>
  writer.selectFrom('issuer_artefacts').selectAll().where('kind', '=', p.kind).where('id_hash', '=', p.id),
)

export async function findArtefactByUid(session: Session, kind: string, uid: string): Promise<Artefact | undefined> {
  const [row] = await artefactByUid(session, { kind, uid })
  return row === undefined ? undefined : artefactFromRow(row)
}

const artefactByUid = statement((writer, p: { kind: string; uid: string }) =>
  writer.selectFrom('issuer_artefacts').selectAll().where('uid', '=', p.uid).where('kind', '=', p.kind),
)

export async function findArtefactByCode(session: Session, kind: string, code: string): Promise<Artefact | undefined> {
  const [row] = await artefactByCode(session, { kind, code })
  return row === undefined ? undefined : artefactFromRow(row)
}

const artefactByCode = statement((writer, p: { kind: string; code: string }) =>
  writer.selectFrom('issuer_artefacts').selectAll().where('user_code', '=', p.code).where('kind', '=', p.kind),
)

/** Replaces what is there, but never takes back that it was used. */
export async function writeArtefact(session: Session, artefact: Artefact): Promise<void> {
  await upsertArtefact(session, {
    kind: artefact.kind,
    id_hash: artefact.idHash,
    payload: artefact.payload,
    grant_id: artefact.grantId ?? null,
    uid: artefact.uid ?? null,
    user_code: artefact.userCode ?? null,
    account_id: artefact.account ?? null,
    consumed_at: null,
    ends_at: artefact.endsAt,
  })
}

const upsertArtefact = statement((writer, p: ArtefactTable) => {
  const changing = {
    payload: p.payload,
    grant_id: p.grant_id,
    uid: p.uid,
    user_code: p.user_code,
    account_id: p.account_id,
    ends_at: p.ends_at,
  }
  return writer
    .insertInto('issuer_artefacts')
    .values({ kind: p.kind, id_hash: p.id_hash, ...changing })
    .onConflict((conflict) => conflict.columns(['kind', 'id_hash']).doUpdateSet(changing))
})

/** False when it was used before, or is gone: of two that use a token at once, one wins. */
export async function consumeArtefact(session: Session, place: Place, at: Instant): Promise<boolean> {
  const rows = await consume(session, { ...place, at })
  return rows.length > 0
}

const consume = statement((writer, p: Place & { at: Instant }) =>
  writer
    .updateTable('issuer_artefacts')
    .set({ consumed_at: p.at })
    .where('kind', '=', p.kind)
    .where('id_hash', '=', p.id)
    .where('consumed_at', 'is', null)
    .returning('id_hash'),
)

export async function deleteArtefact(session: Session, kind: string, id: string): Promise<void> {
  await removeArtefact(session, { kind, id })
}

const removeArtefact = statement((writer, p: Place) =>
  writer.deleteFrom('issuer_artefacts').where('kind', '=', p.kind).where('id_hash', '=', p.id),
)

export async function deleteArtefactsOfGrant(session: Session, grant: string): Promise<void> {
  await removeOfGrant(session, { grant })
}

const removeOfGrant = statement((writer, p: { grant: string }) =>
  writer.deleteFrom('issuer_artefacts').where('grant_id', '=', p.grant),
)

export async function deleteArtefactsOfAccount(session: Session, account: string): Promise<void> {
  await removeOfAccount(session, { account })
}

const removeOfAccount = statement((writer, p: { account: string }) =>
  writer.deleteFrom('issuer_artefacts').where('account_id', '=', p.account),
)

export async function deleteArtefactsBefore(session: Session, before: Instant): Promise<void> {
  await removeEnded(session, { before })
}

const removeEnded = statement((writer, p: { before: number }) =>
  writer.deleteFrom('issuer_artefacts').where('ends_at', '<=', p.before),
)

function artefactFromRow(row: ArtefactTable): Artefact {
  return {
    kind: row.kind,
    idHash: row.id_hash,
    payload: row.payload,
    ...(row.grant_id === null ? {} : { grantId: row.grant_id }),
    ...(row.uid === null ? {} : { uid: row.uid }),
    ...(row.user_code === null ? {} : { userCode: row.user_code }),
    ...(row.account_id === null ? {} : { account: row.account_id }),
    ...(row.consumed_at === null ? {} : { consumedAt: row.consumed_at }),
    endsAt: row.ends_at,
  }
}
