/**
 * A host becomes known: for a one-time token its agent gets a certificate for a key that never left it. Every enrolment is a
 * generation of its own, so what was certified before counts no more, whoever has it.
 */
import type { App } from '../app.ts'
import type { HostAuthority, HostCertificate } from '../ports/hosts.ts'
import type { Tx } from '../ports/store.ts'
import type { AuditFacts } from '../../domain/audit/audit-facts.ts'
import type { AuditEvent } from '../../domain/audit/audit.ts'
import type { EnrollmentToken, Host, HostId } from '../../domain/hosts/host.ts'
import { ok, refusal, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'

export interface EnrolDeps extends Pick<App, 'store' | 'clock'> {
  readonly authority: HostAuthority
}

export interface Enrolment {
  readonly token: string
  /** PEM (PKCS #10). */
  readonly csr: string
  /** JSON of what the agent said of its host. */
  readonly facts: string
  readonly address: string
}

export interface Enrolled {
  readonly host: Host
  readonly certificate: HostCertificate
}

export async function enrolHost(deps: EnrolDeps, enrolment: Enrolment): Promise<Result<Enrolled>> {
  const { store, clock, authority } = deps
  const hash = authority.hashOfToken(enrolment.token)
  const good = await store.transaction((tx) => hostOfToken(tx, hash, clock.now()))
  if (!good.ok) return good
  const generation = good.value.generation + 1
  const signed = await authority.certify(enrolment.csr, { id: good.value.id, generation })
  if (!signed.ok) return signed
  return store.transaction(async (tx) => {
    await tx.hosts.change()
    const now = clock.now()
    // Of two that come with one token at once, one wins.
    const still = await hostOfToken(tx, hash, now)
    if (!still.ok) return still
    // Another token of the same host was used meanwhile.
    if (still.value.generation + 1 !== generation) return refused(MEANWHILE)
    await tx.hosts.useToken(hash, now)
    const host = enrolled(still.value, signed.value, { facts: enrolment.facts, now })
    if (!(await tx.hosts.put(host))) throw new Error(`host ${host.name} was changed by somebody who did not wait`)
    await tx.append([event(host, { action: 'host.enrolled', now, address: enrolment.address })])
    return ok({ host, certificate: signed.value })
  })
}

async function hostOfToken(tx: Tx, hash: string, now: Instant): Promise<Result<Host>> {
  const token = await tx.hosts.token(hash)
  const why = whyNot(token, now)
  if (token === undefined || why !== undefined) return refused(why ?? UNKNOWN)
  const host = await tx.hosts.byId(token.host)
  return host === undefined ? refused(UNKNOWN) : ok(host)
}

const MEANWHILE = refusal(
  'EnrollmentTokenUsed',
  'the host was enrolled by another token at this very moment; try again',
)

const AGAIN = "ask for a new command: 'sallyport host enroll NAME'"

const UNKNOWN = refusal(
  'EnrollmentTokenUnknown',
  `this installation gave no such token, or its host was removed; ${AGAIN}`,
)

function whyNot(token: EnrollmentToken | undefined, now: Instant): Refusal | undefined {
  if (token === undefined) return UNKNOWN
  const { usedAt, until } = token
  if (usedAt !== undefined)
    return refusal(
      'EnrollmentTokenUsed',
      `the token was used at ${formatInstant(usedAt)}, and is good once: if that was not you, revoke the host; ${AGAIN}`,
    )
  if (until <= now)
    return refusal('EnrollmentTokenExpired', `the token was good until ${formatInstant(until)}; ${AGAIN}`)
  return undefined
}

function enrolled(
  host: Host,
  { fingerprint, endsAt }: HostCertificate,
  { facts, now }: { readonly facts: string; readonly now: Instant },
): Host {
  return {
    ...host,
    generation: host.generation + 1,
    certificates: [fingerprint],
    certificateEndsAt: endsAt,
    enrolledAt: now,
    revokedAt: undefined,
    revokedBecause: undefined,
    facts,
    version: host.version + 1,
  }
}

export interface Renewal {
  readonly host: HostId
  /** Of the certificate that the agent came with. */
  readonly fingerprint: string
  readonly csr: string
  readonly address: string
}

/** The certificate that it came with stays good until the new one was used: the answer may be lost on its way. */
export async function renewHost(deps: EnrolDeps, renewal: Renewal): Promise<Result<Enrolled>> {
  const { store, clock, authority } = deps
  const present = await store.reads.hosts.byId(renewal.host)
  if (present?.certificates.includes(renewal.fingerprint) !== true) return refused(NOT_IN_FORCE)
  const signed = await authority.certify(renewal.csr, present)
  if (!signed.ok) return signed
  return store.transaction(async (tx) => {
    await tx.hosts.change()
    const before = await tx.hosts.byId(renewal.host)
    if (before?.generation !== present.generation || !before.certificates.includes(renewal.fingerprint))
      return refused(NOT_IN_FORCE)
    const certificates = [renewal.fingerprint, signed.value.fingerprint]
    const host = { ...before, certificates, certificateEndsAt: signed.value.endsAt, version: before.version + 1 }
    await tx.hosts.put(host)
    await tx.append([event(host, { action: 'host.renewed', now: clock.now(), address: renewal.address })])
    return ok({ host, certificate: signed.value })
  })
}

export const NOT_IN_FORCE = refusal(
  'HostCertificateNotInForce',
  "the certificate is not in force any more: the host was enrolled anew, or revoked; enrol it with 'sallyport host enroll NAME'",
)

/** The newest certificate was used: those before it count no more. */
export async function settleCertificate(
  { store }: Pick<App, 'store'>,
  { host, fingerprint }: Pick<Renewal, 'host' | 'fingerprint'>,
): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.hosts.change()
    const before = await tx.hosts.byId(host)
    if (before === undefined || before.certificates.length < 2 || before.certificates.at(-1) !== fingerprint) return
    await tx.hosts.put({ ...before, certificates: [fingerprint], version: before.version + 1 })
  })
}

interface Happened {
  readonly action: Extract<AuditEvent['action'], `host.${string}`>
  readonly now: Instant
  readonly address: string
  readonly facts?: AuditFacts
}

/** What an agent did, or what was noticed of one. */
export function event(
  { machine, name, generation }: Pick<Host, 'machine' | 'name' | 'generation'>,
  { action, now, address, facts }: Happened,
): AuditEvent {
  return {
    at: now,
    action,
    actor: `host ${name}`,
    address,
    target: machine,
    data: JSON.stringify({ name, generation, ...facts } satisfies AuditFacts),
  }
}
