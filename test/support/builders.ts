/**
 * Valid values for tests, each with one plain default: a test names only what it is about. Builders go through the
 * product's own parsers, so that a test cannot stand on a value which the product would refuse.
 */
import type { Grant, RequestId } from '../../src/domain/access/grant.ts'
import type { GrantId, Opening } from '../../src/domain/access/hole.ts'
import { parseIpPrefix, parseSource, type IpPrefix, type Protocol, type Source } from '../../src/domain/net.ts'
import {
  parsePolicy,
  type PolicyBody,
  type PolicyMachineInput,
  type PortRuleInput,
} from '../../src/domain/policy/policy.ts'
import type { Result } from '../../src/domain/refusal.ts'
import type { AccessRequestInput, RequestedPort } from '../../src/domain/access/request.ts'
import { parseResourceId, resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import { formatInstant, HOUR, parseInstant, type Instant } from '../../src/domain/time.ts'

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555'

/** The value, or an error that tells why there is none. */
export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error(
    `expected a value, got: ${result.refusals.map(({ code, message }) => `${code} ${message}`).join('; ')}`,
  )
}

export function anInstant(text: string): Instant {
  return valueOf(parseInstant(text))
}

/** When tests happen, unless they say otherwise. */
export const NOON: Instant = anInstant('2026-01-31T12:00:00Z')

export function aPrefix(text: string): IpPrefix {
  return valueOf(parseIpPrefix(text))
}

export function aSource(text: string): Source {
  return valueOf(parseSource(text))
}

export function aMachineId(
  name = 'web1',
  { subscription = SUBSCRIPTION, resourceGroup = 'default', type = 'Microsoft.Compute/virtualMachines' } = {},
): ResourceId {
  const id = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/${type}/${name}`
  return valueOf(parseResourceId(id))
}

/** The policy `name` of the installation's own place: how it is addressed, its id, and the key it is found by. */
export function aPolicyPlace(name = 'default') {
  const address = { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local', name }
  const type = 'Microsoft.Security/locations/local/jitNetworkAccessPolicies'
  const id = valueOf(parseResourceId(`/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/${type}/${name}`))
  return { address, id, key: resourceKey(id) }
}

export interface PortSpec {
  readonly port?: number
  readonly protocol?: Protocol
  /** The longest that may be asked for, ISO-8601. */
  readonly max?: string
  /** One allowed source, or a list. */
  readonly from?: string | readonly string[]
}

export function aPortRule({ port = 22, protocol = '*', max = 'PT3H', from = '*' }: PortSpec = {}): PortRuleInput {
  return { number: port, protocol, maxRequestAccessDuration: max, ...sourcesIn(from) }
}

export interface PolicySpec extends PortSpec {
  readonly name?: string
  /** Every machine gets the same ports. */
  readonly machines?: readonly string[]
  /** Instead of the one port. */
  readonly ports?: readonly PortSpec[]
}

/** As the wire writes it and the store keeps it. */
export function policyMachines({ machines = [aMachineId()], ports, ...port }: PolicySpec = {}): PolicyMachineInput[] {
  return machines.map((id) => ({ id, ports: (ports ?? [port]).map(aPortRule) }))
}

/** `aPolicy({ port: 22, max: 'PT1H' })`. */
export function aPolicy(spec: PolicySpec = {}): PolicyBody {
  return valueOf(parsePolicy(spec.name ?? 'default', policyMachines(spec)))
}

export interface AskedSpec {
  readonly port?: number
  /** ISO-8601; PT1H when there is no `until` either. */
  readonly duration?: string
  readonly until?: string
  /** One source, or a list; the caller's own address when not given. */
  readonly from?: string | readonly string[]
}

export function anAskedPort({ port = 22, duration, until, from }: AskedSpec = {}): RequestedPort {
  const time = until === undefined ? { duration: duration ?? 'PT1H' } : { endTimeUtc: until }
  return { number: port, ...time, ...(from === undefined ? {} : sourcesIn(from)) }
}

export interface RequestSpec extends AskedSpec {
  readonly machines?: readonly string[]
  readonly ports?: readonly AskedSpec[]
  readonly justification?: string
}

/** What somebody asks for: `aRequest({ port: 22, duration: 'PT1H', from: '203.0.113.7' })`. */
export function aRequest({
  machines = [aMachineId()],
  ports,
  justification,
  ...asked
}: RequestSpec = {}): AccessRequestInput {
  return {
    virtualMachines: machines.map((id) => ({ id, ports: (ports ?? [asked]).map(anAskedPort) })),
    ...(justification === undefined ? {} : { justification }),
  }
}

export interface OpeningSpec {
  readonly grant?: string
  readonly machine?: ResourceId
  readonly port?: number
  readonly protocol?: Protocol
  readonly from?: string | readonly string[]
  readonly until?: Instant
}

export function anOpening({
  grant = 'grant-1',
  machine = aMachineId(),
  port = 22,
  protocol = '*',
  from = '203.0.113.7',
  until = NOON + HOUR,
}: OpeningSpec = {}): Opening {
  const sources = (typeof from === 'string' ? [from] : from).map(aSource)
  return { grant: grant as GrantId, machine, port, protocol, sources, until } // any text names a grant
}

export interface GrantSpec extends OpeningSpec {
  readonly request?: string
}

/** A grant that was asked for at noon and waits to be opened; the second argument changes anything else. */
export function aGrant({ request = 'request-1', ...opening }: GrantSpec = {}, rest: Partial<Grant> = {}): Grant {
  const opened = anOpening(opening)
  return {
    ...opened,
    request: request as RequestId, // any text names a request
    sourcesAs: opened.sources.length === 1 ? 'prefix' : 'prefixes',
    from: NOON,
    endTimeUtc: formatInstant(opened.until),
    state: 'opening',
    reason: 'UserRequested',
    ...rest,
  }
}

function sourcesIn(from: string | readonly string[]): {
  allowedSourceAddressPrefix?: string
  allowedSourceAddressPrefixes?: readonly string[]
} {
  return typeof from === 'string' ? { allowedSourceAddressPrefix: from } : { allowedSourceAddressPrefixes: from }
}
