/**
 * Agents on imagined hosts, all in this process: each keeps its memory kernel equal to the document it was last given, as
 * the real one does with nftables, and reports. A host can be cut off, and comes back with what it had.
 */
import type { Clock } from '../../src/app/ports/clock.ts'
import type { Scope } from '../../src/app/ports/driver.ts'
import type { AgentChange, AgentLinks, AgentLogLine } from '../../src/app/ports/hosts.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { HostDocument, HostFacts, HostReport, HostState, WireHole } from '../../src/contract/agent.ts'
import type { Desired } from '../../src/domain/access/desired.ts'
import { holesFrom, type GrantId } from '../../src/domain/access/hole.ts'
import type { HostId } from '../../src/domain/hosts/host.ts'
import { elementsOf, hostDriver, MemoryHosts, pointOfHost, type HostPlan } from './host-driver.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../../src/domain/resource-id.ts'
import { aSource } from './builders.ts'

export interface MemoryAgents extends AgentLinks<HostDocument, HostReport> {
  /** A host that runs an agent; it is connected. */
  add(host: HostId, machine: ResourceId): void
  /** The network is cut: what is on the host stays there. */
  cutOff(host: HostId): void
  comeBack(host: HostId): void
  /** Reports as it is, and this besides. */
  tell(host: HostId, more: Partial<HostReport>): void
  /** From now on it tells of these when somebody looks. */
  connect(host: HostId, flows: NonNullable<HostReport['flows']>): void
  /** The next document is lost on the way, and nobody answers. */
  loseNext(host: HostId): void
  /** Documents that are lost no more, and what the host did with them. */
  arrive(host: HostId): Promise<void>
  /** Somebody else changes the host's firewall behind the agent's back. */
  readonly kernel: MemoryHosts
  pointOf(host: HostId): PointId
  pointCalled(machine: ResourceKey | undefined): PointId
  documentOf(host: HostId): HostDocument | undefined
  /** By how much the hosts' clocks are ahead of everybody's: an agent estimates the server's from above. */
  setAhead(millis: number): void
  readonly offered: number
  /** At what, in turn. */
  readonly looks: readonly Scope[]
}

interface Agent {
  readonly machine: ResourceId
  readonly point: PointId
  document: HostDocument | undefined
  isConnected: boolean
  losing: boolean
  lost: HostDocument | undefined
  report: HostReport | undefined
  sequence: number
  flows: NonNullable<HostReport['flows']>
}

/** The host's driver over the imagined kernel, which judges by the clock alone. */
export function memoryAgents(time: Clock): MemoryAgents {
  let ahead = 0
  /** The hosts'. */
  const clock: Clock = { now: () => time.now() + ahead }
  const kernel = new MemoryHosts(clock)
  const driver = hostDriver(kernel)
  const agents = new Map<HostId, Agent>()
  const listeners = new Set<(change: AgentChange<HostReport>) => void>()
  const counts: { offered: number; readonly looks: Scope[] } = { offered: 0, looks: [] }
  const tell = (change: AgentChange<HostReport>): void => {
    for (const listener of listeners) listener(change)
  }
  const agentOf = (host: HostId): Agent => {
    const agent = agents.get(host)
    if (agent === undefined) throw new Error(`there is no host ${host}`)
    return agent
  }
  const planFor = async (agent: Agent, signal: AbortSignal): Promise<HostPlan> => {
    const observed = await driver.observe(agent.point, 'all', signal)
    const desired = desiredOf(agent.document, clock)
    return driver.plan({ desired, observed, scope: 'all', journal: [], now: clock.now() })
  }
  const carryOut = async (agent: Agent, signal: AbortSignal): Promise<HostReport> => {
    if (agent.document !== undefined) await driver.apply(agent.point, await planFor(agent, signal), signal)
    return reportOf(agent, await planFor(agent, signal))
  }
  const reported = (host: HostId, report: HostReport): HostReport => {
    agentOf(host).report = report
    tell({ host, kind: 'reported', report })
    return report
  }
  const unasked = new AbortController().signal
  return {
    kernel,
    pointOf: (host) => agentOf(host).point,
    setAhead: (millis) => {
      ahead = millis
    },
    documentOf: (host) => agentOf(host).document,
    pointCalled: (machine) => pointOfHost(machine ?? ('' as ResourceKey)), // no host: an empty kernel
    get offered() {
      return counts.offered
    },
    get looks() {
      return counts.looks
    },
    add: (host, machine) => {
      const point = pointOfHost(resourceKey(machine))
      const agent: Agent = {
        machine,
        point,
        document: undefined,
        isConnected: true,
        losing: false,
        lost: undefined,
        report: undefined,
        sequence: 0,
        flows: [],
      }
      agents.set(host, agent)
      agent.report = emptyReport(agent)
    },
    cutOff: (host) => {
      const agent = agentOf(host)
      agent.isConnected = false
      agent.report = undefined
      tell({ host, kind: 'went' })
    },
    comeBack: (host) => {
      const agent = agentOf(host)
      agent.isConnected = true
      agent.lost = undefined
      tell({ host, kind: 'came' })
      reported(host, freshReport(agent, kernel, clock))
    },
    tell: (host, more) => {
      reported(host, { ...freshReport(agentOf(host), kernel, clock), ...more })
    },
    connect: (host, flows) => {
      agentOf(host).flows = flows
    },
    loseNext: (host) => {
      agentOf(host).losing = true
    },
    arrive: async (host) => {
      const agent = agentOf(host)
      if (agent.lost === undefined) return
      agent.document = agent.lost
      agent.lost = undefined
      reported(host, await carryOut(agent, unasked))
    },
    reportOf: (host) => agents.get(host)?.report,
    offer: async (host, document, signal) => {
      const agent = agentOf(host)
      counts.offered += 1
      if (!agent.isConnected) throw new Error('the agent is not connected')
      if (agent.losing) {
        agent.losing = false
        agent.lost = document
        throw new Error('no answer')
      }
      agent.lost = undefined
      agent.document = document
      return reported(host, await carryOut(agent, signal))
    },
    look: async (host, { scope, flows }, signal) => {
      const agent = agentOf(host)
      counts.looks.push(scope)
      if (!agent.isConnected) throw new Error('the agent is not connected')
      return reported(host, { ...reportOf(agent, await planFor(agent, signal)), ...(flows && { flows: agent.flows }) })
    },
    plan: () => Promise.reject(new Error('an imagined kernel has no rules of others')),
    preflight: () => Promise.resolve([]),
    logs: (): Promise<readonly AgentLogLine[]> =>
      Promise.resolve([{ at: clock.now(), level: 'info', text: 'it lives' }]),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    cut: (host) => {
      const agent = agents.get(host)
      if (agent === undefined) return
      agent.isConnected = false
      agent.report = undefined
      tell({ host, kind: 'went' })
    },
  }
}

