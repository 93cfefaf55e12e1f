/**
 * The ready file: written when the server really serves, removed when it stops. Appears by rename, so that nobody
 * reads half of it; only its owner can read it.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Installation } from '../app/app.ts'

export interface Ready extends Installation {
  readonly url: string
  /** Null when the token's file has been taken away, as it should be. */
  readonly adminTokenFile: string | null
}

export async function writeReadyFile(
  path: string,
  { url, subscriptionId, resourceGroup, location, adminTokenFile }: Ready,
): Promise<void> {
  const draft = `${path}.${process.pid}`
  await mkdir(dirname(path), { recursive: true })
  await writeFile(draft, `${JSON.stringify({ url, subscriptionId, resourceGroup, location, adminTokenFile })}\n`, {
    mode: 0o600,
  })
  await rename(draft, path)
}

export async function removeReadyFile(path: string): Promise<void> {
  await rm(path, { force: true })
}
