/**
 * Where a role assignment holds: `/`, the management group, a subscription, a resource group or a resource; each covers
 * all below it. Compared without case, echoed as first written.
 */
import { briefly, ok, quoted, refusal, refused, withFacts, type Result } from '../refusal.ts'
import { isResourceName, parseResourceId } from '../resource-id.ts'

/** The one lower-case form of a scope, without a trailing slash. */
export type ScopeKey = string & { readonly __brand: 'ScopeKey' }

export interface Scope {
  /** As written, without a trailing slash. */
  readonly id: string
  readonly key: ScopeKey
}

export const ROOT: Scope = { id: '/', key: '/' as ScopeKey } // its own lower case

/** One management group holds every subscription of an installation. */
export const MANAGEMENT_GROUP = '/providers/Microsoft.Management/managementGroups/root'
const MANAGEMENT_GROUP_KEY = MANAGEMENT_GROUP.toLowerCase() as ScopeKey // lower case is what the brand promises

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function parseScope(text: string): Result<Scope> {
  const id = text.replace(/(?<=[^/])\/$/, '')
  if (isScope(id)) return ok({ id, key: id.toLowerCase() as ScopeKey }) // lower case is what the brand promises
  const message = `${quoted(text)} is not a scope; expected '/', '${MANAGEMENT_GROUP}', '/subscriptions/{guid}', '/subscriptions/{guid}/resourceGroups/{name}' or the id of a resource`
  return refused(withFacts(refusal('InvalidScope', message, 'scope'), { got: briefly(text) }))
}

function isScope(id: string): boolean {
  if (id === '/' || id.toLowerCase() === MANAGEMENT_GROUP_KEY) return true
  const [root, subscriptions = '', subscription = '', groups = 'resourceGroups', group = 'any', ...more] = id.split('/')
  const isPlace =
    root === '' &&
    subscriptions.toLowerCase() === 'subscriptions' &&
    GUID.test(subscription) &&
    groups.toLowerCase() === 'resourcegroups' &&
    isResourceName(group) &&
    group.length <= 90
  return isPlace && (more.length === 0 ? id.split('/').length !== 4 : parseResourceId(id).ok)
}

/** From a scope that was parsed, or from an id that is one. */
export function scopeKeyOf(id: string): ScopeKey {
  return id.toLowerCase() as ScopeKey // lower case is what the brand promises
}

/** The scope itself and everything above it, nearest first: an assignment at any of these holds at the scope. */
export function scopesAbove(key: ScopeKey): ScopeKey[] {
  if (key === '/') return [key]
  const found: string[] = []
  for (let end = key.length; end > 0; end = key.lastIndexOf('/', end - 1)) found.push(key.slice(0, end))
  if (key.startsWith('/subscriptions/')) found.push(MANAGEMENT_GROUP_KEY)
  return [...found, '/'] as ScopeKey[] // parts of a key are keys
}

/** Whether `inner` is `outer` or lies below it. */
export function isWithin(inner: ScopeKey, outer: ScopeKey): boolean {
  if (outer === '/' || inner === outer) return true
  if (outer === MANAGEMENT_GROUP_KEY) return inner.startsWith('/subscriptions/')
  return inner.startsWith(`${outer}/`)
}

/** `/subscriptions/{id}` of anything within one; undefined above all subscriptions. */
export function subscriptionOf(key: ScopeKey): string | undefined {
  const [, root, id] = key.split('/')
  return root === 'subscriptions' ? id : undefined
}
