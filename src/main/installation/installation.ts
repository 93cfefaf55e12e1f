/**
 * What an installation is born with: its subscription id, and one administrator token, shown once and kept as a hash.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Installation } from '../../app/app.ts'
import type { Store } from '../../app/ports/store.ts'
import type { Instant } from '../../domain/time.ts'
import { writeWhole } from './write-whole.ts'
import type { Principal } from '../../server/deps.ts'

const TOKEN_FILE = 'admin-token'
const TOKEN_HASH = 'adminTokenHash'
const SUBSCRIPTION = 'subscriptionId'
const TENANT = 'tenantId'
/** What the bootstrap administrator is called in the audit trail. */
const ADMINISTRATOR = 'bootstrap-administrator'

export async function openInstallation(store: Store): Promise<Installation> {
  const known = await store.reads.setting(SUBSCRIPTION)
  const subscriptionId = known ?? randomUUID()
  if (known === undefined) await store.transaction((tx) => tx.putSetting(SUBSCRIPTION, subscriptionId))
  return { subscriptionId, resourceGroup: 'default', location: 'local' }
}

/** The one tenant that users, service principals and subscriptions of this installation belong to. */
export async function openTenant(store: Store): Promise<string> {
  const known = await store.reads.setting(TENANT)
  const tenant = known ?? randomUUID()
  if (known === undefined) await store.transaction((tx) => tx.putSetting(TENANT, tenant))
  return tenant
}

export interface AdminToken {
  /** The file with the token, if it is still there. */
  readonly file: string | undefined
  /** True when this start made it. */
  readonly isNew: boolean
}

/**
 * Makes the token at the first start, in a file that only this user can read. The file comes before the hash: a crash
 * between the two leaves a file that is written again, never a hash whose token nobody has seen.
 */
export async function ensureAdminToken(store: Store, folder: string): Promise<AdminToken> {
  const file = join(folder, TOKEN_FILE)
  if ((await store.reads.setting(TOKEN_HASH)) !== undefined) {
    const isThere = await access(file).then(
      () => true,
      () => false,
    )
    return { file: isThere ? file : undefined, isNew: false }
  }
  const hash = await writeNewToken(file)
  await store.transaction((tx) => tx.putSetting(TOKEN_HASH, hash))
  return { file, isNew: true }
}

/** Another one instead of it, on record; the one before counts no more. The same order: a crash leaves the one before. */
export async function replaceToken(store: Store, folder: string, at: Instant): Promise<string> {
  if ((await store.reads.setting(TOKEN_HASH)) === undefined)
    throw new Error('this installation has no administrator token yet: the first start of its server makes one')
  const file = join(folder, TOKEN_FILE)
  const hash = await writeNewToken(file)
  const event = { at, action: 'server.token-replaced', actor: 'sallyport', address: '', target: file } as const
  await store.transaction(async (tx) => {
    await tx.putSetting(TOKEN_HASH, hash)
    await tx.append([{ ...event, data: '{}' }])
  })
  return file
}

/** Its hash. */
async function writeNewToken(file: string): Promise<string> {
  const token = `sp_${randomBytes(32).toString('base64url')}`
  await writeWhole(file, `${token}\n`)
  return hashOf(token).toString('hex')
}

/** The token has 256 random bits: a plain hash cannot be searched, and needs no salt. */
export async function recogniseAdminToken(store: Store): Promise<(token: string) => Principal | undefined> {
  const expected = Buffer.from((await store.reads.setting(TOKEN_HASH)) ?? '', 'hex')
  return (token) => {
    const given = hashOf(token)
    const matches = given.length === expected.length && timingSafeEqual(given, expected)
    return matches ? { name: ADMINISTRATOR, principals: [], isBreakGlass: true } : undefined
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
