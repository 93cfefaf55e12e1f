/**
 * The key that signs checkpoints of the audit trail: made at the first start, in a file that only this user can read.
 * Its public half lies beside it, to be copied to where the trail is checked. Keys of other replicas, and those that were
 * replaced, are public keys in the folder `audit-keys`.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrailSigner } from '../../app/ports/trail.ts'
import type { Evidence } from '../../store/verify-audit.ts'
import { writeWhole } from '../installation/write-whole.ts'

const PRIVATE = 'audit-key.pem'
const PUBLIC = 'audit-key.pub.pem'
const OTHERS = 'audit-keys'

export async function openTrailSigner(folder: string): Promise<TrailSigner> {
  const key = (await privateKeyIn(folder)) ?? (await makeKey(folder))
  return {
    key: keyId(createPublicKey(key)),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  }
}

async function privateKeyIn(folder: string): Promise<KeyObject | undefined> {
  const pem = await readIfThere(join(folder, PRIVATE))
  if (pem === undefined) return undefined
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${join(folder, PRIVATE)} must hold an Ed25519 key`)
  await writeWhole(join(folder, PUBLIC), exported(createPublicKey(key)))
  return key
}

/** The public key of a private one that is gone still proves what it signed. */
async function makeKey(folder: string): Promise<KeyObject> {
  const old = await readIfThere(join(folder, PUBLIC))
  if (old !== undefined) {
    await mkdir(join(folder, OTHERS), { recursive: true })
    await rename(join(folder, PUBLIC), join(folder, OTHERS, `${keyId(createPublicKey(old)).slice(0, 16)}.pem`))
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  await writeWhole(join(folder, PRIVATE), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  await writeWhole(join(folder, PUBLIC), exported(publicKey))
  return privateKey
}

function exported(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

/** By the public keys of a folder, or by one that was kept elsewhere and is then the only one that counts. */
export async function trailKeyring(folder: string, onlyFile?: string): Promise<Evidence['isSigned']> {
  const files = onlyFile === undefined ? await publicKeyFiles(folder) : [onlyFile]
  const keys = new Map<string, KeyObject>()
  for (const file of files) {
    const key = createPublicKey(await readFile(file, 'utf8'))
    keys.set(keyId(key), key)
  }
  return (id, text, signature) => {
    const key = keys.get(id)
    return key === undefined ? undefined : verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))
  }
}

async function publicKeyFiles(folder: string): Promise<string[]> {
  const own = join(folder, PUBLIC)
  const others = await readdir(join(folder, OTHERS)).catch(() => [] as string[]) // there need not be any
  const hasOwn = (await readIfThere(own)) !== undefined
  return [...(hasOwn ? [own] : []), ...others.map((name) => join(folder, OTHERS, name))]
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined // readFile's own error
    throw cause
  }
}
