/**
 * Setting up a one-time code while signing in, for who must have one. The secret is shown once and is on the way back only
 * as sealed text; it is kept when a code made with it proves that the authenticator app has it.
 */
import type { User } from '../domain/roles/identity.ts'
import { MINUTE } from '../domain/time.ts'
import { base32, keyUri, newCodeSecret, stepOfCode } from './one-time-code.ts'
import type { ProviderDeps } from './provider.ts'
import { totpPurpose } from './sign-in.ts'

/** How long somebody may look for an authenticator app. */
const THINKING = 10 * MINUTE

export interface Enrolment {
  /** Sealed: whose password was right in this sign-in, and the secret that was shown. */
  readonly proof: string
  /** For typing by hand. */
  readonly secret: string
  readonly keyUri: string
}

/** `uid`: of this very sign-in. */
export function beginEnrolment(deps: ProviderDeps, uid: string, user: Pick<User, 'id' | 'name'>): Enrolment {
  const { sealer, clock } = deps
  const secret = newCodeSecret()
  const kept: Kept = {
    id: user.id,
    name: user.name,
    until: clock.now() + THINKING,
    secret: secret.toString('base64url'),
  }
  return shown(deps, secret, kept, sealer.seal(JSON.stringify(kept), purposeOf(uid)))
}

interface Kept {
  readonly id: string
  readonly name: string
  readonly until: number
  readonly secret: string
}

function shown({ url }: ProviderDeps, secret: Buffer, { name }: Kept, proof: string): Enrolment {
  const place = `Sallyport ${new URL(url).host}`
  return { proof, secret: base32(secret), keyUri: keyUri(secret, { name, place }) }
}

export type Enrolled =
  | { readonly is: 'done'; readonly user: User }
  | { readonly is: 'wrong code'; readonly enrolment: Enrolment }
  /** Too late, of another sign-in, or done meanwhile elsewhere. */
  | { readonly is: 'over' }

interface Answer {
  readonly uid: string
  readonly proof: string
  readonly code: string
  readonly address: string
}

export async function finishEnrolment(deps: ProviderDeps, { uid, proof, code, address }: Answer): Promise<Enrolled> {
  const now = deps.clock.now()
  const kept = opened(deps, uid, proof)
  if (kept === undefined || kept.until <= now) return { is: 'over' }
  const secret = Buffer.from(kept.secret, 'base64url')
  const step = stepOfCode(secret, code, { now, spent: 0 })
  if (step === undefined) return { is: 'wrong code', enrolment: shown(deps, secret, kept, proof) }
  const totp = { sealed: deps.sealer.seal(kept.secret, totpPurpose(kept.id)), lastStep: step }
  const user = await deps.store.transaction(async (tx) => {
    const known = await tx.identity.user(kept.id)
    if (known === undefined || known.disabledAt !== undefined || known.totp !== undefined) return undefined
    const enrolled = { ...known, totp }
    await tx.identity.putUser(enrolled)
    const event = { at: now, action: 'user.code-changed', actor: known.name, address, target: known.id } as const
    await tx.append([{ ...event, data: JSON.stringify({ name: known.name, by: 'the user' }) }])
    return enrolled
  })
  return user === undefined ? { is: 'over' } : { is: 'done', user }
}

function opened({ sealer }: ProviderDeps, uid: string, proof: string): Kept | undefined {
  try {
    return JSON.parse(sealer.open(proof, purposeOf(uid))) as Kept // as beginEnrolment sealed it
  } catch {
    return undefined // not made here, or for another sign-in
  }
}

function purposeOf(uid: string): string {
  return `must-set-up-code:${uid}`
}
