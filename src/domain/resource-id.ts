/**
 * Azure Resource Manager ids: `/subscriptions/{id}/resourceGroups/{name}/providers/{namespace}/{type}/{name}…`.
 * Compared without case, echoed as first written (behaviour reference, R20).
 */
import { ok, quoted, refusal, refused, type Result } from './refusal.ts'

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

/** Three bytes a character at most, and a B-tree row of PostgreSQL holds 2,704 bytes. */
const LONGEST_ID = 512

export function parseResourceId(text: string): Result<ResourceId> {
  if (text.length <= LONGEST_ID && segmentsOf(text) !== undefined) return ok(text as ResourceId) // what the brand promises
  const message = `${quoted(text)} is not a resource id; expected /subscriptions/{guid}/resourceGroups/{name}/providers/{namespace}/{type}/{name}, at most ${LONGEST_ID} characters`
  return refused(refusal('InvalidResourceId', message))
}

interface Segments {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly namespace: string
  readonly types: readonly string[]
  readonly names: readonly string[]
}

/**
 * One request reads the same few ids many times, so what was well-formed is remembered. Ill-formed texts are not: anybody
 * could fill the memory with them.
 */
const remembered = new Map<string, Segments>()
const MOST_REMEMBERED = 1_024

function segmentsOf(text: string): Segments | undefined {
  const known = remembered.get(text)
  if (known !== undefined) return known
  const segments = readSegments(text)
  if (segments === undefined || text.length > LONGEST_ID) return segments
  if (remembered.size === MOST_REMEMBERED) remembered.clear()
  remembered.set(text, segments)
  return segments
}

function readSegments(text: string): Segments | undefined {
  const [root, subscriptions, subscriptionId = '', groups, resourceGroup = '', providers, namespace = '', ...pairs] =
    text.split('/')
  const words = [root, subscriptions, groups, providers].join('/').toLowerCase()
  if (words !== '/subscriptions/resourcegroups/providers' || pairs.length === 0) return undefined
  const types = pairs.filter((_, index) => index % 2 === 0)
  const names = pairs.filter((_, index) => index % 2 === 1)
  const good =
    GUID.test(subscriptionId) &&
    RESOURCE_GROUP.test(resourceGroup) &&
    isResourceName(resourceGroup) &&
    NAMESPACE.test(namespace) &&
    types.length === names.length &&
    types.every((type) => TYPE.test(type)) &&
    names.every(isResourceName)
  return good ? { subscriptionId, resourceGroup, namespace, types, names } : undefined
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Letters and digits of any script (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules). */
const RESOURCE_GROUP = /^[-\p{L}\p{M}\p{N}_.()]{0,89}[-\p{L}\p{M}\p{N}_()]$/u
const NAMESPACE = /^[A-Za-z]\w*(?:\.\w+)*$/
const TYPE = /^[A-Za-z]\w*$/

/**
 * A segment that names something. No spaces; nothing invisible (controls, bidirectional marks), which would let one name
 * look like another; not `.` or `..`, which URLs resolve away; and only composed characters, because the Kelvin sign
 * becomes a plain k in lower case and would compare equal to another machine's name.
 */
export function isResourceName(text: string): boolean {
  return RESOURCE_NAME.test(text) && text !== '.' && text !== '..' && text === text.normalize('NFC')
}

const RESOURCE_NAME = /^[^/\s?#%&\\<>\p{Cc}\p{Cf}\p{Cs}]{1,260}$/u

export function resourceKey(id: ResourceId): ResourceKey {
  return id.toLowerCase() as ResourceKey // lower case is what the brand promises
}

export function sameResource(a: ResourceId, b: ResourceId): boolean {
  return resourceKey(a) === resourceKey(b)
}

export function partsOf(id: ResourceId): ResourceIdParts {
  const segments = segmentsOf(id)
  if (segments === undefined)
    throw new Error(`expected a resource id, got ${quoted(id)}; make it with parseResourceId()`)
  const { subscriptionId, resourceGroup, namespace, types, names } = segments
  return { subscriptionId, resourceGroup, type: [namespace, ...types].join('/'), name: names.at(-1) ?? '' }
}

export function resourceName(id: ResourceId): string {
  return partsOf(id).name
}
