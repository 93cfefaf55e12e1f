/** The two fields for sources, of which a client uses one, in policies and in requests. */
import { parseSource, type Source } from '../net.ts'
import { ok, placedAt, refusal, refused, withFacts, type Refusal, type Result } from '../refusal.ts'

export interface WrittenSources {
  readonly allowedSourceAddressPrefix?: string | null | undefined
  readonly allowedSourceAddressPrefixes?: readonly string[] | null | undefined
}

/** A judgement compares every asked source with every allowed one. */
export const MOST_SOURCES = 1_000

/** Clients that know both fields send the unused one as null or as an empty list. */
export function sourceTexts(written: WrittenSources): readonly string[] | 'both' | undefined {
  const single = written.allowedSourceAddressPrefix ?? undefined
  const list = written.allowedSourceAddressPrefixes?.length ? written.allowedSourceAddressPrefixes : undefined
  if (single !== undefined && list !== undefined) return 'both'
  return single === undefined ? list : [single]
}

/** `texts` are what {@link sourceTexts} found in `written`. */
export function parseSources(
  texts: readonly string[],
  written: WrittenSources,
  place: string,
): Result<readonly Source[]> {
  if (texts.length > MOST_SOURCES) return refused(tooManySources(texts.length, place))
  const parsed = texts.map((text, index) => {
    const source = parseSource(text.trim())
    return source.ok ? source : refused(...placedAt(placeOfSource(written, index, place), source.refusals))
  })
  const issues = parsed.flatMap((source) => (source.ok ? [] : source.refusals))
  return issues.length > 0 ? refused(...issues) : ok(parsed.flatMap((source) => (source.ok ? [source.value] : [])))
}

/** The field, and in a list the place in it, of one source that {@link sourceTexts} found. */
export function placeOfSource(written: WrittenSources, index: number, place: string): string {
  if (typeof written.allowedSourceAddressPrefix === 'string') return `${place}.allowedSourceAddressPrefix`
  return `${place}.allowedSourceAddressPrefixes[${index}]`
}

function tooManySources(count: number, place: string): Refusal {
  const message = `a port takes at most ${MOST_SOURCES} source prefixes; got ${count}: write wider ones`
  const reason = refusal('TooManySources', message, `${place}.allowedSourceAddressPrefixes`)
  return withFacts(reason, { most: MOST_SOURCES, asked: count })
}

/** How much there is to judge: pairs of port and source; a machine without ports counts too. */
export function countPairs(machines: readonly { readonly ports: readonly WrittenSources[] }[]): number {
  const sources = ({ allowedSourceAddressPrefixes: list }: WrittenSources): number => Math.max(1, list?.length ?? 0)
  const pairs = ({ ports }: (typeof machines)[number]): number => ports.reduce((sum, port) => sum + sources(port), 0)
  return machines.reduce((sum, machine) => sum + Math.max(1, pairs(machine)), 0)
}
