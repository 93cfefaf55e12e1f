/**
 * The bootstrap administrator's token: made once, shown once, kept as a hash. The store alone says which one counts, so
 * that one which was replaced ends at every replica; none may remember the one that it started with.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../app/ports/clock.ts'
import type { Store } from '../../app/ports/store.ts'
import { SECOND, type Instant, type Millis } from '../../domain/time.ts'
import type { Principal } from '../../server/deps.ts'
import { writeWhole } from './write-whole.ts'

const TOKEN_FILE = 'admin-token'
const TOKEN_HASH = 'adminTokenHash'
/** What the bootstrap administrator is called in the audit trail. */
const ADMINISTRATOR = 'bootstrap-administrator'
/** How long a hash that was read is believed: strangers who guess tokens cost no more than one reading in this time. */
const BELIEVED: Millis = SECOND

export interface AdminToken {
  /** The file with the token that counts, if it is still there. */
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
  const known = await store.reads.setting(TOKEN_HASH)
  if (known !== undefined) return { file: await fileOf(known, file), isNew: false }
  const hash = await writeNewToken(file)
  const kept = await store.transaction((tx) => tx.ensureSetting(TOKEN_HASH, hash))
  if (kept === hash) return { file, isNew: true }
  await rm(file) // another replica started for the first time in the same moment, and its token counts
  return { file: undefined, isNew: false }
}

/** A replica's folder may hold a token that was replaced by another replica's command: nobody should be sent to it. */
async function fileOf(hash: string, file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined) // taken away, as it should be
  return text !== undefined && hashOf(text.trim()).toString('hex') === hash ? file : undefined
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

type Recognise = (token: string) => Promise<Principal | undefined>

/** The token has 256 random bits: a plain hash cannot be searched, and needs no salt. Rejects when the store cannot be read. */
export function recogniseAdminToken({ store, clock }: { readonly store: Store; readonly clock: Clock }): Recognise {
  let last: { readonly at: Instant; readonly hash: Promise<string | undefined> } | undefined
  const current = (): Promise<string | undefined> => {
    const at = clock.now()
    if (last !== undefined && at - last.at < BELIEVED) return last.hash
    const reading = { at, hash: store.reads.setting(TOKEN_HASH) }
    last = reading
    reading.hash.catch(() => (last = last === reading ? undefined : last)) // told to whoever waits; the next call reads again
    return reading.hash
  }
  return async (token) => {
    const given = hashOf(token)
    const expected = Buffer.from((await current()) ?? '', 'hex')
    const matches = given.length === expected.length && timingSafeEqual(given, expected)
    return matches ? { name: ADMINISTRATOR, principals: [], isBreakGlass: true } : undefined
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
