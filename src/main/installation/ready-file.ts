/**
 * The ready file: written when the server really serves, removed when it stops. Appears by rename, so that nobody
 * reads half of it; only its owner can read it.
 */
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Installation } from '../../app/app.ts'
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
  /** The certificate that the server was given, for clients on this machine to know it by; null where none was. */
  readonly certFile: string | null
  /** What that certificate is for: seldom the address in `url`. */
  readonly certName: string | null
  /** Null when the token's file has been taken away, as it should be. */
  readonly adminTokenFile: string | null
}

/** With whole paths: whoever reads it may be in another folder than the server was started in. */
export async function writeReadyFile(
  path: string,
  {
    caFile,
    certFile,
    adminTokenFile,
    url,
    httpsUrl,
    agentUrl,
    certName,
    subscriptionId,
    resourceGroup,
    location,
  }: Ready,
): Promise<void> {
  const whole = (file: string | null): string | null => file && resolve(file)
  const files = { caFile: whole(caFile), certFile: whole(certFile), adminTokenFile: whole(adminTokenFile) }
  const ready = { url, httpsUrl, agentUrl, certName, subscriptionId, resourceGroup, location, ...files }
  await writeWhole(path, `${JSON.stringify(ready)}\n`)
}

export async function removeReadyFile(path: string): Promise<void> {
  await rm(path, { force: true })
}
