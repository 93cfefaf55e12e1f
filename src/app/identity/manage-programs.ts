/** The installation's own service principals: programs that sign in, and what they prove themselves by. */
import { authorize } from './authorize.ts'
import { change, programCalled, type Managing } from './manage-identity.ts'
import type { IdentityReads } from '../ports/identity.ts'
import type { Page } from '../ports/rows.ts'
import { DELETE_PROGRAMS, READ_PROGRAMS, WRITE_PROGRAMS } from '../../domain/roles/identity-actions.ts'
import { parseDisplayName, type Credential, type Proof, type ServicePrincipal } from '../../domain/roles/identity.ts'
import { briefly, ok, refusal, refused, withFacts, type Refusal, type Result } from '../../domain/refusal.ts'
import { DAY, formatInstant, type Instant, type Millis } from '../../domain/time.ts'

export interface ProgramView {
  readonly principal: ServicePrincipal
  readonly credentials: readonly Credential[]
}

const LONGEST: Millis = 730 * DAY

export async function listPrograms({ app, caller }: Managing, page: Page<string>): Promise<Result<ProgramView[]>> {
  const denied = await authorize(app, caller, [{ anyOf: READ_PROGRAMS, scope: '/' }])
  if (denied.length > 0) return refused(...denied)
  const { identity } = app.store.reads
  const principals = await identity.servicePrincipals(page)
  return ok(await Promise.all(principals.map((principal) => viewOf(identity, principal))))
}

async function viewOf(
  identity: Pick<IdentityReads, 'credentialsOf'>,
  principal: ServicePrincipal,
): Promise<ProgramView> {
  return { principal, credentials: await identity.credentialsOf(principal.id) }
}

export async function createProgram(managing: Managing, asked: string): Promise<Result<ProgramView>> {
  const { app } = managing
  const name = parseDisplayName(asked, 'name')
  const ids = { id: app.uuid(), appId: app.uuid() }
  return change(managing, WRITE_PROGRAMS, async (identity, now) => {
    if (!name.ok) return name
    const others = await identity.servicePrincipals({ limit: 10_000 })
    if (others.some((other) => other.name.toLowerCase() === name.value.toLowerCase()))
      return refused(
        withFacts(refusal('NameTaken', `there is a '${name.value}' already; choose another name`, 'name'), {
          name: name.value,
        }),
      )
    const principal = { ...ids, name: name.value, createdAt: now }
    await identity.putServicePrincipal(principal)
    const told = { action: 'principal.created', target: ids.id, data: { name: name.value, client: ids.appId } } as const
    return ok({ value: { principal, credentials: [] }, told })
  })
}

export type NewCredential =
  | { readonly kind: 'secret'; readonly days: number }
  | { readonly kind: 'certificate'; readonly pem: string }
  | {
      readonly kind: 'federated'
      readonly issuer: string
      readonly subject: string
      readonly audience: string
      readonly days: number
    }

export interface AddedCredential extends ProgramView {
  readonly added: Credential
  /** The secret, shown once. */
  readonly secret?: string
}

interface Made {
  readonly proof: Proof
  readonly hint: string
  readonly endsAt: Instant
  readonly secret?: string
}

export function addCredential(
  managing: Managing,
  { principal: called, credential }: { readonly principal: string; readonly credential: NewCredential },
): Promise<Result<AddedCredential>> {
  return change(managing, WRITE_PROGRAMS, async (identity, now) => {
    const found = await programCalled(identity, called)
    if (!found.ok) return found
    const made = makeCredential(managing, credential, now)
    if (!made.ok) return made
    const { proof, hint, endsAt, secret } = made.value
    const added = { id: managing.app.uuid(), principal: found.value.id, hint, proof, createdAt: now, endsAt }
    await identity.addCredential(added)
    const data = { name: found.value.name, credential: added.id, kind: proof.kind, hint, endsAt }
    const told = { action: 'principal.credential-added', target: found.value.id, data } as const
    const view = await viewOf(identity, found.value)
    return ok({ value: { ...view, added, ...(secret === undefined ? {} : { secret }) }, told })
  })
}

function makeCredential({ vault }: Managing, asked: NewCredential, now: Instant): Result<Made> {
  switch (asked.kind) {
    case 'secret': {
      const { text, proof, hint } = vault.newSecret()
      return withEnd({ proof, hint, secret: text }, asked.days, now)
    }
    case 'certificate': {
      const read = vault.readCertificate(asked.pem)
      if (!read.ok) return read
      return read.value.endsAt > now ? ok(read.value) : refused(endedCertificate(read.value.endsAt))
    }
    case 'federated': {
      const { issuer, subject, audience } = asked
      const wrong = federationIssue(asked)
      if (wrong !== undefined) return refused(wrong)
      return withEnd({ proof: { kind: 'federated', issuer, subject, audience }, hint: issuer }, asked.days, now)
    }
  }
}

function withEnd(made: Omit<Made, 'endsAt'>, days: number, now: Instant): Result<Made> {
  if (days >= 1 && days * DAY <= LONGEST) return ok({ ...made, endsAt: now + days * DAY })
  const message = `a credential lives 1 to ${LONGEST / DAY} days; got ${days}`
  return refused(withFacts(refusal('InvalidDuration', message, 'days'), { most: LONGEST / DAY, days }))
}

function endedCertificate(endedAt: Instant): Refusal {
  const message = 'the certificate has ended already; bring one that is still valid'
  return withFacts(refusal('InvalidCertificate', message, 'pem'), { ended: formatInstant(endedAt) })
}

/** Its keys come from there: over a network, in the clear, anybody's could. */
function federationIssue({
  issuer,
  subject,
  audience,
}: {
  issuer: string
  subject: string
  audience: string
}): Refusal | undefined {
  const isSafe = /^https:\/\/\S+$|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/\S*)?$/.test(issuer)
  const message = `an issuer is an https address; got '${issuer.slice(0, 200)}'`
  if (!isSafe) return withFacts(refusal('InvalidIssuer', message, 'issuer'), { got: briefly(issuer) })
  if (subject === '' || audience === '')
    return refusal('InvalidIssuer', 'a federated credential names a subject and an audience', 'subject')
  return undefined
}

export function removeCredential(
  managing: Managing,
  { principal: called, credential }: { readonly principal: string; readonly credential: string },
): Promise<Result<ProgramView>> {
  return change(managing, WRITE_PROGRAMS, async (identity) => {
    const found = await programCalled(identity, called)
    if (!found.ok) return found
    const { id, name } = found.value
    const known = (await identity.credentialsOf(id)).find((each) => each.id === credential.toLowerCase())
    if (known === undefined)
      return refused(refusal('CredentialNotFound', `'${name}' has no credential '${credential.slice(0, 60)}'`))
    await identity.removeCredential(known.id)
    const data = { name, credential: known.id, kind: known.proof.kind, hint: known.hint }
    const told = { action: 'principal.credential-removed', target: id, data } as const
    return ok({ value: await viewOf(identity, found.value), told })
  })
}

export function removeProgram(managing: Managing, called: string): Promise<Result<ServicePrincipal>> {
  return change(managing, DELETE_PROGRAMS, async (identity) => {
    const found = await programCalled(identity, called)
    if (!found.ok) return found
    await identity.removeServicePrincipal(found.value.id)
    const told = { action: 'principal.removed', target: found.value.id, data: { name: found.value.name } } as const
    return ok({ value: found.value, told })
  })
}
