/**
 * Whom this process trusts and through which proxy it goes: settings of Node.js's own TLS and HTTP, made once, before the
 * first connection. An authority is trusted beside those that the machine knows, never instead of any check.
 */
import type { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { decodedText } from '../decoded-text.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure, usageFailure } from '../failure.ts'
import type { Io } from '../io.ts'
import { systemReason } from '../system-reason.ts'

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']

/** `ca`: PEM of the authorities to trust besides. */
export function prepareTransport(ca: string | undefined, env: Io['env']): void {
  if (ca !== undefined) trust(ca, env)
  if (!PROXIES.some((name) => (env[name] ?? '') !== '')) return
  // Loaded here: it brings a whole HTTP client along, which every other start does without.
  const http = process.getBuiltinModule('node:http')
  // Node.js has it from 22.21 and 24.14 on; an older one goes straight, as it always did.
  if (typeof http.setGlobalProxyFromEnv === 'function') http.setGlobalProxyFromEnv({ ...env })
}

function trust(ca: string, env: Io['env']): void {
  const tls = process.getBuiltinModule('node:tls')
  if (typeof tls.setDefaultCACertificates === 'function') {
    const known = tls.getCACertificates('default')
    return tls.setDefaultCACertificates([...new Set([...known, ...(ca.match(CERTIFICATE) ?? [])])])
  }
  if ((env['NODE_EXTRA_CA_CERTS'] ?? '') !== '') return // read at the start: the person has seen to it
  throw new Failure(EXIT.usage, `this Node.js (${process.version}) cannot be told at run time whom to trust`, {
    remedy: 'Node.js 22.19 or later, or NODE_EXTRA_CA_CERTS=FILE in the environment',
  })
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** The certificates in a file, as one PEM text; a private key in it is left where it is. */
export function readAuthorities(file: string): string {
  const text = readText(file)
  const found = text.match(CERTIFICATE) ?? []
  if (found.length === 0) throw usageFailure(`${file} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`)
  for (const pem of found) checkCertificate(pem, file)
  return `${found.join('\n')}\n`
}

function checkCertificate(pem: string, file: string): X509Certificate {
  try {
    const crypto = process.getBuiltinModule('node:crypto')
    return new crypto.X509Certificate(pem)
  } catch (cause) {
    throw new Failure(EXIT.usage, `${file} holds a certificate that cannot be read`, { cause })
  }
}

export function readText(file: string): string {
  try {
    return decodedText(readFileSync(file))
  } catch (cause) {
    throw new Failure(EXIT.usage, `${file} cannot be read (${systemReason(cause)})`, { cause })
  }
}
