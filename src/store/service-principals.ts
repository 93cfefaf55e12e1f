/** Service principals and their credentials. */
import type { Page } from '../app/ports/rows.ts'
import { nameKey, type Credential, type Proof, type ServicePrincipal } from '../domain/roles/identity.ts'
import type { CredentialTable, ServicePrincipalTable } from './identity-tables.ts'
import { insertRows } from './insert-rows.ts'
import type { Session } from './session.ts'
import { runBuilt, statement } from './statement.ts'

export async function findServicePrincipal(session: Session, id: string): Promise<ServicePrincipal | undefined> {
  const [row] = await principalById(session, { id })
  return row === undefined ? undefined : principalFromRow(row)
}

const principalById = statement((writer, p: { id: string }) =>
  writer.selectFrom('service_principals').selectAll().where('id', '=', p.id),
)

export async function findServicePrincipalOf(session: Session, appId: string): Promise<ServicePrincipal | undefined> {
  const [row] = await principalByApp(session, { appId: appId.toLowerCase() })
  return row === undefined ? undefined : principalFromRow(row)
}

const principalByApp = statement((writer, p: { appId: string }) =>
  writer.selectFrom('service_principals').selectAll().where('app_id', '=', p.appId),
)

export async function listServicePrincipals(session: Session, page: Page<string>): Promise<ServicePrincipal[]> {
  let query = session.flavour.writer.selectFrom('service_principals').selectAll().orderBy('name_key').limit(page.limit)
  if (page.after !== undefined) query = query.where('name_key', '>', nameKey(page.after))
  return (await runBuilt(session, query)).map(principalFromRow)
}

/** Rejects when another has the name. */
export async function writeServicePrincipal(session: Session, principal: ServicePrincipal): Promise<void> {
  await upsertPrincipal(session, {
    id: principal.id,
    app_id: principal.appId.toLowerCase(),
    name: principal.name,
    name_key: nameKey(principal.name),
    disabled_at: principal.disabledAt ?? null,
    created_at: principal.createdAt,
  })
}

const upsertPrincipal = statement((writer, p: ServicePrincipalTable) => {
  const changing = { name: p.name, name_key: p.name_key, disabled_at: p.disabled_at }
  return writer
    .insertInto('service_principals')
    .values({ id: p.id, app_id: p.app_id, created_at: p.created_at, ...changing })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changing))
})

/** With its credentials. */
export async function deleteServicePrincipal(session: Session, id: string): Promise<void> {
  await forgetCredentials(session, { id })
  await removePrincipal(session, { id })
}

const forgetCredentials = statement((writer, p: { id: string }) =>
  writer.deleteFrom('credentials').where('principal_id', '=', p.id),
)

const removePrincipal = statement((writer, p: { id: string }) =>
  writer.deleteFrom('service_principals').where('id', '=', p.id),
)

/** In the order in which they were added. */
export async function listCredentials(session: Session, principal: string): Promise<Credential[]> {
  return (await credentialsOf(session, { principal })).map(credentialFromRow)
}

const credentialsOf = statement((writer, p: { principal: string }) =>
  writer
    .selectFrom('credentials')
    .selectAll()
    .where('principal_id', '=', p.principal)
    .orderBy('created_at')
    .orderBy('id'),
)

export async function insertCredential(session: Session, credential: Credential): Promise<void> {
  const { id, principal, hint, proof, createdAt, endsAt } = credential
  const about = { id, principal_id: principal, kind: proof.kind, hint, proof: JSON.stringify(proof) }
  await insertCredentials(session, [{ ...about, created_at: createdAt, ends_at: endsAt }])
}

const insertCredentials = insertRows('credentials', [
  'id',
  'principal_id',
  'kind',
  'hint',
  'proof',
  'created_at',
  'ends_at',
])

export async function deleteCredential(session: Session, id: string): Promise<void> {
  await removeCredential(session, { id })
}

const removeCredential = statement((writer, p: { id: string }) =>
  writer.deleteFrom('credentials').where('id', '=', p.id),
)

function principalFromRow(row: ServicePrincipalTable): ServicePrincipal {
  return {
    id: row.id,
    appId: row.app_id,
    name: row.name,
    ...(row.disabled_at === null ? {} : { disabledAt: row.disabled_at }),
    createdAt: row.created_at,
  }
}

function credentialFromRow(row: CredentialTable): Credential {
  return {
    id: row.id,
    principal: row.principal_id,
    hint: row.hint,
    proof: JSON.parse(row.proof) as Proof, // as written by insertCredential
    createdAt: row.created_at,
    endsAt: row.ends_at,
  }
}
