/**
 * The token of a context, renewed in silence before it ends. Of several commands at the same time one renews and the
 * others take what it got: an issuer that rotates refresh tokens would take a second use for theft.
 */
import { MINUTE, SECOND, type Instant } from '../../domain/time.ts'
import type { Context, SignedIn } from '../contexts/context.ts'
import { forgetTokens, keepTokens, readTokens, tokenFile, type Tokens } from '../contexts/token-store.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Io } from '../io.ts'
import { signInSilently } from './sign-in-silently.ts'
import { placeOf } from './token-place.ts'

export type BearerIo = Pick<Io, 'env' | 'now' | 'outside'>

/** Renewed so long before its end, so that no call carries a token that ends on the way. */
const AHEAD = MINUTE

/** Asked before every call; reads the store once and then only when the token ends. */
export function bearerOf(context: Context, io: BearerIo): () => Promise<string> {
  let known: Tokens | undefined
  return async () => {
    if (known === undefined || !isFresh(known, io.now())) known = await freshTokens(context, io)
    return known.access
  }
}

async function freshTokens(context: Context, io: BearerIo): Promise<Tokens> {
  const { signedIn } = context
  if (signedIn === undefined) throw notSignedIn(context)
  if (signedIn.by === 'token file') return signInSilently(signedIn, io)
  const kept = await readTokens(placeOf(io), context)
  if (kept !== undefined && isFresh(kept, io.now())) return kept
  const { holdingLock } = await import('../contexts/file-lock.ts')
  return holdingLock(tokenFile(placeOf(io), context), () => renewedTokens(context, signedIn, io))
}

/** Under the lock: somebody may have renewed while we waited for it. */
async function renewedTokens(context: Context, signedIn: SignedIn, io: BearerIo): Promise<Tokens> {
  const kept = await readTokens(placeOf(io), context)
  if (kept !== undefined && isFresh(kept, io.now())) return kept
  try {
    const renewed = await renew(context, signedIn, { kept, io })
    await keepTokens(placeOf(io), context, renewed)
    return renewed
  } catch (error) {
    if (kept !== undefined && kept.endsAt > io.now() + SECOND && isIssuerDown(error)) return kept
    if (signedIn.by !== 'person' || isIssuerDown(error)) throw error
    await forgetTokens(placeOf(io), context) // the issuer has taken the session back: what is kept opens nothing
    throw sessionEnded(context, error)
  }
}

interface Renewing {
  readonly kept: Tokens | undefined
  readonly io: BearerIo
}

async function renew(context: Context, signedIn: SignedIn, { kept, io }: Renewing): Promise<Tokens> {
  if (signedIn.by !== 'person') return signInSilently(signedIn, io)
  if (kept?.refresh === undefined) throw notSignedIn(context)
  const { atIssuer, openIssuer, tokensFrom } = await import('./oidc.ts')
  const { oidc, config } = await openIssuer(signedIn)
  const { issuer, scope } = signedIn
  const { refresh } = kept
  return tokensFrom(await atIssuer(issuer, () => oidc.refreshTokenGrant(config, refresh, { scope })), io.now(), kept)
}

function isFresh({ endsAt }: Tokens, now: Instant): boolean {
  return endsAt - AHEAD > now
}

function isIssuerDown(error: unknown): boolean {
  return error instanceof Failure && error.exit === EXIT.server
}

function notSignedIn({ name }: Context): Failure {
  return new Failure(EXIT.notSignedIn, `you are not signed in to '${name}'`, {
    remedy: `sallyport login --context ${name}`,
  })
}

function sessionEnded({ name }: Context, cause: unknown): Failure {
  return new Failure(EXIT.notSignedIn, `your sign-in to '${name}' has ended`, {
    remedy: `sallyport login --context ${name}`,
    cause,
  })
}
