/** Whether two policies mean the same, however they are written: in another order, another case, one source or a list of one. */
import { formatSource } from '../net.ts'
import type { PolicyBody, PolicyMachine, PortRule } from './policy.ts'

export function isSamePolicy(a: PolicyBody, b: PolicyBody): boolean {
  return meaningOf(a) === meaningOf(b)
}

function meaningOf({ machines }: PolicyBody): string {
  return JSON.stringify(machines.map(machineMeaning).sort())
}

function machineMeaning({ key, ports, publicIpAddress }: PolicyMachine): string {
  return JSON.stringify([key, publicIpAddress ?? null, ports.map(portMeaning).sort()])
}

function portMeaning({ number, protocol, sources, maxDuration, onExpiry }: PortRule): string {
  return JSON.stringify([number, protocol, [...new Set(sources.map(formatSource))].sort(), maxDuration, onExpiry])
}
