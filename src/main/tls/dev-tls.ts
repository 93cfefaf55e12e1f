/**
 * HTTPS without anybody's help. The first start makes a certificate authority of this installation's own in
 * the data folder, and a certificate for this machine's names; people who trust the authority's file reach the server
 * without a warning. The keys never leave the folder, and only their owner can read them.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DAY, type Instant } from '../../domain/time.ts'
import { writeWhole } from '../installation/write-whole.ts'
import { makeCertificate } from './certificate.ts'

export interface DevTls {
  /** The server's certificate and its authority's, PEM. */
  readonly cert: string
  readonly key: string
  /** The file to trust. */
  readonly authorityFile: string
  /** True when this start made the authority: whoever trusted an earlier one must trust this. */
  readonly isNew: boolean
}

export interface Place {
  readonly folder: string
  readonly now: Instant
  /** Names and addresses that clients reach it by, besides the machine's own name and loopback. */
  readonly names?: readonly string[]
}

/** A certificate that ends sooner is made anew. */
const RENEW_BEFORE = 30 * DAY

export async function openDevTls({ folder, now, names: more = [] }: Place): Promise<DevTls> {
  const authorityFile = join(folder, 'tls', 'dev-ca.pem')
  const names = namesOf(more)
  const known = await readPair(authorityFile)
  const isGood = known !== undefined && isUsable(known.certificate, now)
  const authority = isGood ? known : await makeAuthority(authorityFile, now)
  const serverFile = join(folder, 'tls', 'server.pem')
  const old = await readPair(serverFile)
  const fits = old !== undefined && isUsable(old.certificate, now) && isFor(old.certificate, names, authority)
  const server = fits ? old : await makeServer(serverFile, { authority, names, now })
  const key = server.key.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { cert: server.pem + authority.pem, key, authorityFile, isNew: !isGood }
}

interface Pair {
  readonly pem: string
  readonly certificate: X509Certificate
  readonly key: KeyObject
}

function namesOf(more: readonly string[]): string[] {
  const host = hostname()
  // A name with other characters fits no certificate.
  const own = /^[a-z0-9.-]+$/i.test(host) ? [host] : []
  return [...new Set(['localhost', ...own, ...more, '127.0.0.1', '::1'])]
}

/** Undefined when one of the two is missing or they do not belong together. */
async function readPair(file: string): Promise<Pair | undefined> {
  try {
    const pem = await readFile(file, 'utf8')
    const [certificate, key] = [new X509Certificate(pem), createPrivateKey(await readFile(keyFileOf(file), 'utf8'))]
    return certificate.checkPrivateKey(key) ? { pem, certificate, key } : undefined
  } catch {
    return undefined // made anew
  }
}

function isUsable({ validFromDate, validToDate }: X509Certificate, now: Instant): boolean {
  return validFromDate.getTime() <= now && validToDate.getTime() - now > RENEW_BEFORE
}

function isFor(certificate: X509Certificate, names: readonly string[], authority: Pair): boolean {
  const isNamed = (name: string): boolean =>
    (name.includes(':') || /^[\d.]+$/.test(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !==
    undefined
  return names.every(isNamed) && certificate.verify(authority.certificate.publicKey)
}

async function makeAuthority(file: string, now: Instant): Promise<Pair> {
  const { publicKey, privateKey } = newKey()
  // Letters that no form of writing names would escape: the server's certificate repeats this text.
  const host = hostname().replaceAll(/[^a-z0-9.-]/gi, '-')
  const subject = `Sallyport development CA ${host} ${new Date(now).toISOString().slice(0, 10)}`
  const pem = makeCertificate({ subject, publicKey, now, issuer: { subject, publicKey, privateKey } })
  return writePair(file, pem, privateKey)
}

async function makeServer(
  file: string,
  { authority, names, now }: { authority: Pair; names: readonly string[]; now: Instant },
): Promise<Pair> {
  const { publicKey, privateKey } = newKey()
  const subject = /CN=(.*)/.exec(authority.certificate.subject)?.[1] ?? ''
  const issuer = { subject, publicKey: createPublicKey(authority.key), privateKey: authority.key }
  const pem = makeCertificate({ subject: names[0] ?? 'localhost', publicKey, now, names, issuer })
  return writePair(file, pem, privateKey)
}

function newKey(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

/** The key first: a crash between the two leaves a certificate that is missing, never one without its key. */
async function writePair(file: string, pem: string, key: KeyObject): Promise<Pair> {
  await writeWhole(keyFileOf(file), key.export({ type: 'pkcs8', format: 'pem' }).toString())
  await writeWhole(file, pem)
  return { pem, certificate: new X509Certificate(pem), key }
}

function keyFileOf(file: string): string {
  return file.replace(/\.pem$/, '.key')
}
