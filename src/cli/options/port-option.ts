/** `--port 22/tcp,max=PT1H,from=10.0.0.0/8` of `policy set`, and `--port 22/tcp` of `request create`. */
import type { Protocol } from '../../domain/net.ts'
import { isPortNumber, parseSource } from '../../domain/net.ts'
import { parsePortRule, type PortRuleInput } from '../../domain/policy/policy.ts'
import { ok, refusal, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { formatDuration } from '../../domain/time.ts'
import { parseHumanDuration } from '../times.ts'

export interface PortAndProtocol {
  readonly number: number
  readonly protocol?: Protocol
}

/** `22` or `22/tcp`; `22/any` is every protocol. */
export function parsePort(text: string): Result<PortAndProtocol> {
  const [numberText = '', protocolText, ...rest] = text.trim().split('/')
  const number = /^\d{1,5}$/.test(numberText) ? Number(numberText) : Number.NaN
  const protocol = parseProtocol(protocolText)
  if (!isPortNumber(number) || protocol === 'unknown' || rest.length > 0) {
    return refused(refusal('InvalidPort', `'${text}' is not a port; write one like 22, 22/tcp or 53/udp`))
  }
  return ok(protocol === undefined ? { number } : { number, protocol })
}

function parseProtocol(text: string | undefined): Protocol | undefined | 'unknown' {
  const upper = text?.toUpperCase()
  if (upper === undefined || upper === 'TCP' || upper === 'UDP' || upper === '*') return upper
  return upper === 'ANY' ? '*' : 'unknown'
}

/** A policy's rule. What is left out is the default: every protocol, from anywhere, at most three hours. */
export function parsePortRuleOption(text: string): Result<PortRuleInput> {
  const [head = '', ...settings] = text.split(',')
  const port = parsePort(head)
  const maximums = valuesOf(settings, 'max').map((value) => ({ value, parsed: parseHumanDuration(value) }))
  const sources = valuesOf(settings, 'from').map((value) => ({ value, parsed: parseSource(value) }))
  const ends = valuesOf(settings, 'end')
  const issues = [
    ...(port.ok ? [] : port.refusals),
    ...[...maximums, ...sources].flatMap(({ parsed }) => (parsed.ok ? [] : parsed.refusals)),
    ...unknownSettings(settings),
    ...(maximums.length > 1 ? [refusal('RepeatedMaximum', `'max' is given twice in '${text}'`)] : []),
    ...(ends.length > 1 ? [refusal('RepeatedEnd', `'end' is given twice in '${text}'`)] : []),
  ]
  if (!port.ok || issues.length > 0) return refused(...issues.map((issue) => ({ ...issue, target: `--port ${text}` })))
  const [maximum] = maximums
  return checked(
    {
      number: port.value.number,
      protocol: port.value.protocol ?? '*',
      ...sourcesField(sources.map(({ value }) => value)),
      maxRequestAccessDuration: maximum?.parsed.ok === true ? formatDuration(maximum.parsed.value) : 'PT3H',
      ...(ends[0] !== undefined && { onExpiry: ends[0] }),
    },
    text,
  )
}

function valuesOf(settings: readonly string[], name: string): string[] {
  return settings.flatMap((setting) => (setting.startsWith(`${name}=`) ? [setting.slice(name.length + 1).trim()] : []))
}

function unknownSettings(settings: readonly string[]): Refusal[] {
  return settings
    .filter((setting) => !/^(?:max|from|end)=/.test(setting))
    .map((setting) =>
      refusal('UnknownSetting', `'${setting}' is not known here; write max=PT1H, from=10.0.0.0/8 or end=cut`),
    )
}

/** One source as the single field and several as the list, as the wire wants it. */
function sourcesField(
  sources: readonly string[],
): Pick<PortRuleInput, 'allowedSourceAddressPrefix' | 'allowedSourceAddressPrefixes'> {
  return sources.length > 1
    ? { allowedSourceAddressPrefixes: sources }
    : { allowedSourceAddressPrefix: sources[0] ?? '*' }
}

function checked(rule: PortRuleInput, text: string): Result<PortRuleInput> {
  const judged = parsePortRule(rule, `--port ${text}`)
  if (judged.ok) return ok(rule)
  return refused(...judged.refusals.map((issue) => ({ ...issue, target: `--port ${text}` })))
}
