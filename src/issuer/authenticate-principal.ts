/**
 * Whether a program is the service principal it says it is: by a secret, by an assertion signed with its certificate, or
 * by a token of another issuer. A wrong proof and an unknown program get the same answer. Never logs what was shown.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, importX509, jwtVerify } from 'jose'
import type { Clock } from '../app/ports/clock.ts'
import type { Store } from '../app/ports/store.ts'
import type { Credential, ServicePrincipal } from '../domain/roles/identity.ts'
import { ok, refusal, refused, type Result } from '../domain/refusal.ts'
import type { Instant } from '../domain/time.ts'
import type { ForeignKeys } from './foreign-keys.ts'

export interface ShownProof {
  readonly appId: string
  readonly secret?: string
  readonly assertion?: string
}

export interface PrincipalDeps {
  readonly store: Pick<Store, 'reads'>
  readonly clock: Clock
  readonly foreignKeys: ForeignKeys
  /** What an assertion may be addressed to: the token endpoints and the issuer. */
  readonly audiences: readonly string[]
}

export interface ProvenPrincipal {
  readonly principal: ServicePrincipal
  readonly by: Credential
}

/** What clients such as MSAL sign with. `none` and shared keys are not among them. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256']
const SKEW_SECONDS = 60

export async function authenticatePrincipal(deps: PrincipalDeps, shown: ShownProof): Promise<Result<ProvenPrincipal>> {
  const reads = deps.store.reads.identity
  const principal = await reads.servicePrincipalOf(shown.appId)
  const all = principal === undefined ? [] : await reads.credentialsOf(principal.id)
  const by = await proofAmong(deps, all, shown)
  if (principal === undefined || by === undefined || principal.disabledAt !== undefined) return notProven()
  return by.endsAt > deps.clock.now() ? ok({ principal, by }) : ended(by, deps.clock.now())
}

async function proofAmong(
  deps: PrincipalDeps,
  credentials: readonly Credential[],
  { appId, secret, assertion }: ShownProof,
): Promise<Credential | undefined> {
  if (secret !== undefined) return credentials.find((credential) => isSecret(credential, secret))
  if (assertion === undefined) return undefined
  try {
    return (await signer(deps, credentials, { appId, assertion })) ?? (await federated(deps, credentials, assertion))
  } catch {
    return undefined // jose throws for whatever is not a token, not ours to read, or not signed by whom it says
  }
}

function isSecret({ proof }: Credential, secret: string): boolean {
  if (proof.kind !== 'secret') return false
  const given = createHash('sha256').update(secret).digest()
  const expected = Buffer.from(proof.hash, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** RFC 7523 §3, with the header by which Microsoft's clients name their certificate. */
async function signer(
  { clock, audiences }: PrincipalDeps,
  credentials: readonly Credential[],
  { appId, assertion }: { readonly appId: string; readonly assertion: string },
): Promise<Credential | undefined> {
  const { alg = '', x5t, 'x5t#S256': x5tS256 } = decodeProtectedHeader(assertion)
  const [sha1, sha256] = [x5t, x5tS256].map(unpadded)
  const credential = credentials.find(
    ({ proof }) => proof.kind === 'certificate' && (proof.sha1 === sha1 || proof.sha256 === sha256),
  )
  if (credential === undefined || credential.proof.kind !== 'certificate' || !ALGORITHMS.includes(alg)) return undefined
  await jwtVerify(assertion, await importX509(credential.proof.pem, alg), {
    algorithms: ALGORITHMS,
    issuer: appId,
    subject: appId,
    audience: [...audiences],
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(clock.now()),
    requiredClaims: ['exp'],
  })
  return credential
}

/** MSAL for Python pads thumbprints. */
function unpadded(print: unknown): string | undefined {
  return typeof print === 'string' ? print.replace(/=+$/, '') : undefined
}

/** The subject, issuer and audience must all be the ones that an administrator wrote down; then the issuer's keys decide. */
async function federated(
  { clock, foreignKeys }: PrincipalDeps,
  credentials: readonly Credential[],
  assertion: string,
): Promise<Credential | undefined> {
  const { iss, sub, aud } = decodeJwt(assertion)
  const audiences = typeof aud === 'string' ? [aud] : (aud ?? [])
  const credential = credentials.find(
    ({ proof }) =>
      proof.kind === 'federated' && proof.issuer === iss && proof.subject === sub && audiences.includes(proof.audience),
  )
  if (credential === undefined || credential.proof.kind !== 'federated') return undefined
  const { issuer, subject, audience } = credential.proof
  await jwtVerify(assertion, await foreignKeys.of(issuer), {
    algorithms: [...ALGORITHMS, 'ES384', 'RS384', 'RS512', 'EdDSA'],
    issuer,
    subject,
    audience,
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(clock.now()),
    requiredClaims: ['exp'],
  })
  return credential
}

function notProven(): ReturnType<typeof refused> {
  const remedy = 'check the client id and its secret, certificate or federated token, or add a new one'
  return refused(refusal('InvalidClient', `the program could not prove who it is: ${remedy}`))
}

function ended(by: Credential, now: Instant): ReturnType<typeof refused> {
  const days = Math.floor((now - by.endsAt) / 86_400_000)
  return refused(
    refusal('ExpiredClientCredential', `the ${by.proof.kind} '${by.hint}' ended ${days} days ago; add a new one`),
  )
}
