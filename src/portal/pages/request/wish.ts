/**
 * What the form of a request holds, and what it means: the bodies to send, one per policy, and every refusal beside the
 * field that it is about. Judged by the very code that the server judges with. Pure.
 */
import type { InitiateRequest } from '../../../contract/jit-request.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import { parsePolicy, type PolicyBody } from '../../../domain/policy/policy.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import { decide } from '../../../domain/access/request.ts'
import { formatDuration, parseDuration } from '../../../domain/time.ts'

export interface PortWish {
  /** `machine id|port number`. */
  readonly key: string
  readonly machine: WireMachine
  readonly port: WireMachine['ports'][number]
  readonly isOn: boolean
  readonly source: 'mine' | 'ranges'
  /** As typed: prefixes with commas or spaces. */
  readonly ranges: string
  readonly millis: number
}

const HOUR = 3_600_000
const USUAL = HOUR

export function wishesOf(machines: readonly WireMachine[], port: number | undefined): PortWish[] {
  return machines.flatMap((machine) =>
    machine.ports.map((rule, index) => ({
      key: `${machine.id}|${rule.number}`,
      machine,
      port: rule,
      isOn: port === undefined ? machine.ports.length === 1 || index === 0 : rule.number === port,
      source: 'mine' as const,
      ranges: '',
      millis: Math.min(USUAL, longestOf(rule)),
    })),
  )
}

export function longestOf(rule: PortWish['port']): number {
  const parsed = parseDuration(rule.maxRequestAccessDuration)
  return parsed.ok ? parsed.value : HOUR
}

function rangesOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter((part) => part !== '')
}

export interface PolicyRequest {
  /** Resource id of the policy. */
  readonly policy: string
  readonly body: InitiateRequest
}

/** One request per policy; a machine that several policies name goes with the first that has the port. */
export function requestsFrom(wishes: readonly PortWish[], justification: string): PolicyRequest[] {
  const on = wishes.filter(({ isOn, machine }) => isOn && machine.policies.length > 0)
  const byPolicy = Map.groupBy(on, ({ machine }) => machine.policies[0] ?? '')
  return [...byPolicy].map(([policy, chosen]) => ({
    policy,
    body: {
      ...(justification.trim() === '' ? {} : { justification: justification.trim() }),
      virtualMachines: [...Map.groupBy(chosen, ({ machine }) => machine.id)].map(([id, ports]) => ({
        id,
        ports: ports.map(portFrom),
      })),
    },
  }))
}

function portFrom({
  port,
  source,
  ranges,
  millis,
}: PortWish): InitiateRequest['virtualMachines'][number]['ports'][number] {
  const prefixes = rangesOf(ranges)
  return {
    number: port.number,
    duration: formatDuration(millis),
    ...(source === 'mine'
      ? {}
      : prefixes.length === 1
        ? { allowedSourceAddressPrefix: prefixes[0] }
        : { allowedSourceAddressPrefixes: prefixes }),
  }
}

/** A reason why not, with its place in the request that was judged. */
export type PlacedRefusal = Pick<Refusal, 'code' | 'message'> & {
  readonly target?: string | undefined
  readonly facts?: Refusal['facts'] | undefined
}

/** The field of a port's row that a reason belongs beside. */
export function fieldOf({ code, target = '' }: PlacedRefusal): 'source' | 'duration' | 'port' {
  if (code === 'NoSource' || /allowedSource/i.test(target)) return 'source'
  return /duration|endTime/i.test(target) ? 'duration' : 'port'
}

/** By the key of the wish that they are about. */
export type Refusals = ReadonlyMap<string, readonly PlacedRefusal[]>

/** What the server refused, each beside its port; `rest` names no port of the request. */
export function placed(
  { body }: PolicyRequest,
  reasons: readonly PlacedRefusal[],
): { readonly at: Refusals; readonly rest: readonly PlacedRefusal[] } {
  const keyed = reasons.map((reason) => [keyOf(body, reason.target), reason] as const)
  const at = Map.groupBy(
    keyed.flatMap(([key, reason]) => (key === undefined ? [] : [{ key, reason }])),
    ({ key }) => key,
  )
  return {
    at: new Map([...at].map(([key, found]) => [key, found.map(({ reason }) => reason)])),
    rest: keyed.flatMap(([key, reason]) => (key === undefined ? [reason] : [])),
  }
}

function keyOf({ virtualMachines }: InitiateRequest, target = ''): string | undefined {
  const [, machineAt, portAt] = /^virtualMachines\[(\d+)\]\.ports\[(\d+)\]/.exec(target) ?? []
  const machine = virtualMachines[Number(machineAt)]
  const port = machine?.ports[Number(portAt)]
  return machine === undefined || port === undefined ? undefined : `${machine.id}|${port.number}`
}

export function refusalsOf(wishes: readonly PortWish[], { address, now }: { address: string; now: number }): Refusals {
  return new Map(
    wishes.flatMap((wish) => {
      const refusals = wish.isOn ? judged(wish, address, now) : []
      return refusals.length > 0 ? [[wish.key, refusals] as const] : []
    }),
  )
}

function judged(wish: PortWish, callerAddress: string, now: number): readonly Refusal[] {
  if (wish.source === 'ranges' && rangesOf(wish.ranges).length === 0)
    return [{ code: 'NoSource', message: '', target: 'source' }]
  const policy = policyOf(wish)
  if (policy === undefined) return []
  const body = { virtualMachines: [{ id: wish.machine.id, ports: [portFrom(wish)] }] }
  const decision = decide(policy, body, { now, callerAddress, ipv6: 'allowed' })
  return decision.ok ? [] : decision.refusals
}

/** The part of the policy that this machine's wire shows; undefined where it cannot be read, and the server judges alone. */
function policyOf({ machine, port }: PortWish): PolicyBody | undefined {
  const { number, protocol, allowedSources, maxRequestAccessDuration } = port
  const rule = { number, protocol, allowedSourceAddressPrefixes: allowedSources, maxRequestAccessDuration }
  const parsed = parsePolicy('p', [{ id: machine.id, ports: [rule] }])
  return parsed.ok ? parsed.value : undefined
}
