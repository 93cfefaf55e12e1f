/**
 * Seals what the database keeps but must not tell: private keys, one-time-code secrets, sessions. AES-256-GCM under a key
 * in a file beside the database, so that a copy of the database alone signs nothing. Must never write the key elsewhere.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'

const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

export interface Sealer {
  /** `purpose` binds the text to its place: what was sealed as one thing does not open as another. */
  seal(text: string, purpose: string): string
  /** Throws when it was sealed by another key, for another purpose, or changed. */
  open(sealed: string, purpose: string): string
  /** A secret of its own for another use, always the same. */
  derived(purpose: string): string
}

/** Reads the key file, or makes it at the first start. Rejects when others may read it. */
export async function openSealer(keyFile: string): Promise<Sealer> {
  await makeKey(keyFile)
  const { mode } = await stat(keyFile)
  if ((mode & 0o077) !== 0) {
    throw new Error(
      `${keyFile} may be read by others (mode ${(mode & 0o777).toString(8)}); set it to 600: chmod 600 ${keyFile}`,
    )
  }
  const key = Buffer.from((await readFile(keyFile, 'utf8')).trim(), 'base64url')
  if (key.length !== KEY_BYTES)
    throw new Error(`${keyFile} should hold 32 bytes as base64url; restore it from a backup`)
  return sealerOf(key)
}

/** On disk before anything is sealed with it. */
async function makeKey(keyFile: string): Promise<void> {
  try {
    const file = await open(keyFile, 'wx', 0o600)
    try {
      await file.writeFile(`${randomBytes(KEY_BYTES).toString('base64url')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause // open's own error
  }
}

const DOES_NOT_OPEN =
  'what was sealed does not open: it was changed, or sealed with another key than the one here; restore issuer.key (--issuer-key-file) from a backup, or copy it from another server of this database'

export function sealerOf(key: Buffer): Sealer {
  return {
    seal(text, purpose) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(purpose))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    open(sealed, purpose) {
      try {
        return opened(Buffer.from(sealed, 'base64url'), key, purpose)
      } catch (cause) {
        throw new Error(DOES_NOT_OPEN, { cause })
      }
    },
    derived: (purpose) => createHmac('sha256', key).update(`derived:${purpose}`).digest('base64url'),
  }
}

function opened(bytes: Buffer, key: Buffer, purpose: string): string {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  const text = [decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]
  return Buffer.concat(text).toString('utf8')
}
