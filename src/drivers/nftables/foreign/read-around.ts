/** Reads what is around our tables: what a person should know about it, and what tells who gets in. Changes nothing. */
import type { Gateway } from '../../../domain/hosts/gateway.ts'
import { readGatewayFacts } from '../gateway/gateway-facts.ts'
import { readListeners } from '../kernel/listeners.ts'
import { ownAddresses } from '../kernel/own-addresses.ts'
import type { Mirror } from '../mirror.ts'
import { readBeside } from './beside.ts'
import { findings, type Finding, type FindingsInput } from './findings.ts'
import { readForeignRuleset } from './foreign-reader.ts'
import type { HostReading } from './host-exposures.ts'

export interface AroundUs {
  readonly gateway: () => Gateway | undefined
  /** Ports of which nobody can tell who is connected, though it matters. */
  readonly untold: () => readonly number[]
}

export async function readFindings({ managed, behind }: Mirror, { gateway, untold }: AroundUs): Promise<Finding[]> {
  return findings({
    listing: await readForeignRuleset(),
    beside: await readBeside(),
    managed: [...managed],
    behind: [...behind],
    gateway: await gatewayFindings(gateway()),
    untold: untold(),
  })
}

async function gatewayFindings(gateway: Gateway | undefined): Promise<FindingsInput['gateway']> {
  if (gateway === undefined) return undefined
  const addresses = [...gateway.machines.values()].flatMap((machine) => machine.addresses)
  return { facts: await readGatewayFacts(), families: new Set(addresses.map(({ family }) => family)) }
}

/** What our table closes counts only where it was seen standing. */
export async function readHost({ structure, managed, behind }: Mirror): Promise<HostReading> {
  return {
    listing: await readForeignRuleset(),
    beside: await readBeside(),
    listeners: await readListeners(),
    managed: structure.state === 'exact' ? managed : new Set(),
    behind: structure.state === 'exact' ? behind : new Set(),
    addresses: ownAddresses(),
  }
}
