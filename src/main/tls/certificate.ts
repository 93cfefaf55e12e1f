/**
 * Makes the two certificates that development needs: an authority of its own, and a server's that it vouches for. ECDSA on
 * P-256, as RFC 5280 writes certificates. Not a certificate authority for anybody else: it signs nothing it was given.
 */
import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { DAY, type Instant, type Millis } from '../../domain/time.ts'
import * as der from './der.ts'

export interface Wanted {
  readonly subject: string
  readonly publicKey: KeyObject
  readonly now: Instant
  /** Without them it is an authority. */
  readonly names?: readonly string[]
  readonly issuer: { readonly subject: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject }
}

const AUTHORITY_LIVES: Millis = 3_650 * DAY
/** Longer-lived ones are refused by Apple's systems (825 days) and by public practice (398). */
const SERVER_LIVES: Millis = 397 * DAY
/** For clocks of clients that are behind. */
const ALREADY: Millis = DAY

/** PEM. */
export function makeCertificate(wanted: Wanted): string {
  const content = contentOf(wanted)
  const signature = sign('sha256', content, wanted.issuer.privateKey)
  const certificate = der.sequence(content, ECDSA_SHA256, der.bitString(signature))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

const ECDSA_SHA256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'))
const VERSION_3 = der.explicit(0, der.integer(Buffer.from([2])))

function contentOf({ subject, publicKey, now, names, issuer }: Wanted): Buffer {
  const lives = names === undefined ? AUTHORITY_LIVES : SERVER_LIVES
  return der.sequence(
    VERSION_3,
    der.integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_SHA256,
    nameOf(issuer.subject),
    der.sequence(der.time(now - ALREADY), der.time(now + lives - ALREADY)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensionsOf(names, { publicKey, issuer }))),
  )
}

function nameOf(commonName: string): Buffer {
  const attribute = der.sequence(der.objectIdentifier('2.5.4.3'), der.utf8String(commonName))
  return der.sequence(der.setOf(attribute))
}

/** RFC 5280 §4.2.1. Python and Java refuse an authority without basicConstraints and keyUsage. */
function extensionsOf(names: readonly string[] | undefined, keys: Pick<Wanted, 'publicKey' | 'issuer'>): Buffer[] {
  const identity = [
    extension('2.5.29.14', der.octetString(keyId(keys.publicKey))),
    extension('2.5.29.35', der.sequence(der.implicit(0, keyId(keys.issuer.publicKey)))),
  ]
  if (names === undefined) {
    const noAuthorityBelow = der.sequence(der.boolean(true), der.integer(Buffer.from([0])))
    return [critical('2.5.29.19', noAuthorityBelow), critical('2.5.29.15', CERTIFICATES_AND_LISTS), ...identity]
  }
  return [
    critical('2.5.29.19', der.sequence()),
    critical('2.5.29.15', SIGNATURES),
    extension('2.5.29.37', der.sequence(der.objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', der.sequence(...names.map(alternativeName))),
    ...identity,
  ]
}

/** keyCertSign and cRLSign are bits 5 and 6, digitalSignature is bit 0, counted from the highest. */
const CERTIFICATES_AND_LISTS = der.bitString(Buffer.from([0b0000_0110]), 1)
const SIGNATURES = der.bitString(Buffer.from([0b1000_0000]), 7)

function extension(id: string, content: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(id), der.octetString(content))
}

function critical(id: string, content: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(id), der.boolean(true), der.octetString(content))
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20)
}

function alternativeName(name: string): Buffer {
  return isIP(name) === 0 ? der.implicit(2, Buffer.from(name, 'latin1')) : der.implicit(7, addressBytes(name))
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)))
  const [before, after] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => 0)
  return Buffer.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]))
}
