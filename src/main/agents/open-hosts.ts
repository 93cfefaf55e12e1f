/** The hosts that run the agent, as this process knows them. */
import { Hosts } from '../../app/hosts/hosts.ts'
import type { App } from '../../app/app.ts'
import type { AgentLinks, HostSide } from '../../app/ports/hosts.ts'
import type { Timer } from '../../app/convergence/reconciler.ts'
import type { HostDocument, HostReport } from '../../contract/agent.ts'
import { HOST_PREFIX } from '../../drivers/hosts/host-point.ts'
import { openHosts } from '../../drivers/hosts/open-hosts.ts'
import type { Config } from '../config/config.ts'
import type { OpenedAgents } from './open-agents.ts'
import type { World } from '../world/world.ts'

export type HostLinks = AgentLinks<HostDocument, HostReport>

/** A server that takes no agents knows the hosts all the same: other replicas may be connected to them. */
export const NO_LINKS: HostLinks = {
  reportOf: () => undefined,
  offer: () => Promise.reject(NOT_HERE()),
  look: () => Promise.reject(NOT_HERE()),
  logs: () => Promise.reject(NOT_HERE()),
  plan: () => Promise.reject(NOT_HERE()),
  preflight: () => Promise.reject(NOT_HERE()),
  onChange: () => () => {},
  cut: () => {},
}

function NOT_HERE(): Error {
  return new Error('this server takes no agents')
}

export interface OpenedHosts {
  readonly hosts: Hosts
  readonly side: HostSide
}

interface Opening extends Pick<App, 'store' | 'clock' | 'log' | 'installation'> {
  readonly links: HostLinks
  readonly timer: Timer
  /** Of the agent that goes with this server. */
  readonly version: string
}

export async function openHostsOf(
  { drift }: Pick<Config, 'drift'>,
  { store, clock, log, installation, links, timer, version }: Opening,
): Promise<OpenedHosts> {
  const { location } = installation
  const isGone = async (key: Parameters<typeof store.reads.hosts.find>[0]): Promise<boolean> =>
    (await store.reads.hosts.find(key)) === undefined
  const side = openHosts({ links, clock, drift, location, recommendedVersion: version, isGone })
  const hosts = new Hosts({ store, clock, log, side, links, timer })
  await hosts
    .sync()
    .catch((cause: unknown) => log.error({ cause }, 'the hosts could not be read; tried again every few seconds'))
  return { hosts, side }
}

/** The points of hosts are this replica's to serve as soon as agents can come to it. */
export function withHosts(world: World, { side }: OpenedHosts, agents: OpenedAgents | undefined): World {
  return {
    ...world,
    driverOf: (point) => (point.startsWith(HOST_PREFIX) ? side.driver : world.driverOf(point)),
    prefixes: agents === undefined ? world.prefixes : [...world.prefixes, HOST_PREFIX],
    ...(agents !== undefined && { metrics: [...(world.metrics ?? []), ...agents.metrics] }),
  }
}
