/** What Azure Resource Manager checks before it hands a call to a provider: the api-version and the subscription. */
import type { App } from '../app/app.ts'
import type { Machine } from '../app/ports/inventory.ts'
import type { Operation } from '../contract/operation.ts'
import { API_VERSIONS } from '../contract/operations.ts'
import { refusal, type Refusal } from '../domain/refusal.ts'

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function checkApiVersion(
  kind: Operation['apiVersion'],
  query: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  if (kind === 'none') return undefined
  const given = apiVersionIn(query)
  if (given === undefined || given === '') {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.'
    return refusal('MissingApiVersionParameter', message, 'api-version')
  }
  const known = kind === 'security' ? API_VERSIONS.includes(given) : /^\d{4}-\d{2}-\d{2}(-preview)?$/.test(given)
  return known ? undefined : unknownVersion(given, kind)
}

export function apiVersionIn(query: Readonly<Record<string, unknown>>): string | undefined {
  const found = Object.entries(query).find(([name]) => name.toLowerCase() === 'api-version')?.[1]
  return typeof found === 'string' ? found.toLowerCase() : undefined
}

function unknownVersion(given: string, kind: 'security' | 'network' | 'any'): Refusal {
  const [type, supported] =
    kind === 'security'
      ? ['locations/jitNetworkAccessPolicies', API_VERSIONS.join(', ')]
      : [kind === 'network' ? 'networkSecurityGroups' : 'resources', 'any date, such as 2022-07-01']
  const message = `No registered resource provider found for API version '${given.slice(0, 60)}' for type '${type}'. The supported api-versions are '${supported}'.`
  return refusal('NoRegisteredProviderFound', message, 'api-version')
}

/** Known are the installation's own subscription and those of the machines it looks after. */
export function checkSubscription(app: Pick<App, 'installation' | 'inventory'>, id: string): Refusal | undefined {
  if (!GUID.test(id)) {
    const message = `The provided subscription identifier '${id.slice(0, 60)}' is malformed or invalid.`
    return refusal('InvalidSubscriptionId', message, 'subscriptionId')
  }
  const wanted = id.toLowerCase()
  if (wanted === app.installation.subscriptionId.toLowerCase()) return undefined
  if (hasMachineUnder(app.inventory.list(), `/subscriptions/${wanted}/`)) return undefined
  return refusal('SubscriptionNotFound', `The subscription '${id}' could not be found.`, 'subscriptionId')
}

/** The inventory is in the order of its keys, so a fleet of any size costs a few comparisons. */
function hasMachineUnder(machines: readonly Machine[], prefix: string): boolean {
  let [low, high] = [0, machines.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((machines[middle]?.key ?? '') < prefix) low = middle + 1
    else high = middle
  }
  return machines[low]?.key.startsWith(prefix) ?? false
}
