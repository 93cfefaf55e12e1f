/** How agents come in: the authority of the installation, the listener for agents, and its metrics. Only where one is wanted. */
import { hostname } from 'node:os'
import { Counter, Gauge, type Metric } from 'prom-client'
import type { AgentDoor, App } from '../../app/app.ts'
import type { Timer } from '../../app/convergence/reconciler.ts'
import { DAY } from '../../domain/time.ts'
import type { AgentListener } from '../../server/agents/agent-listener.ts'
import type { Config } from '../config/config.ts'
import { openInstallationKey } from '../installation/installation-key.ts'
import { listening } from '../config/listening.ts'
import type { HostLinks } from './open-hosts.ts'
import { withPeers } from './peer-links.ts'
import { hostAndPort, isAny } from '../tls/open-tls.ts'

export interface OpenedAgents {
  readonly door: AgentDoor
  readonly links: HostLinks
  readonly metrics: readonly Metric[]
  /** Calls back when hosts are others than before: what one is must be known before it is asked for. */
  onHosts(listener: () => void): void
  /** Takes agents from now on. */
  listen(): Promise<void>
  stop(): Promise<void>
}

interface Opening extends Pick<App, 'store' | 'clock' | 'log' | 'owner'> {
  readonly timer: Timer
  readonly version: string
}

/** The listener's certificate is good for a year. */
const NEW_CERTIFICATE_EVERY = 10 * DAY

/** Undefined when no agents are taken. What reads and writes certificates is loaded only here. */
export async function openAgents(config: Config, opening: Opening): Promise<OpenedAgents | undefined> {
  const { agentListen } = config
  if (agentListen === undefined) return undefined
  const { openHostAuthority } = await import('./host-authority.ts')
  const { createAgentListener } = await import('../../server/agents/agent-listener.ts')
  const secrets = await openInstallationKey(config)
  const authority = await openHostAuthority({ ...opening, secrets })
  const tls = await authority.listenerTls()
  let changed = (): void => {}
  const onHosts = (): void => changed()
  const listener = createAgentListener({ ...opening, authority, tls, chance: Math.random, onHosts })
  const links = withPeers(listener.hub, opening.store.peers)
  const at = hostAndPort(agentListen)
  let { port } = at
  const renewing = setInterval(() => {
    authority
      .listenerTls()
      .then((fresh) => listener.renewTls(fresh))
      .catch((cause: unknown) => opening.log.error({ cause }, 'the certificate for agents could not be renewed'))
  }, NEW_CERTIFICATE_EVERY)
  renewing.unref()
  return {
    door: {
      authority,
      links,
      recommendedVersion: opening.version,
      get url() {
        return config.agentUrl ?? `https://${nameFor(config, at.host)}:${port}`
      },
    },
    links,
    onHosts: (told) => (changed = told),
    metrics: metricsOf(listener),
    listen: async () => {
      const taken = await listening({ option: '--agent-listen', address: agentListen }, () => listener.listen(at))
      port = taken.port
      opening.log.info({ port, fingerprint: authority.fingerprint }, 'agents may connect')
    },
    stop: async () => {
      clearInterval(renewing)
      await listener.stop()
    },
  }
}

/** What hosts most likely reach this server by, where nobody said it. */
function nameFor({ publicUrl }: Config, host: string): string {
  if (!isAny(host)) return host.includes(':') ? `[${host}]` : host
  return publicUrl === undefined ? hostname() : new URL(publicUrl).hostname
}

function metricsOf({ hub, counts }: AgentListener): Metric[] {
  const connected = new Gauge({
    name: 'sallyport_agents_connected',
    help: 'Agents that are connected to this server',
    registers: [],
    collect() {
      this.set(hub.size)
    },
  })
  return [
    connected,
    counter('sallyport_agent_documents_total', 'Documents offered to agents', () => hub.counts.documents),
    counter('sallyport_agent_reports_total', 'Reports of agents', () => hub.counts.reports),
    counter('sallyport_agent_enrolments_total', 'Agents that enrolled', () => counts.enrolled),
    counter('sallyport_agent_refusals_total', 'Agents, and tries to enrol, that were refused', () => counts.refused),
  ]
}

function counter(name: string, help: string, count: () => number): Counter {
  return new Counter({
    name,
    help,
    registers: [],
    collect() {
      this.reset()
      this.inc(count())
    },
  })
}
