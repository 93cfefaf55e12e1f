/**
 * The installation's private authority for hosts: signs the certificate of each agent, and of the listener that agents talk
 * to. Made at first use and kept in the store, so that replicas share it, sealed with the installation's key. It signs
 * nothing else, and of what an agent asks for it believes the key alone.
 */
// What x509 asks for before it is loaded.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata/lite'
import { createHash, randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { Clock } from '../../app/ports/clock.ts'
import type { SecretBox } from '../../app/ports/clouds.ts'
import type { HostAuthority, HostCertificate } from '../../app/ports/hosts.ts'
import type { Store } from '../../app/ports/store.ts'
import { AGENT_SERVER_NAME } from '../../contract/agent.ts'
import { CERTIFICATE_LIVES, type Host } from '../../domain/hosts/host.ts'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { DAY, type Instant, type Millis } from '../../domain/time.ts'

/** With what a listener for agents speaks TLS. PEM. */
export interface ListenerTls {
  /** The listener's certificate and its authority's. */
  readonly cert: string
  readonly key: string
  /** Who signs the agents that are let in. */
  readonly ca: string
}

export interface OpenedAuthority extends HostAuthority {
  /** A fresh key and certificate for a listener; they never leave the process. */
  listenerTls(): Promise<ListenerTls>
}

export interface AuthorityDeps {
  readonly store: Store
  readonly secrets: SecretBox
  readonly clock: Clock
}

const PURPOSE = 'host-authority'
const AUTHORITY_LIVES: Millis = 3_650 * DAY
const LISTENER_LIVES: Millis = 397 * DAY
/** Of its life; the last third is for agents that were off. */
const RENEW_AFTER = 2 / 3
/** For clocks of agents that are behind. */
const ALREADY: Millis = DAY

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export async function openHostAuthority(deps: AuthorityDeps): Promise<OpenedAuthority> {
  const pair = await pairOf(deps)
  const certificate = pair.certificate.toString('pem')
  return {
    certificate,
    fingerprint: fingerprintOf(pair.certificate),
    certify: (csr, host) => certify(pair, deps.clock.now(), csr, host),
    newToken: () => {
      // Hex: what begins with a minus is an option to whoever reads the command, and one in 64 would.
      const text = randomBytes(32).toString('hex')
      return { text, hash: hashOfToken(text) }
    },
    hashOfToken,
    listenerTls: () => listenerTls(pair, deps.clock.now()),
  }
}

interface Pair {
  readonly certificate: x509.X509Certificate
  readonly key: webcrypto.CryptoKey
}

/** PEM, as it is sealed. */
interface Kept {
  readonly certificate: string
  readonly key: string
}

async function pairOf({ store, secrets, clock }: AuthorityDeps): Promise<Pair> {
  const known = await store.reads.hosts.authority()
  if (known !== undefined) return opened(secrets, known)
  const made = secrets.seal(JSON.stringify(await makeAuthority(clock.now())), PURPOSE)
  // Of two replicas that start together, the first one's counts for both.
  const kept = await store.transaction(async (tx) => {
    await tx.hosts.change()
    const others = await tx.hosts.authority()
    if (others === undefined) await tx.hosts.putAuthority(made)
    return others ?? made
  })
  return opened(secrets, kept)
}

async function opened(secrets: SecretBox, sealed: string): Promise<Pair> {
  const { certificate, key } = JSON.parse(secrets.open(sealed, PURPOSE)) as Kept // as it was sealed below
  return { certificate: new x509.X509Certificate(certificate), key: await importKey(key) }
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(pem)
  if (der === undefined) throw new Error('the key of the authority for hosts is no PEM: restore it from a backup')
  return webcrypto.subtle.importKey('pkcs8', der, P256, false, ['sign'])
}

async function makeAuthority(now: Instant): Promise<Kept> {
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: 'CN=Sallyport hosts',
    ...livesFor(now, AUTHORITY_LIVES),
    keys,
    signingAlgorithm: P256,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) }
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

