/**
 * The ready file: written when the server really serves, removed when it stops. Appears by rename, so that nobody
 * reads half of it; only its owner can read it.
 */
import { rm } from 'node:fs/promises'
import type { Installation } from '../app/app.ts'
import { writeWhole } from './write-whole.ts'

export interface Ready extends Installation {
  readonly url: string
  /** Null when the token's file has been taken away, as it should be. */
  readonly adminTokenFile: string | null
}

export async function writeReadyFile(
  path: string,
  { url, subscriptionId, resourceGroup, location, adminTokenFile }: Ready,
): Promise<void> {
  await writeWhole(
    path,
    `${JSON.stringify({ url, subscriptionId, resourceGroup, location, adminTokenFile })}
`,
  )
}

export async function removeReadyFile(path: string): Promise<void> {
  await rm(path, { force: true })
}
