/**
 * The ready file: written when the server really serves, removed when it stops. Appears by rename, so that nobody
 * reads half of it; only its owner can read it.
 */
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Installation } from '../app/app.ts'
import { writeWhole } from './write-whole.ts'

export interface Ready extends Installation {
  /** Where a client on this machine reaches the server most easily. */
  readonly url: string
  /** The same by HTTPS; null where it is not spoken. */
  readonly httpsUrl: string | null
  /** Where agents connect to; null where none are taken. */
  readonly agentUrl: string | null
  /** What clients must trust to use it; null where that is nothing of ours. */
  readonly caFile: string | null
  /** Null when the token's file has been taken away, as it should be. */
  readonly adminTokenFile: string | null
}

/** With whole paths: whoever reads it may be in another folder than the server was started in. */
export async function writeReadyFile(
  path: string,
  { url, httpsUrl, agentUrl, caFile, subscriptionId, resourceGroup, location, adminTokenFile }: Ready,
): Promise<void> {
  const files = { caFile: caFile && resolve(caFile), adminTokenFile: adminTokenFile && resolve(adminTokenFile) }
  const ready = { url, httpsUrl, agentUrl, subscriptionId, resourceGroup, location, ...files }
  await writeWhole(path, `${JSON.stringify(ready)}\n`)
}

export async function removeReadyFile(path: string): Promise<void> {
  await rm(path, { force: true })
}
