/** The certificate that the server was given: read whole, and judged with its key before anybody is served with it. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { systemReason } from '../../cli/system-reason.ts'
import type { Certificate } from './follow-certificate.ts'

export interface GivenFiles {
  readonly tlsCert: string
  readonly tlsKey: string
}

/** Rejects with the option, the file and the reason, for whoever wrote the configuration. */
export async function readGivenCertificate({ tlsCert, tlsKey }: GivenFiles): Promise<Certificate> {
  const cert = await textOf('--tls-cert', tlsCert)
  const key = await textOf('--tls-key', tlsKey)
  const certificate = usable(
    `--tls-cert ${tlsCert} holds no certificate that can be used`,
    () => new X509Certificate(cert),
  )
  const own = usable(`--tls-key ${tlsKey} holds no private key that can be used`, () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(own))
    throw new Error(`--tls-key ${tlsKey} is not the key of the certificate in ${tlsCert}`)
  usable(`TLS cannot be spoken with --tls-cert ${tlsCert}`, () => createSecureContext({ cert, key }))
  return { cert, key }
}

async function textOf(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`${option} ${file} cannot be read (${systemReason(cause)})`, { cause })
  }
}

function usable<T>(otherwise: string, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw new Error(`${otherwise}: expected PEM (${cause instanceof Error ? cause.message : String(cause)})`, { cause })
  }
}
