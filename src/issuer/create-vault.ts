/** The slow, the random and the secret, for the use cases that look after users and programs. */
import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import type { Vault } from '../app/ports/identity.ts'
import { ok, refusal, refused } from '../domain/refusal.ts'
import { keyUri, newCodeSecret } from './one-time-code.ts'
import { checkPassword, hashPassword, newPassword } from './password.ts'
import type { Sealer } from './seal.ts'
import { totpPurpose } from './sign-in.ts'

/** `place` names this installation in authenticator apps. */
export function createVault({ sealer, place }: { readonly sealer: Sealer; readonly place: string }): Vault {
  return {
    checkPassword,
    hashPassword,
    newPassword,
    newSecret: () => {
      // Hex: what begins with a minus is an option to `az login --password`, and one in 64 would.
      const text = randomBytes(32).toString('hex')
      const hash = createHash('sha256').update(text).digest('hex')
      return { text, proof: { kind: 'secret', hash }, hint: `${text.slice(0, 3)}…` }
    },
    readCertificate,
    newOneTimeCode: ({ id, name }) => {
      const secret = newCodeSecret()
      const sealed = sealer.seal(secret.toString('base64url'), totpPurpose(id))
      return { sealed, keyUri: keyUri(secret, { name, place }) }
    },
  }
}

const readCertificate: Vault['readCertificate'] = (pem) => {
  // A private key that came along must not be kept, nor anything else.
  const [block] = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(pem) ?? []
  try {
    const certificate = new X509Certificate(block ?? '')
    const sha1 = thumbprint(certificate.fingerprint)
    const sha256 = thumbprint(certificate.fingerprint256)
    const proof = { kind: 'certificate', pem: certificate.toString(), sha1, sha256 } as const
    return ok({ proof, hint: certificate.fingerprint.replaceAll(':', ''), endsAt: Date.parse(certificate.validTo) })
  } catch {
    const expected = 'a certificate in PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----'
    return refused(refusal('InvalidCertificate', `expected ${expected}`, 'pem'))
  }
}

/** As a JOSE header names it (RFC 7515 §4.1.7): base64url of the bytes that OpenSSL shows as hex. */
function thumbprint(fingerprint: string): string {
  return Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url')
}
