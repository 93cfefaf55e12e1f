/**
 * The password grant (RFC 6749 §4.3), which `az login -u -p` uses on an ADFS authority. For scripts on a terminal only: who
 * has a one-time code, or must choose a password, is sent to the pages. A right password becomes an authorization code
 * that is redeemed in the same breath, so that the library issues these tokens as it issues all others.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Provider } from 'oidc-provider'
import { ok, refusal, refused, type Result } from '../domain/refusal.ts'
import type { Form } from './form.ts'
import type { ProviderDeps } from './provider.ts'
import { IMPERSONATION, type Asked } from './scopes.ts'
import { signIn } from './sign-in.ts'
import type { User } from '../domain/roles/identity.ts'

export interface PasswordRequest {
  readonly form: Form
  readonly asked: Asked
  /** The caller's address. */
  readonly address: string
}

/** The form of an authorization code request, for the library. */
export async function codeForPassword(
  provider: Provider,
  deps: ProviderDeps,
  { form, asked, address }: PasswordRequest,
): Promise<Result<Form>> {
  const { username: name = '', password = '', client_id: client = '' } = form
  const program = await provider.Client.find(client)
  if (program?.applicationType !== 'native') {
    return refused(refusal('UnauthorizedClient', 'this program may not ask for tokens by password', 'client_id'))
  }
  const user = await signIn(deps, { name, password, code: '', address, client })
  if (user === undefined) return refused(refusal('InvalidGrant', WRONG))
  if (user.mustChangePassword) {
    return refused(refusal('InvalidGrant', `choose a password of your own first, at ${deps.url}/oauth2/password`))
  }
  if (user.totp === undefined && (await deps.mustHaveCode(user.id))) {
    return refused(refusal('InvalidGrant', codeNeeded(deps.url)))
  }
  return ok(await codeFor(provider, deps, { program, user, asked }))
}

function codeNeeded(url: string): string {
  return `with your rights you sign in with a one-time code: set one up by signing in at ${url}/auth/sign-in, then use a device code (az login --use-device-code)`
}

const WRONG =
  'the name or the password is wrong, or there were too many tries; who has a one-time code signs in by device code'

interface Proven {
  readonly program: NonNullable<Awaited<ReturnType<Provider['Client']['find']>>>
  readonly user: User
  readonly asked: Asked
}

async function codeFor(
  provider: Provider,
  { resources }: ProviderDeps,
  { program, user, asked }: Proven,
): Promise<Form> {
  const verifier = randomBytes(32).toString('base64url')
  const [redirectUri = ''] = program.redirectUris ?? []
  const grant = new provider.Grant({ accountId: user.id, clientId: program.clientId })
  grant.addOIDCScope('openid profile email offline_access')
  for (const resource of resources) grant.addResourceScope(resource, IMPERSONATION)
  const code = new provider.AuthorizationCode({
    client: program,
    accountId: user.id,
    grantId: await grant.save(),
    gty: 'authorization_code',
    redirectUri,
    scope: [...asked.oidc, IMPERSONATION].join(' '),
    resource: inOrder(asked, resources),
    codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
    codeChallengeMethod: 'S256',
    amr: ['pwd'],
  })
  return {
    grant_type: 'authorization_code',
    client_id: program.clientId,
    code: await code.save(),
    code_verifier: verifier,
    redirect_uri: redirectUri,
  }
}

/** All that the sign-in is good for; the one that was asked for comes first and is the default. */
export function inOrder({ resource }: Asked, known: readonly string[]): string[] {
  return resource === undefined ? [...known] : [resource, ...known.filter((other) => other !== resource)]
}
