/** Which code writes a policy, as the request says, and who manages it, as the answer says. No permission comes of it. */
import type { StoredPolicy } from '../../app/ports/rows.ts'
import { formatOwner, ownerFrom, parseOwner, type Claim } from '../../domain/policy/ownership.ts'
import { ok, type Result } from '../../domain/refusal.ts'
import { formatInstant } from '../../domain/time.ts'

const MANAGED_BY = 'x-sallyport-managed-by'
const CHANGED_OUTSIDE_AT = 'x-sallyport-changed-outside-at'

interface Written {
  readonly header: (name: string) => string | undefined
  readonly query: { readonly takeOver?: boolean | undefined }
}

/** `claim` is left out where the client says nothing of itself. */
export function claimIn({ header, query }: Written): Result<{ readonly claim?: Claim }> {
  const text = header(MANAGED_BY)
  if (text === undefined) return ok({})
  const owner = parseOwner(text)
  return owner.ok ? ok({ claim: { owner: owner.value, takeOver: query.takeOver === true } }) : owner
}

export function claimFrom(
  owner: { readonly tool: string; readonly source?: string | undefined } | null | undefined,
  takeOver: boolean,
): Result<{ readonly claim?: Claim }> {
  if (owner == null) return ok({})
  const { tool, source } = owner
  const parsed = ownerFrom({ tool, ...(source !== undefined && { source }) })
  return parsed.ok ? ok({ claim: { owner: parsed.value, takeOver } }) : parsed
}

export function ownerHeaders({ managedBy, changedOutsideAt }: StoredPolicy): Record<string, string> {
  return {
    ...(managedBy !== undefined && { [MANAGED_BY]: formatOwner(managedBy) }),
    ...(changedOutsideAt !== undefined && { [CHANGED_OUTSIDE_AT]: formatInstant(changedOutsideAt) }),
  }
}
