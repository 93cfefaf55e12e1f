/**
 * Microsoft's scopes, `RESOURCE/.default`, as OAuth's resource indicators (RFC 8707). Pure. A resource id may end in a
 * slash, and then the scope has two: clients send both.
 */
import { ok, quoted, refusal, refused, type Result } from '../domain/refusal.ts'

/** The one permission that a person's token carries; what it may do is decided by role assignments. */
export const IMPERSONATION = 'user_impersonation'

const OIDC = ['openid', 'profile', 'email', 'offline_access']

export interface Asked {
  /** One of the known resources; undefined when none was asked for. */
  readonly resource: string | undefined
  readonly oidc: readonly string[]
}

/** `known` are resource ids without a slash at the end. */
export function parseScope(scope: string | undefined, known: readonly string[]): Result<Asked> {
  const words = (scope ?? '').split(' ').filter((word) => word !== '')
  const oidc = words.filter((word) => OIDC.includes(word))
  const resources = words.filter((word) => !OIDC.includes(word)).map(resourceOf)
  const unknown = resources.find((resource) => !known.includes(resource))
  if (unknown !== undefined) return unknownResource(unknown, known)
  const [resource, ...others] = [...new Set(resources)]
  if (others.length > 0) {
    return refused(
      refusal('InvalidScope', `one resource at a time; got ${[resource, ...others].join(' and ')}`, 'scope'),
    )
  }
  return ok({ resource, oidc })
}

export function parseResource(resource: string, known: readonly string[]): Result<string> {
  const bare = withoutSlashes(resource)
  return known.includes(bare) ? ok(bare) : unknownResource(bare, known)
}

function unknownResource(resource: string, known: readonly string[]): ReturnType<typeof refused> {
  const message = `there is no resource ${quoted(resource)} here; ask for the scope '${known[0]}/.default'`
  return refused(refusal('InvalidScope', message, 'scope'))
}

function resourceOf(word: string): string {
  return withoutSlashes(word.replace(/\/(\.default|user_impersonation)$/i, ''))
}

/** Host names have no case; what follows them has. */
export function withoutSlashes(resource: string): string {
  const bare = resource.replace(/\/+$/, '')
  return bare.replace(/^[a-z]+:\/\/[^/]+/i, (origin) => origin.toLowerCase())
}
