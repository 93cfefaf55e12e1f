/** Certificates for tests: self-signed, for this machine or for what one is told, made by openssl. */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  /** PEM. */
  readonly cert: string
  /** PEM, PKCS #8. */
  readonly key: string
  /** SHA-1 of the DER, base64url: the `x5t` of a signature's header. */
  readonly x5t: string
}

export function makeCertificate(name = 'localhost', also = 'DNS:localhost,IP:127.0.0.1'): Certificate {
  const folder = mkdtempSync(join(tmpdir(), `sallyport-certificate-${process.pid}-`))
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const options = [
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '800',
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=${also}`,
  ]
  execFileSync('openssl', ['req', ...options, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' })
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')]
  rmSync(folder, { recursive: true })
  const x5t = Buffer.from(new X509Certificate(cert).fingerprint.replaceAll(':', ''), 'hex').toString('base64url')
  return { cert, key, x5t }
}
