/** Forms as Microsoft's clients send them, rewritten for the OpenID library. Pure: who the program is was settled before. */
import { ok, refusal, refused, type Result } from '../domain/refusal.ts'
import { PROVEN } from './clients.ts'
import type { Form } from './form.ts'
import { inOrder } from './password-grant.ts'
import { IMPERSONATION, parseResource, parseScope, type Asked } from './scopes.ts'

/** ADFS clients may name the resource by itself. */
export function askedIn(form: Form, known: readonly string[]): Result<Asked> {
  const scope = parseScope(form['scope'], known)
  if (!scope.ok || form['resource'] === undefined) return scope
  const resource = parseResource(form['resource'], known)
  if (!resource.ok) return resource
  const { value } = scope
  if (value.resource !== undefined && value.resource !== resource.value) {
    return refused(
      refusal('InvalidScope', `one resource at a time; got ${value.resource} and ${resource.value}`, 'scope'),
    )
  }
  return ok({ ...value, resource: resource.value })
}

/** For the token endpoint. Scopes were settled when the code or refresh token was issued; the resource may change. */
export function tokenForm(form: Form, { asked, proven }: { asked: Asked; proven: boolean }): URLSearchParams {
  const { scope: _scope, resource: _resource, client_secret: _secret, ...rest } = form
  const { client_assertion: _assertion, client_assertion_type: _type, ...sent } = rest
  const rewritten = new URLSearchParams(sent)
  if (proven) rewritten.set('client_secret', PROVEN)
  if (asked.resource !== undefined) rewritten.set('resource', asked.resource)
  return rewritten
}

/** For device codes and authorization: what the sign-in will be good for is settled here. */
export function signInForm(form: Form, asked: Asked, known: readonly string[]): URLSearchParams {
  const { scope: _scope, resource: _resource, prompt, ...sent } = form
  const rewritten = new URLSearchParams(sent)
  rewritten.set('scope', [...asked.oidc, IMPERSONATION].join(' '))
  for (const resource of inOrder(asked, known)) rewritten.append('resource', resource)
  const wanted = promptFor(prompt)
  if (wanted !== undefined) rewritten.set('prompt', wanted)
  return rewritten
}

/** Choosing an account is signing in; consent is never asked. */
function promptFor(prompt: string | undefined): string | undefined {
  const words = (prompt ?? '').split(' ').filter((word) => word !== '' && word !== 'consent')
  const known = new Set(words.map((word) => (word === 'select_account' ? 'login' : word)))
  return known.size === 0 ? undefined : [...known].join(' ')
}
