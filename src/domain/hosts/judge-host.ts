/** Whether what somebody writes of a host makes sense; all issues are told at once. Pure. */
import type { MachineBehind } from './host.ts'
import { formatIpPrefix, parseIpPrefix, widthOf } from '../net.ts'
import { briefly, ok, placedAt, quoted, refusal, refused, withFacts, type Refusal, type Result } from '../refusal.ts'
import { parseResourceId, type ResourceId } from '../resource-id.ts'
import { DAY, formatDuration, MINUTE, parseDuration, type Millis } from '../time.ts'

/** A host name, which a resource id can carry; machine and policy names share 56 characters. */
const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9.]{0,51}[A-Za-z0-9])?$/

interface Place {
  readonly subscriptionId: string
  readonly resourceGroup: string
}

export function hostMachineId({ subscriptionId, resourceGroup }: Place, name: string): Result<ResourceId> {
  const issues = issuesOfHostName(name)
  if (issues.length > 0) return refused(...issues)
  return parseResourceId(
    `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.HybridCompute/machines/${name}`,
  )
}

function issuesOfHostName(name: string): Refusal[] {
  if (NAME.test(name)) return []
  const message = `${quoted(name)} is not a name for a host; use 1 to 53 letters, digits, '-' and '.', beginning and ending with a letter or digit`
  return [withFacts(refusal('InvalidHostName', message, 'name'), { got: briefly(name) })]
}

const SHORTEST: Millis = MINUTE
const LONGEST: Millis = DAY

/** How long a one-time command is good. */
export function parseValidity(text: string): Result<Millis> {
  const parsed = parseDuration(text)
  if (!parsed.ok) return refused(...placedAt('validFor', parsed.refusals))
  if (parsed.value >= SHORTEST && parsed.value <= LONGEST) return parsed
  const message = `an enrolment command is good for ${formatDuration(SHORTEST)} to ${formatDuration(LONGEST)}; got ${quoted(text)}`
  return refused(refusal('InvalidDuration', message, 'validFor'))
}

interface WrittenMachine {
  readonly id: ResourceId
  readonly addresses: readonly string[]
  readonly os: MachineBehind['os']
}

export function parseMachineBehind({ id, addresses, os }: WrittenMachine): Result<MachineBehind> {
  if (addresses.length === 0)
    return refused(refusal('InvalidGateway', 'write at least one address of the machine', 'addresses'))
  const parsed = addresses.map((address) => ({ address, prefix: parseIpPrefix(address) }))
  const issues = parsed.flatMap(({ address, prefix }) => {
    if (!prefix.ok) return placedAt('addresses', prefix.refusals)
    if (prefix.value.length === widthOf(prefix.value.family)) return []
    return [refusal('InvalidGateway', `expected one address, got the prefix ${quoted(address)}`, 'addresses')]
  })
  if (issues.length > 0) return refused(...issues)
  const found = parsed.flatMap(({ prefix }) => (prefix.ok ? [formatIpPrefix(prefix.value)] : []))
  return ok({ id, addresses: [...new Set(found)], os })
}
