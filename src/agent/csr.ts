/** A request for a certificate (RFC 2986), signed by the key that it is for. The server says what the host is called, so it names nobody. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

export interface KeyWithRequest {
  /** PEM, PKCS #8. */
  readonly key: string
  /** PEM. */
  readonly csr: string
}

/** ECDSA on P-256. */
export function newKeyWithRequest(): KeyWithRequest {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), csr: csrOf(publicKey, privateKey) }
}

/** The object identifier 1.2.840.10045.4.3.2, ecdsa-with-SHA256 (RFC 5758 §3.2), in a sequence. */
const ECDSA_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex')
const VERSION_1 = Buffer.from('020100', 'hex')
const NOBODY = Buffer.from('3000', 'hex')
const NO_ATTRIBUTES = Buffer.from('a000', 'hex')
const SEQUENCE = 0x30
const BIT_STRING = 0x03

function csrOf(publicKey: KeyObject, privateKey: KeyObject): string {
  const subjectKey = publicKey.export({ type: 'spki', format: 'der' })
  const info = tagged(SEQUENCE, VERSION_1, NOBODY, subjectKey, NO_ATTRIBUTES)
  const signature = tagged(BIT_STRING, Buffer.from([0]), sign('sha256', info, privateKey))
  const lines =
    tagged(SEQUENCE, info, ECDSA_SHA256, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n')
}

/** Distinguished encoding (ITU-T X.690 §8.1); nothing here is longer than 255 bytes. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
