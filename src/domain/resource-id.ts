/**
 * Azure Resource Manager ids: `/subscriptions/{id}/resourceGroups/{name}/providers/{namespace}/{type}/{name}…`.
 * Compared without case, echoed as first written (behaviour reference, R20).
 */
import { ok, refusal, refused, type Result } from './refusal.ts'

/** A well-formed id, as somebody wrote it. Compare with {@link sameResource}, index by {@link resourceKey}. */
export type ResourceId = string & { readonly __brand: 'ResourceId' }

/** The one lower-case form of a resource id, fit for a map or an index. */
export type ResourceKey = string & { readonly __brand: 'ResourceKey' }

export interface ResourceIdParts {
  readonly subscriptionId: string
  readonly resourceGroup: string
  /** `Microsoft.Compute/virtualMachines`, with every child type. */
  readonly type: string
  /** The last segment. */
  readonly name: string
}

const PATTERN =
  /^\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/resourceGroups\/([-\w.()]{1,90})\/providers\/([\w.]+)((?:\/[A-Za-z][\w]*\/[^/\s?#%&\\<>]{1,260})+)$/i

export function parseResourceId(text: string): Result<ResourceId> {
  if (PATTERN.test(text)) return ok(text as ResourceId) // the pattern is what the brand promises
  return refused(
    refusal(
      'InvalidResourceId',
      `'${text}' is not a resource id; expected /subscriptions/{guid}/resourceGroups/{name}/providers/{namespace}/{type}/{name}`,
    ),
  )
}

export function resourceKey(id: ResourceId): ResourceKey {
  return id.toLowerCase() as ResourceKey // lower case is what the brand promises
}

export function sameResource(a: ResourceId, b: ResourceId): boolean {
  return resourceKey(a) === resourceKey(b)
}

export function partsOf(id: ResourceId): ResourceIdParts {
  const [, subscriptionId = '', resourceGroup = '', namespace = '', tail = ''] = PATTERN.exec(id) ?? []
  const segments = tail.split('/').slice(1)
  const types = segments.filter((_, index) => index % 2 === 0)
  return { subscriptionId, resourceGroup, type: [namespace, ...types].join('/'), name: segments.at(-1) ?? '' }
}

export function resourceName(id: ResourceId): string {
  return partsOf(id).name
}
