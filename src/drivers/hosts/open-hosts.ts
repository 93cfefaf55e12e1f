/** The hosts that run the agent as one side: the driver, and the machines as the hosts told of them. */
import type { Clock } from '../../app/ports/clock.ts'
import type { AgentLinks, HostDrift, HostSide, HostTelling } from '../../app/ports/hosts.ts'
import type { Machine, PointId } from '../../app/ports/inventory.ts'
import type { HostDocument, HostReport, Question } from '../../contract/agent.ts'
import type { DriftMode } from '../../domain/clouds/connection.ts'
import type { ProtectedPort } from '../../domain/access/desired.ts'
import { MAPPED_PORTS, type GatewaySettings } from '../../domain/hosts/gateway.ts'
import type { Host, HostId } from '../../domain/hosts/host.ts'
import type { Exposure } from '../../domain/posture.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { flowFromWire } from './flow-wire.ts'
import { pointOfHostKey } from './host-point.ts'
import { factsOf, machinesOfHost, tellingOf } from './host-machines.ts'
import { createHostsDriver, type HostAtPoint } from './hosts-driver.ts'
import { readable, readableReason, saidBy } from './told-text.ts'

export interface OpenHosts {
  /** The agents' connections to this replica. */
  readonly links: AgentLinks<HostDocument, HostReport>
  readonly clock: Clock
  readonly drift: DriftMode
  /** Where hosts are, for lists that say it. */
  readonly location: string
  readonly recommendedVersion?: string
  /** Whether the host is really not on record any more, whatever this replica has read. */
  readonly isGone: (machine: ResourceKey) => Promise<boolean>
}

export function openHosts({ location, ...deps }: OpenHosts): HostSide {
  const { links } = deps
  let hosts: ReadonlyMap<PointId, Host> = new Map()
  /** The host, by a machine's key, that tells who gets in there: its own or the gateway before it. */
  let tellers: ReadonlyMap<ResourceKey, HostId> = new Map()
  const hostAt = (point: PointId): HostAtPoint | undefined => {
    const host = hosts.get(point)
    return host === undefined ? undefined : atPoint(host)
  }
  const unreachableSince = ({ id, goneAt }: Host): number | undefined =>
    links.reportOf(id) === undefined ? goneAt : undefined
  const machines = (): Machine[] =>
    [...hosts.values()].flatMap((host) => machinesOfHost(host, { location, unreachableSince }))
  return {
    driver: createHostsDriver({ ...deps, hostAt, tellerOf: (machine) => tellers.get(machine) }),
    know: (all) => {
      hosts = new Map(all.map((host) => [pointOfHostKey(host.key), host]))
      tellers = new Map(
        all.flatMap(({ id, key, behind }) => [
          [key, id] as const,
          ...behind.map((machine) => [machine.id.toLowerCase() as ResourceKey, id] as const), // a key is an id in lower case
        ]),
      )
    },
    machines,
    exposuresOf: (machine, ports) => {
      const teller = tellers.get(machine)
      return teller === undefined ? undefined : exposuresIn(links.reportOf(teller), machine, ports)
    },
    tellingOf: (host): HostTelling => tellingOf(host, links.reportOf(host.id)),
    driftIn: (report) => driftIn(report as HostReport), // as the links took it
    cutIn: (report) => ((report as HostReport).cut ?? []).slice(0, MOST_CUT).map(flowFromWire), // as the links took it
  }
}

function atPoint(host: Host): HostAtPoint {
  const { id, name, machine, goneAt, seenAt, kind } = host
  const gateway = kind === 'gateway' ? { gateway: gatewaySettings(host) } : {}
  const answers = (question: Question): boolean => factsOf(host)?.answers?.includes(question) === true
  return { id, name, machine, goneAt, seenAt, answers, ...gateway }
}

/** Without a public address of its own, machines behind it are reached by theirs. */
function gatewaySettings({ gateway, behind }: Host): GatewaySettings {
  const place = gateway ?? { publicAddresses: [], mappedPorts: MAPPED_PORTS, snat: false }
  return { ...place, machines: behind.map(({ id, addresses }) => ({ id, addresses })) }
}

function exposuresIn(
  report: HostReport | undefined,
  machine: ResourceKey,
  ports: readonly ProtectedPort[],
): Exposure[] | undefined {
  const told = report?.exposures?.find(({ machine: id }) => id.toLowerCase() === machine)
  if (told === undefined) return undefined
  const asked = told.exposures.filter(({ port, protocol }) =>
    ports.some(({ number, protocol: wanted }) => number === port && (wanted === '*' || wanted === protocol)),
  )
  const read = asked.map(({ unread, ...exposure }) =>
    unread === undefined ? exposure : { ...exposure, unread: readableReason(unread) },
  )
  return read as unknown as Exposure[] // the wire has it as the domain does, without its brands
}

/** Of one report, what goes on record. */
const MOST_CUT = 10_000
const MOST_DRIFT = 100

function driftIn({ drift = [] }: HostReport): HostDrift[] {
  return drift.slice(0, MOST_DRIFT).map(({ at, by, steps, told, repaired }) => ({
    at,
    by: by === undefined ? [] : [readable(by)],
    steps: saidBy(steps, told),
    isRepaired: repaired,
  }))
}
