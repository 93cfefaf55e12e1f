/**
 * What a URL of Resource Manager names: a resource, a collection of them, or something beside them. Compared without
 * case, as Resource Manager does (platform reference, B.1: "Path casing varies").
 */
export interface Address {
  /** Lower case. */
  readonly subscription: string
  /** As written; undefined for a list over the subscription. */
  readonly group: string | undefined
  /** `Microsoft.Network`, as written. */
  readonly namespace: string
  /** `networkSecurityGroups`, `securityRules`. */
  readonly types: readonly string[]
  /** One shorter than the types when a collection is named. */
  readonly names: readonly string[]
}

const ADDRESS = /^\/subscriptions\/([^/]+)(?:\/resourcegroups\/([^/]+))?\/providers\/([^/]+)\/(.+)$/i

export function parseAddress(path: string): Address | undefined {
  const [, subscription, group, namespace, rest] = ADDRESS.exec(path) ?? []
  if (subscription === undefined || namespace === undefined || rest === undefined) return undefined
  const parts = rest.split('/')
  return {
    subscription: subscription.toLowerCase(),
    group,
    namespace,
    types: parts.filter((_, index) => index % 2 === 0),
    names: parts.filter((_, index) => index % 2 === 1),
  }
}

export function isCollection({ types, names }: Address): boolean {
  return types.length > names.length
}

/** `microsoft.network/networksecuritygroups/securityrules`. */
export function typeOf({ namespace, types }: Pick<Address, 'namespace' | 'types'>): string {
  return [namespace, ...types].join('/').toLowerCase()
}

/** The id of the first `depth` levels, as written. */
export function idOf({ subscription, group = '', namespace, types, names }: Address, depth = names.length): string {
  const levels = names.slice(0, depth).map((name, index) => `${types[index] ?? ''}/${name}`)
  return ['/subscriptions', subscription, 'resourceGroups', group, 'providers', namespace, ...levels].join('/')
}

export function keyOf(id: string): string {
  return id.toLowerCase()
}

export function lastName(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1)
}

/** `Microsoft.Network/networkSecurityGroups` of an id, with the case it was written in. */
export function typeOfId(id: string): string {
  const { namespace, types } = mustParse(id)
  return [namespace, ...types].join('/')
}

export function mustParse(id: string): Address {
  const address = parseAddress(id)
  if (address === undefined) throw new Error(`expected the id of a resource, got '${id}'`)
  return address
}

export function groupOfId(id: string): string {
  return parseAddress(id)?.group ?? ''
}