async function listenerTls(authority: Pair, now: Instant): Promise<ListenerTls> {
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify'])
  const certificate = await signed(authority, {
    subject: AGENT_SERVER_NAME,
    publicKey: keys.publicKey,
    usage: x509.ExtendedKeyUsage.serverAuth,
    alternativeName: { type: 'dns', value: AGENT_SERVER_NAME },
    ...livesFor(now, LISTENER_LIVES),
  })
  const ca = authority.certificate.toString('pem')
  return { cert: `${certificate.toString('pem')}\n${ca}\n`, key: await exportKey(keys.privateKey), ca }
}

async function certify(
  authority: Pair,
  now: Instant,
  csr: string,
  { id, generation }: Pick<Host, 'id' | 'generation'>,
): Promise<Result<HostCertificate>> {
  const request = await readRequest(csr)
  if (!request.ok) return request
  const { notBefore, notAfter } = livesFor(now, CERTIFICATE_LIVES)
  const certificate = await signed(authority, {
    subject: id,
    unit: `generation ${generation}`,
    publicKey: request.value.publicKey,
    usage: x509.ExtendedKeyUsage.clientAuth,
    alternativeName: { type: 'url', value: `urn:sallyport:host:${id}` },
    notBefore,
    notAfter,
  })
  return ok({
    pem: certificate.toString('pem'),
    fingerprint: fingerprintOf(certificate),
    renewAt: now + (notAfter.getTime() - now) * RENEW_AFTER,
    endsAt: notAfter.getTime(),
  })
}

async function readRequest(csr: string): Promise<Result<x509.Pkcs10CertificateRequest>> {
  try {
    const request = new x509.Pkcs10CertificateRequest(csr)
    const { algorithm } = request.publicKey
    const curve = 'namedCurve' in algorithm ? algorithm.namedCurve : undefined
    if (algorithm.name !== 'Ed25519' && curve !== 'P-256') return refused(badKey(String(curve ?? algorithm.name)))
    if (await request.verify()) return ok(request)
  } catch {
    // What cannot be read is told as what does not fit.
  }
  return refused(BAD_REQUEST)
}

const BAD_REQUEST = refusal(
  'InvalidCertificateRequest',
  'expected a certificate request in PEM (PKCS #10) that is signed by the key that it is for',
  'csr',
)

function badKey(kind: string) {
  const message = `a host’s key is of P-256 or Ed25519; the request is for one of ${kind}`
  return refusal('InvalidCertificateRequest', message, 'csr')
}

interface ToSign {
  readonly subject: string
  readonly unit?: string
  readonly publicKey: x509.PublicKeyType
  readonly usage: x509.ExtendedKeyUsage
  readonly alternativeName: x509.JsonGeneralName
  readonly notBefore: Date
  readonly notAfter: Date
}

async function signed(authority: Pair, wanted: ToSign): Promise<x509.X509Certificate> {
  const { subject, unit, publicKey, usage, alternativeName, notBefore, notAfter } = wanted
  return x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: [{ CN: [subject] }, ...(unit === undefined ? [] : [{ OU: [unit] }])],
    issuer: authority.certificate.subjectName,
    notBefore,
    notAfter,
    publicKey,
    signingKey: authority.key,
    signingAlgorithm: P256,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      new x509.SubjectAlternativeNameExtension([alternativeName]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
    ],
  })
}

function livesFor(now: Instant, lives: Millis): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(now - ALREADY), notAfter: new Date(now + lives) }
}

/** Positive and of 16 bytes (RFC 5280 §4.1.2.2). */
function newSerialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`
}

function fingerprintOf(certificate: x509.X509Certificate): string {
  const { fingerprint256 } = new NodeCertificate(Buffer.from(certificate.rawData))
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

/** A token has 256 random bits: a plain hash of it cannot be searched, and needs no salt. */
function hashOfToken(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
