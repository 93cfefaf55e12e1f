/** Who gets in at this host and at every machine behind it, by the rules of others, as the server is told it. Pure. */
import type { HostReport } from '../../contract/agent.ts'
import type { ProtectedPort } from '../../domain/access/desired.ts'
import { MANAGEMENT_PORTS, type Exposure } from '../../domain/posture.ts'
import { exposuresBehind, hostExposures, type HostReading } from '../../drivers/nftables/foreign/host-exposures.ts'
import type { Wanted } from './desired-of-document.ts'

type ExposuresOnWire = NonNullable<HostReport['exposures']>

/** `host`: as the server named this one. */
export function exposuresOnWire(reading: HostReading, host: string, wanted: Wanted | undefined): ExposuresOnWire {
  const behind = [...(wanted?.gateway?.machines.values() ?? [])]
  return [
    { machine: host, exposures: written(hostExposures(reading, portsOf(wanted, host))) },
    ...behind.map(({ id, addresses }) => ({
      machine: id,
      exposures: written(exposuresBehind(reading, addresses, portsOf(wanted, id))),
    })),
  ]
}

/** Those by which machines are managed, and those that a policy names. */
function portsOf(wanted: Wanted | undefined, of: string): readonly ProtectedPort[] {
  const named = (wanted?.shields ?? []).filter(({ machine }) => machine.toLowerCase() === of.toLowerCase())
  const all = [...MANAGEMENT_PORTS, ...named.flatMap(({ ports }) => ports)]
  return [...new Map(all.map((port) => [`${port.number}/${port.protocol}`, port])).values()]
}

function written(exposures: readonly Exposure[]): ExposuresOnWire[number]['exposures'] {
  return exposures.map((exposure) => ({
    ...exposure,
    from: [...exposure.from],
    through: exposure.through.map((rule) => ({ ...rule })),
    grants: [],
  }))
}
