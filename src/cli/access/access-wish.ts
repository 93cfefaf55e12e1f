/**
 * What a person wants opened, turned into one body for each policy. Picks the policy and the default time; whether it is
 * allowed is for the server to judge. Pure.
 */
import type { InitiateRequest } from '../../contract/jit-request.ts'
import type { WireMachine } from '../../contract/machine.ts'
import { protocolContains, type Protocol } from '../../domain/net.ts'
import { formatDuration, HOUR, parseDuration, type Millis } from '../../domain/time.ts'
import { shortName } from '../names/directory.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure, usageFailure } from '../failure.ts'
import { portText } from '../show/grant-columns.ts'
import type { PortAndProtocol } from '../options/port-option.ts'

/** One port that a policy of the machine lets people ask for. */
export interface Offer {
  /** The policy's id. */
  readonly policy: string
  readonly number: number
  readonly protocol: Protocol
  readonly maxRequestAccessDuration: string
}

export interface OfferedMachine {
  readonly machine: WireMachine
  readonly offers: readonly Offer[]
}

export interface AccessWish {
  readonly machines: readonly OfferedMachine[]
  /** Empty: the machine's only protected port. */
  readonly ports: readonly PortAndProtocol[]
  readonly time: { readonly duration: Millis } | { readonly endTimeUtc: string } | undefined
  /** Undefined: the address that the server sees the caller at. */
  readonly sources: readonly string[] | undefined
  readonly justification: string | undefined
  /** The whole id of the policy to ask, when the caller said which. */
  readonly policy: string | undefined
}

export interface PolicyRequest {
  readonly policy: string
  readonly body: InitiateRequest
}

type MachineBody = InitiateRequest['virtualMachines'][number]

/** Without `--for` and `--until`: an hour, or the policy's longest time where that is less. */
const USUAL_TIME: Millis = HOUR

export function requestsOf(wish: AccessWish): PolicyRequest[] {
  const byPolicy = new Map<string, MachineBody[]>()
  for (const offered of wish.machines) {
    const { policy, rules } = rulesOf(offered, wish)
    const ports = rules.map((rule) => ({ number: rule.number, ...timeOf(rule, wish), ...sourcesOf(wish) }))
    byPolicy.set(policy, [...(byPolicy.get(policy) ?? []), { id: offered.machine.id, ports }])
  }
  const why = wish.justification === undefined ? {} : { justification: wish.justification }
  return [...byPolicy].map(([policy, virtualMachines]) => ({ policy, body: { virtualMachines, ...why } }))
}

/** All ports of a machine come from one policy; of several, the one that allows the longest. */
function rulesOf({ machine, offers }: OfferedMachine, wish: AccessWish): { policy: string; rules: Offer[] } {
  const offered = offers.filter(({ policy }) => wish.policy === undefined || sameId(policy, wish.policy))
  const asked = wish.ports.length > 0 ? wish.ports : onlyPort(machine, offered)
  const candidates = [...new Set(offered.map(({ policy }) => policy))].flatMap((policy) => {
    const rules = asked.map((port) => offered.find((rule) => rule.policy === policy && serves(rule, port)))
    const known = rules.filter((rule) => rule !== undefined)
    return known.length === asked.length ? [{ policy, rules: known }] : []
  })
  const [best] = candidates.sort((a, b) => shortest(b.rules) - shortest(a.rules) || (a.policy < b.policy ? -1 : 1))
  if (best === undefined) throw notOffered(machine, asked, offered)
  return best
}

function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function serves(rule: Offer, asked: PortAndProtocol): boolean {
  return (
    rule.number === asked.number && (asked.protocol === undefined || protocolContains(rule.protocol, asked.protocol))
  )
}

function shortest(rules: readonly Offer[]): Millis {
  return Math.min(...rules.map(maximumOf))
}

function maximumOf({ maxRequestAccessDuration }: Offer): Millis {
  const parsed = parseDuration(maxRequestAccessDuration)
  return parsed.ok ? parsed.value : USUAL_TIME
}

function onlyPort(machine: WireMachine, offered: readonly Offer[]): PortAndProtocol[] {
  const numbers = [...new Set(offered.map(({ number }) => number))]
  const [only] = numbers
  if (only !== undefined && numbers.length === 1) return [{ number: only }]
  if (only === undefined) throw notOffered(machine, [], offered)
  throw usageFailure(`say which port: ${machine.name} protects ${offeredText(offered)}`, `--port ${only}`)
}

function notOffered(machine: WireMachine, asked: readonly PortAndProtocol[], offered: readonly Offer[]): Failure {
  if (machine.unsupported !== undefined) {
    return new Failure(EXIT.denied, `${machine.name} cannot be protected: ${machine.unsupported.message}`)
  }
  if (offered.length === 0) {
    return new Failure(EXIT.notFound, `no policy covers ${machine.name}, so there is nothing to ask for`, {
      remedy: `sallyport policy set default --machine ${machine.name} --port ${asked[0]?.number ?? 22}`,
    })
  }
  const ports = asked.map(({ number, protocol }) => portText(number, protocol ?? '*')).join(', ')
  return new Failure(EXIT.denied, `no policy of ${machine.name} offers ${ports}; it offers ${offeredText(offered)}`, {
    remedy: `sallyport machine show ${machine.name}`,
  })
}

function offeredText(offered: readonly Offer[]): string {
  return offered
    .map(({ number, protocol, policy }) => `${portText(number, protocol)} (policy ${shortName(policy)})`)
    .join(', ')
}

function timeOf(rule: Offer, { time }: AccessWish): { duration: string } | { endTimeUtc: string } {
  if (time === undefined) return { duration: formatDuration(Math.min(USUAL_TIME, maximumOf(rule))) }
  return 'duration' in time ? { duration: formatDuration(time.duration) } : time
}

function sourcesOf({
  sources,
}: AccessWish): Pick<MachineBody['ports'][number], 'allowedSourceAddressPrefix' | 'allowedSourceAddressPrefixes'> {
  const [only] = sources ?? []
  if (sources === undefined || only === undefined) return {}
  return sources.length === 1 ? { allowedSourceAddressPrefix: only } : { allowedSourceAddressPrefixes: [...sources] }
}
