/**
 * An authority by its fingerprint: what the server shows of its chain is worth nothing by itself, but the one certificate
 * whose fingerprint a person was told is the one they mean. What was found is only trusted from then on, by the usual checks.
 */
import type { DetailedPeerCertificate } from 'node:tls'
import { SECOND } from '../../domain/time.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

export interface Shown {
  readonly subject: string
  /** `AB:CD:…`, SHA-256. */
  readonly fingerprint: string
  readonly pem: string
}

const FINGERPRINT = /^(?:sha-?256:)?((?:[0-9a-f]{2}:?){32})$/i

export function isFingerprint(text: string): boolean {
  return FINGERPRINT.test(text)
}

export async function authorityByFingerprint(server: string, text: string): Promise<string> {
  const wanted = plain(FINGERPRINT.exec(text)?.[1] ?? '')
  const chain = await shownChain(server)
  const found = chain.find(({ fingerprint }) => plain(fingerprint) === wanted)
  if (found !== undefined) return found.pem
  throw new Failure(EXIT.server, `${server} shows no certificate with this fingerprint; do not trust it`, {
    details: chain.map(({ subject, fingerprint }) => ({ code: 'Shown', message: `${subject}  SHA256:${fingerprint}` })),
    remedy: 'the fingerprint again from whoever runs the server, or its authority’s file: --trust-ca FILE',
  })
}

/** The server's own certificate first, its authorities after it. */
export async function shownChain(server: string): Promise<Shown[]> {
  const { hostname, port } = new URL(server)
  const host = hostname.replaceAll(/[[\]]/g, '')
  // Nothing is sent on this connection; it is only looked at.
  const socket = process.getBuiltinModule('node:tls').connect({
    host,
    port: Number(port || 443),
    rejectUnauthorized: false,
    servername: /[:\d]$/.test(host) ? '' : host,
  })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject)
      socket.setTimeout(10 * SECOND, () => reject(new Error('no answer within 10 s')))
    })
    return chainFrom(socket.getPeerCertificate(true))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure(EXIT.server, `the server ${server} does not answer (${why})`, { cause })
  } finally {
    socket.destroy()
  }
}

function chainFrom(first: DetailedPeerCertificate): Shown[] {
  const chain: Shown[] = []
  let at: DetailedPeerCertificate | undefined = first
  while (at?.raw !== undefined && !chain.some(({ fingerprint }) => fingerprint === at?.fingerprint256)) {
    const body = at.raw.toString('base64').replaceAll(/(.{64})/g, '$1\n')
    const pem = `-----BEGIN CERTIFICATE-----\n${body.trimEnd()}\n-----END CERTIFICATE-----\n`
    chain.push({ subject: String(at.subject.CN ?? at.subject.O ?? 'no name'), fingerprint: at.fingerprint256, pem })
    at = at.issuerCertificate
  }
  return chain
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase()
}
