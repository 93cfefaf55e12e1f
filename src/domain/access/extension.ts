/**
 * The judgement on moving the end of a live grant to a later time: the same as on a request for the same hole made now,
 * so that an extension never gives more, or less, than asking again. It never shortens and never opens again what is over.
 */
import { isWanted, type Grant } from './grant.ts'
import { formatSource } from '../net.ts'
import type { PolicyBody } from '../policy/policy.ts'
import { ok, placedAt, refusal, refused, withFacts, type Refusal, type Result } from '../refusal.ts'
import { decide, type AccessRequestInput, type Allowed, type Circumstances } from './request.ts'
import { formatInstant, type Instant } from '../time.ts'

export interface Extension {
  readonly grant: Grant
  readonly until: Instant
  readonly endTimeUtc: string
}

/** Exactly one of the two times. */
export interface ExtensionInput {
  /** RFC 3339. */
  readonly until?: string
  /** ISO-8601, from now. */
  readonly duration?: string
  readonly justification?: string
}

/** In the order of the grants; those that end at that very time already are left out: asking twice is no mistake. */
export function decideExtensions(
  policy: PolicyBody,
  grants: readonly Grant[],
  { asked, circumstances }: { readonly asked: ExtensionInput; readonly circumstances: Circumstances },
): Result<readonly Extension[]> {
  if ((asked.until === undefined) === (asked.duration === undefined)) return refused(oneTime())
  const judged = grants.map((grant) => decideExtension(policy, grant, { asked, circumstances }))
  const issues = judged.flatMap((one) => (one.ok ? [] : one.refusals))
  if (issues.length > 0) return refused(...issues)
  return ok(judged.flatMap((one) => (one.ok && one.value.until > one.value.grant.until ? [one.value] : [])))
}

function oneTime(): Refusal {
  return refusal('InvalidExtension', "say the new end by exactly one of 'until' and 'duration'")
}

function decideExtension(
  policy: PolicyBody,
  grant: Grant,
  { asked, circumstances }: { readonly asked: ExtensionInput; readonly circumstances: Circumstances },
): Result<Extension> {
  const target = `grants['${grant.grant}']`
  if (!isWanted(grant, circumstances.now)) return refused(isOver(grant, target))
  const decided = decide(policy, askingAgain(grant, asked), circumstances)
  if (!decided.ok) return refused(...placedAt(target, decided.refusals))
  const [allowed] = decided.value
  if (allowed?.protocol !== grant.protocol) return refused(otherProtocol(grant, allowed, target))
  if (allowed.until < grant.until) return refused(shorter(grant, allowed, target))
  return ok({ grant, until: allowed.until, endTimeUtc: allowed.endTimeUtc })
}

/** What somebody would ask for who wanted this hole now. */
function askingAgain(
  { machine, port, sources, sourcesAs }: Grant,
  { until, duration, justification }: ExtensionInput,
): AccessRequestInput {
  const [first = ''] = sources.map(formatSource)
  const written =
    sourcesAs === 'prefix'
      ? { allowedSourceAddressPrefix: first }
      : { allowedSourceAddressPrefixes: sources.map(formatSource) }
  const asked = { number: port, endTimeUtc: until, duration, ...written }
  return { virtualMachines: [{ id: machine, ports: [asked] }], justification }
}

function isOver({ port, state, until }: Grant, target: string): Refusal {
  const why = state === 'opening' || state === 'open' ? `ended at ${formatInstant(until)}` : `is ${state}`
  const message = `the access to port ${port} ${why}: what is over cannot be extended; request it again`
  return withFacts(refusal('GrantNotLive', message, target), { port })
}

function otherProtocol({ port, protocol }: Grant, allowed: Allowed | undefined, target: string): Refusal {
  const now = allowed?.protocol ?? 'nothing'
  const message = `the policy now allows ${now} on port ${port}, and this access is for ${protocol}; request it again`
  return refusal('PortNotInPolicy', message, target)
}

function shorter({ port, until }: Grant, allowed: Allowed, target: string): Refusal {
  const message = `port ${port} is open until ${formatInstant(until)} already, and you asked for ${formatInstant(allowed.until)}: an extension does not shorten; close it instead`
  const facts = { port, until: formatInstant(until), asked: formatInstant(allowed.until) }
  return withFacts(refusal('EndNotLater', message, target), facts)
}
