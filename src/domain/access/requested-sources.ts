/** Whom a request wants to let in: the named sources or the caller alone, judged by the policy's rule for the port. */
import { formatSource, parseIpPrefix, sourceContains, type Source } from '../net.ts'
import type { PortRule } from '../policy/policy.ts'
import { ok, refusal, refused, withFacts, type Refusal, type Result } from '../refusal.ts'
import { INVALID_INPUT, IPV6_UNSUPPORTED } from './request-codes.ts'
import type { Allowed, Asked, Circumstances } from './request.ts'
import { parseSources, placeOfSource, sourceTexts, type WrittenSources } from '../policy/written-sources.ts'

export function decideSources({
  port,
  rule,
  circumstances,
  place,
}: Asked): Result<Pick<Allowed, 'sources' | 'sourcesAs'>> {
  const { callerAddress, ipv6 } = circumstances
  const texts = sourceTexts(port)
  if (texts === 'both') {
    const message = "give either 'allowedSourceAddressPrefix' or 'allowedSourceAddressPrefixes', not both"
    return refused(refusal(INVALID_INPUT, message, place))
  }
  const written: WrittenSources = texts === undefined ? { allowedSourceAddressPrefix: callerAddress } : port
  const sources = texts === undefined ? sourceOfCaller(callerAddress, place) : parseSources(texts, port, place)
  if (!sources.ok) return sources
  const issues = sources.value.flatMap((source, index) =>
    issuesOfSource(source, rule, ipv6, placeOfSource(written, index, place)),
  )
  if (issues.length > 0) return refused(...issues)
  const sourcesAs = typeof written.allowedSourceAddressPrefix === 'string' ? 'prefix' : 'prefixes'
  return ok({ sources: sources.value, sourcesAs })
}

/** One host and nothing else, whatever the server takes for the caller's address: nobody is let in unnamed. */
function sourceOfCaller(address: string, place: string): Result<readonly Source[]> {
  const parsed = parseIpPrefix(address)
  if (parsed.ok && !address.includes('/')) return ok([parsed.value])
  const message = "your own address is not known here; name the source in 'allowedSourceAddressPrefix'"
  return refused(refusal('CallerAddressUnknown', message, `${place}.allowedSourceAddressPrefix`))
}

function issuesOfSource(
  source: Source,
  rule: PortRule | undefined,
  ipv6: Circumstances['ipv6'],
  target: string,
): Refusal[] {
  if (ipv6 === 'refused' && source !== '*' && source.family === 6) {
    const message =
      'The provided access request contains a source IP address in IPv6 format, which is unsupported by Just-In-Time Network Access.'
    return [refusal(IPV6_UNSUPPORTED, message, target)]
  }
  if (rule === undefined || rule.sources.some((allowed) => sourceContains(allowed, source))) return []
  const facts = { port: rule.number, allowed: namesOf(rule.sources), asked: formatSource(source) }
  const message = `port ${facts.port} may be opened to ${facts.allowed}; you asked for ${facts.asked}`
  return [withFacts(refusal('SourceNotAllowed', message, target), facts)]
}

const MOST_NAMED = 10

/** A sentence, not a dump: it is said once for every source that is refused. */
function namesOf(sources: readonly Source[]): string {
  const names = sources.slice(0, MOST_NAMED).map(formatSource).join(', ')
  return sources.length > MOST_NAMED ? `${names} and ${sources.length - MOST_NAMED} more` : names
}
