/** The keys that tokens are signed with. */
import type { SigningKey } from '../domain/roles/identity.ts'
import { insertRows } from './insert-rows.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

/** Newest first. */
export async function listSigningKeys(session: Session): Promise<SigningKey[]> {
  const rows = await signingKeys(session, {})
  return rows.map((row) => ({
    id: row.id,
    publicKey: row.public_key,
    sealedPrivateKey: row.sealed_private_key,
    createdAt: row.created_at,
    signsFrom: row.signs_from,
  }))
}

const signingKeys = statement((writer) =>
  writer.selectFrom('signing_keys').selectAll().orderBy('signs_from', 'desc').orderBy('id'),
)

export async function insertSigningKey(session: Session, key: SigningKey): Promise<void> {
  const { id, publicKey, sealedPrivateKey, createdAt, signsFrom } = key
  const sealed = { public_key: publicKey, sealed_private_key: sealedPrivateKey }
  await insertKeys(session, [{ id, ...sealed, created_at: createdAt, signs_from: signsFrom }])
}

const insertKeys = insertRows('signing_keys', ['id', 'public_key', 'sealed_private_key', 'created_at', 'signs_from'])

export async function deleteSigningKey(session: Session, id: string): Promise<void> {
  await removeKey(session, { id })
}

const removeKey = statement((writer, p: { id: string }) => writer.deleteFrom('signing_keys').where('id', '=', p.id))
