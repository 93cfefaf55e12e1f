/** An estate as the use cases see it: machines with their enforcement points, and what somebody should know. Pure. */
import type { Snapshot } from '../../app/ports/clouds.ts'
import type { Machine } from '../../app/ports/inventory.ts'
import type { AzureSettings } from '../../domain/clouds/connection.ts'
import { formatIpPrefix } from '../../domain/net.ts'
import { refusal, withFacts, type Refusal } from '../../domain/refusal.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { pointOf } from './azure-points.ts'
import { groupsOf, type Estate, type EstateMachine } from './estate.ts'
import { exposuresOf } from './exposures.ts'
import { firewallServing, keyOfFirewall } from './firewall-serving.ts'
import type { FirewallRow } from './graph-rows.ts'
import { unsupportedOf } from './unsupported.ts'

type Settings = Pick<AzureSettings, 'firewallPolicies'>

export function snapshotFrom(estate: Estate, settings: Settings): Snapshot {
  return {
    machines: [...estate.machines.values()].map((machine) => machineFrom(machine, estate, settings)),
    exposuresOf: (machine, ports) => exposuresOf(estate, { machine, ports, settings }),
    warnings: [...estate.groups].flatMap(([key, { flushConnection }]) =>
      flushConnection === true && estate.behind.has(key) ? [cutsSessions(key)] : [],
    ),
  }
}

function machineFrom(machine: EstateMachine, estate: Estate, settings: Settings): Machine {
  const { id, key, name, location, os, vmId, power, nics } = machine
  const addresses = nics.flatMap((nic) => nic.addresses)
  const firewall = firewallServing(estate, machine, settings)
  const points = [...(firewall === undefined ? [] : [keyOfFirewall(firewall)]), ...groupsOf(machine)].map(pointOf)
  const unsupported = points.length > 0 && !machine.isClassic ? undefined : unsupportedOf(machine, estate)
  return {
    id,
    key,
    name,
    location,
    os,
    privateAddresses: addresses.map(({ address }) => formatIpPrefix(address)),
    publicAddresses: addresses.flatMap(({ publicAddress }) => publicAddress ?? []),
    points: unsupported === undefined ? points : [],
    ...(unsupported === undefined ? {} : { unsupported }),
    ...(power === undefined ? {} : { power }),
    ...(vmId === '' ? {} : { vmId }),
    shape: shapeOf(machine, firewall),
  }
}

/** Everything of the machine that its rules are made from. */
function shapeOf({ vmId, nics }: EstateMachine, firewall: FirewallRow | undefined): string {
  const texts = nics.map(({ key, group, addresses }) => [
    key,
    group,
    addresses.map(({ address, subnetGroup, groups }) => [formatIpPrefix(address), subnetGroup, ...groups]),
  ])
  return JSON.stringify([vmId, texts, ...(firewall === undefined ? [] : [keyOfFirewall(firewall), firewall.policy])])
}

function cutsSessions(group: ResourceKey): Refusal {
  const message = `network security group ${lastOf(group)} has flushConnection on: sessions that stand are cut when access ends, or when any rule changes; turn it off to let them go on`
  return withFacts(refusal('SessionsAreCut', message, group), { group: lastOf(group) })
}

function lastOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1)
}
