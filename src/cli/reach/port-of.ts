/** Which port a visit is for. */
import type { WireMachine } from '../../contract/machine.ts'
import { refusedInput } from '../failure.ts'
import { parsePort } from '../options/port-option.ts'

/** The one that was typed. */
export function onlyPort(typed: string): () => number {
  const parsed = parsePort(typed)
  if (!parsed.ok) throw refusedInput('the port is not as expected', parsed.refusals)
  return () => parsed.value.number
}

/** The first of these that a policy of the machine protects, else the first. */
export function usualPort(...ports: readonly [number, ...number[]]): (machine: WireMachine) => number {
  return (machine) => ports.find((port) => machine.ports.some(({ number }) => number === port)) ?? ports[0]
}
