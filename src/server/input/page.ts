/** Pages of a list: where one begins, and the link to the next. The token is the last key, so pages survive any change. */
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import { parseResourceId, resourceKey, type ResourceKey } from '../../domain/resource-id.ts'

/** Policies in one answer of the original's lists. */
export const POLICIES_A_PAGE = 200
/** Entries in one answer of our own lists, when the caller does not say. */
export const ENTRIES_A_PAGE = 100

/** One more than the page is read, to know whether there is a next. */
export function cut<T>(
  items: readonly T[],
  size: number,
): { readonly page: readonly T[]; readonly last: T | undefined } {
  const page = items.slice(0, size)
  return { page, last: items.length > size ? page.at(-1) : undefined }
}

export function nextLink(base: string, url: string, parameter: string, value: string): string {
  const next = new URL(url, base)
  next.searchParams.set(parameter, value)
  return next.href
}

export function skipTokenFrom(key: ResourceKey): string {
  return Buffer.from(key).toString('base64url')
}

export function keyFromSkipToken(token: string): Result<ResourceKey> {
  const id = parseResourceId(Buffer.from(token, 'base64url').toString())
  if (id.ok) return ok(resourceKey(id.value))
  return refused(
    refusal('InvalidSkipToken', 'the $skiptoken is not one of ours; follow nextLink as it was given', '$skiptoken'),
  )
}
