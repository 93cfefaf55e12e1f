/**
 * Which firewall stands before a machine: the one in its own virtual network (behaviour reference §6), for a machine
 * without a public address of its own. One that has its own is reached past the firewall, and its security groups alone
 * decide. Pure.
 */
import type { AzureSettings } from '../../domain/clouds/connection.ts'
import { parseIpPrefix, type IpPrefix } from '../../domain/net.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Estate, EstateMachine } from './estate.ts'
import type { ServedMachine } from './firewall-plan.ts'
import type { FirewallRow } from './graph-rows.ts'

type Settings = Pick<AzureSettings, 'firewallPolicies'>

/** Undefined too for one that is ruled by a policy, unless policies may be changed. */
export function firewallServing(
  { firewalls }: Pick<Estate, 'firewalls'>,
  { nics, isClassic }: EstateMachine,
  { firewallPolicies }: Settings,
): FirewallRow | undefined {
  // The common case, a million times over.
  if (isClassic || firewalls.length === 0) return undefined
  const addresses = nics.flatMap((nic) => nic.addresses)
  if (addresses.some(({ publicAddress }) => publicAddress !== undefined)) return undefined
  const inNetwork = byNetwork(firewalls)
  const found = addresses.map(({ network }) => inNetwork.get(network)).find((firewall) => firewall !== undefined)
  return found === undefined || (found.policy !== '' && !firewallPolicies) ? undefined : found
}

export function keyOfFirewall({ id }: Pick<FirewallRow, 'id'>): ResourceKey {
  return id.toLowerCase() as ResourceKey // an id of Azure's own
}

/** The machines that a firewall serves, each with the address that it translates to. */
export function servedBy(estate: Estate, firewall: ResourceKey, settings: Settings): Map<ResourceKey, ServedMachine> {
  const served = new Map<ResourceKey, ServedMachine>()
  for (const machine of estate.machines.values()) {
    const serving = firewallServing(estate, machine, settings)
    if (serving === undefined || keyOfFirewall(serving) !== firewall) continue
    const address = machine.nics[0]?.addresses.find((one) => one.address.family === 4)?.address
    served.set(machine.key, { id: machine.id, ...(address === undefined ? {} : { address }) })
  }
  return served
}

/**
 * What a machine sees in the place of clients from the internet: the firewall puts one of its own addresses there, and
 * which one changes as it grows, so all of its subnet.
 */
export function seenFromFirewall({ subnets }: Pick<Estate, 'subnets'>, { ipConfigurations }: FirewallRow): IpPrefix[] {
  const ids = (ipConfigurations ?? []).flatMap(({ properties }) => properties?.subnet?.id?.toLowerCase() ?? [])
  const prefixes = ids.flatMap((id) => subnets.get(id)?.prefixes ?? [])
  return prefixes.map((text) => parseIpPrefix(text ?? '')).flatMap((parsed) => (parsed.ok ? [parsed.value] : []))
}

const indexes = new WeakMap<Estate['firewalls'], ReadonlyMap<string, FirewallRow>>()

/** One firewall at most stands in a virtual network; one in a hub stands in none. */
function byNetwork(firewalls: Estate['firewalls']): ReadonlyMap<string, FirewallRow> {
  const known = indexes.get(firewalls)
  if (known !== undefined) return known
  const index = new Map(firewalls.flatMap((firewall) => networksOf(firewall).map((network) => [network, firewall])))
  indexes.set(firewalls, index)
  return index
}

function networksOf({ ipConfigurations, hub }: FirewallRow): string[] {
  if (hub !== '') return []
  const subnets = (ipConfigurations ?? []).flatMap(({ properties }) => properties?.subnet?.id?.toLowerCase() ?? [])
  return subnets.map((subnet) => subnet.replace(/\/subnets\/[^/]*$/, ''))
}
