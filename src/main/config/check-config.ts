/**
 * What `config check` prints: the configuration as a file would write it, less its secrets, and as comments who may say who
 * somebody is. With the question whether those answer, it asks them as the server would, and changes nothing.
 */
import { X509Certificate } from 'node:crypto'
import { stringify } from 'yaml'
import { fetchDiscoveredKeys, fetchKeySet } from '../../server/auth/fetch-keys.ts'
import type { TrustedIssuer } from '../../server/auth/trusted-issuer.ts'
import { writtenConfig, type Config } from './config.ts'
import { writtenIssuer } from './issuer-config.ts'
import { addressOf } from './origins.ts'
import { readGivenCertificate } from '../tls/given-certificate.ts'

export interface Checked {
  readonly text: string
  /** False when the certificate cannot be used, or an issuer that was asked does not answer as it should. */
  readonly isGood: boolean
}

export async function checkConfig(config: Config, { isOnline }: { readonly isOnline: boolean }): Promise<Checked> {
  const issuers = config.issuers.map(writtenIssuer)
  const written = { ...writtenConfig(withoutPassword(config)), ...(issuers.length > 0 && { issuers }) }
  const answers = isOnline ? await Promise.all(config.issuers.map(findingOf)) : []
  const findings = [...(await certificateFindings(config)), ...answers]
  const comments = [ownIssuerOf(config), ...findings.map(({ text }) => text)]
  const text = stringify(written) + comments.map((line) => `# ${line}\n`).join('')
  return { text, isGood: findings.every(({ isGood }) => isGood) }
}

/** The password of a database URL is nobody's business. */
function withoutPassword(config: Config): Config {
  const { database } = config
  return database === undefined ? config : { ...config, database: database.replace(/(\/\/[^:/@]*):[^@]*@/, '$1:***@') }
}

function ownIssuerOf(config: Config): string {
  const address = addressOf(config)
  if (config.ownIssuer === 'off') return 'own issuer: off'
  if (address === undefined)
    return 'own issuer: none, because the port is another one at every start; give --public-url'
  return `own issuer: at ${address}, one-time codes for ${config.ownIssuerOneTimeCodes}`
}

/** A server that restarts with what cannot be used does not come back. */
async function certificateFindings({ tlsCert, tlsKey }: Config): Promise<Checked[]> {
  if (tlsCert === undefined || tlsKey === undefined) return []
  try {
    const { cert } = await readGivenCertificate({ tlsCert, tlsKey })
    return [{ text: `certificate: for ${namesOf(cert)}, until ${new X509Certificate(cert).validTo}`, isGood: true }]
  } catch (cause) {
    return [{ text: `certificate: ${reasonOf(cause)}`, isGood: false }]
  }
}

function namesOf(cert: string): string {
  const { subjectAltName, subject } = new X509Certificate(cert)
  return subjectAltName?.replaceAll(/(?:DNS|IP Address):/g, '') ?? subject
}

async function findingOf({ issuer, keys }: TrustedIssuer): Promise<Checked> {
  try {
    const set = keys.kind === 'uri' ? await fetchKeySet(keys.uri) : await fetchDiscoveredKeys(issuer)
    const count = set.keys.length
    return { text: `${issuer} answers: ${count} ${count === 1 ? 'key' : 'keys'}`, isGood: count > 0 }
  } catch (cause) {
    return { text: `${issuer} does not answer as it should: ${reasonOf(cause)}`, isGood: false }
  }
}

/** On one line, whatever it is; what `fetch` throws has its reason in its cause. */
function reasonOf(cause: unknown): string {
  const { message, cause: deeper } = cause instanceof Error ? cause : new Error(String(cause))
  const text = deeper instanceof Error && deeper.message !== '' ? `${message}: ${deeper.message}` : message
  return text.replaceAll(/\s+/g, ' ').slice(0, 300)
}