function freshReport(agent: Agent, kernel: MemoryHosts, clock: Clock): HostReport {
  const { elements } = kernel.look(agent.point)
  const held = heldOf(agent, (hole) => elements.has(hole)).filter(({ until }) => until > clock.now())
  return report(agent, { ...emptyState(agent), shields: [...(agent.document?.shields ?? [])], held })
}

function desiredOf(document: HostDocument | undefined, clock: Clock): Desired {
  if (document === undefined) return { shields: [], holes: [] }
  const live = document.holes.filter(({ until }) => clock.now() < until)
  const openings = live.map(({ machine, port, protocol, source, until }) => ({
    grant: 'any' as GrantId, // the kernel does not care whose it is
    machine: machine as ResourceId, // as the server sent it
    port,
    protocol,
    sources: [aSource(source)],
    until,
  }))
  const shields = document.shields.map(({ machine, policy, ports }) => ({
    machine: machine as ResourceId,
    policy,
    ports,
  })) // as above
  return { shields, holes: holesFrom(openings) }
}

function reportOf(agent: Agent, plan: HostPlan): HostReport {
  const keys = new Set<string>(plan.held)
  const holes = agent.document?.holes ?? []
  const wantsNothing = plan.steps.length === 0
  return report(agent, {
    version: agent.document?.version ?? '',
    shields: wantsNothing ? [...(agent.document?.shields ?? [])] : [],
    held: holes.filter((hole) => keys.has(keyOf(hole))),
    lingering: [...plan.lingering],
    impossible: [],
    left: plan.steps.map(({ text }) => text),
  })
}

function heldOf(agent: Agent, has: (element: ReturnType<typeof elementsOf>[number]) => boolean): WireHole[] {
  return (agent.document?.holes ?? []).filter((hole) => {
    const [one] = holesFrom([
      {
        grant: 'any' as GrantId, // the kernel does not care whose it is
        machine: hole.machine as ResourceId, // as the server sent it
        port: hole.port,
        protocol: hole.protocol,
        sources: [aSource(hole.source)],
        until: hole.until,
      },
    ])
    return one !== undefined && elementsOf(one).every(has)
  })
}

function keyOf({ machine, port, protocol, source }: WireHole): string {
  return `${machine.toLowerCase()}|${port}|${protocol}|${source}`
}

function emptyReport(agent: Agent): HostReport {
  return report(agent, emptyState(agent))
}

function emptyState({ document }: Agent): HostState {
  return { version: document?.version ?? '', shields: [], held: [], lingering: [], impossible: [], left: [] }
}

const FACTS: HostFacts = {
  agentVersion: '1.0.0',
  hostname: 'web1',
  system: 'Debian GNU/Linux 12 (bookworm)',
  kernel: '6.1.0',
  architecture: 'x64',
  addresses: ['10.0.0.4'],
  bootId: 'boot-1',
  startedAt: 0,
  unsupported: [],
}

function report(agent: Agent, state: HostState): HostReport {
  agent.sequence += 1
  return { sequence: agent.sequence, bootId: 'boot-1', state, facts: FACTS }
}
