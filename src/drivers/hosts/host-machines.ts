/** Hosts, and what is behind gateways, as the machines that policies name. Pure. */
import type { HostTelling } from '../../app/ports/hosts.ts'
import type { Machine } from '../../app/ports/inventory.ts'
import { hostFacts, OLDEST_AGENT, type HostFacts, type HostReport } from '../../contract/agent.ts'
import type { Host, MachineBehind } from '../../domain/hosts/host.ts'
import { isPublic, parseIpPrefix } from '../../domain/net.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { resourceKey, resourceName } from '../../domain/resource-id.ts'
import { pointOfHostKey } from './host-point.ts'
import { readableFinding, readableReason } from './told-text.ts'

export interface MachinesOf {
  /** Where hosts are, for lists that say it. */
  readonly location: string
  readonly unreachableSince: (host: Host) => number | undefined
}

export function machinesOfHost(host: Host, of: MachinesOf): Machine[] {
  const own = machineOfHost(host, of)
  return [own, ...host.behind.map((machine) => machineBehind(machine, host, own))]
}

function machineOfHost(host: Host, { location, unreachableSince }: MachinesOf): Machine {
  const facts = factsOf(host)
  const since = unreachableSince(host)
  const unsupported = unsupportedOf(host, facts)
  const publicAddresses = (facts?.addresses ?? []).filter(isPublicAddress)
  return {
    id: host.machine,
    key: host.key,
    name: host.name,
    location,
    os: 'Linux',
    privateAddresses: (facts?.addresses ?? []).filter((address) => !publicAddresses.includes(address)),
    publicAddresses,
    // What was protected stays so while it is revoked: the point goes only with the host.
    points: host.generation === 0 ? [] : [pointOfHostKey(host.key)],
    shape: JSON.stringify([host.id, host.gateway ?? null]),
    labels: host.labels,
    ...(unsupported !== undefined && { unsupported }),
    ...(since !== undefined && { unreachableSince: since }),
  }
}

function machineBehind({ id, addresses, os }: MachineBehind, { labels }: Host, gateway: Machine): Machine {
  const { location, points, unsupported, unreachableSince } = gateway
  return {
    id,
    key: resourceKey(id),
    name: resourceName(id),
    location,
    os,
    privateAddresses: [...addresses],
    publicAddresses: [],
    points,
    shape: `${gateway.shape} ${addresses.join(' ')}`,
    labels,
    ...(unsupported !== undefined && { unsupported }),
    ...(unreachableSince !== undefined && { unreachableSince }),
  }
}

function unsupportedOf(host: Host, facts: HostFacts | undefined): Refusal | undefined {
  const { name, generation, revokedAt, revokedBecause } = host
  const enroll = `run the command that 'sallyport host enroll ${name}' gives on it`
  if (generation === 0) return refusal('HostNotEnrolled', `host ${name} has not been enrolled: ${enroll}`)
  if (revokedAt !== undefined)
    return refusal(
      'HostRevoked',
      `host ${name} is not trusted any more${becauseOf(revokedBecause)}: to trust it again, ${enroll}`,
    )
  return toldUnsupported(host, facts)
}

function becauseOf(reason: Host['revokedBecause']): string {
  return reason === 'cloned' ? ', because two machines had its key' : ''
}

/** What the agent itself lacks, else what is the matter with the agent. */
function toldUnsupported(host: Host, facts: HostFacts | undefined): Refusal | undefined {
  const [first] = facts?.unsupported ?? []
  return first === undefined ? unsupportedAgent(host, facts) : readableReason(first)
}

/** What it would do with a document is not known, and what it says of its kernel may mean something else. */
function unsupportedAgent({ name, facts: told }: Host, facts: HostFacts | undefined): Refusal | undefined {
  const install = "install the agent of the server's own version"
  if (told !== undefined && facts === undefined)
    return refusal(
      'AgentVersionNotSupported',
      `what the agent of host ${name} tells is not understood here: ${install}`,
    )
  if (facts === undefined || !isOlder(facts.agentVersion, OLDEST_AGENT)) return undefined
  const message = `agent ${facts.agentVersion} of host ${name} is older than ${OLDEST_AGENT}, the oldest that is understood here: ${install}`
  return refusal('AgentVersionNotSupported', message)
}

/** Of versions such as `1.2.3`; one of another form is nobody's past. */
function isOlder(version: string, than: string): boolean {
  const numbers = (text: string): number[] => (/^(\d+)\.(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number)
  const [is, least] = [numbers(version), numbers(than)]
  const first = is.findIndex((number, place) => number !== least[place])
  return first !== -1 && (is[first] ?? 0) < (least[first] ?? 0)
}

function isPublicAddress(address: string): boolean {
  const parsed = parseIpPrefix(address)
  return parsed.ok && isPublic(parsed.value)
}

/** An agent of another version may say it otherwise: then nothing is known of it. */
export function factsOf({ facts }: Pick<Host, 'facts'>): HostFacts | undefined {
  const parsed = facts === undefined ? undefined : hostFacts.safeParse(JSON.parse(facts))
  return parsed?.success === true ? parsed.data : undefined
}

export function tellingOf(host: Host, report: HostReport | undefined): HostTelling {
  const facts = factsOf(host)
  const unsupported = toldUnsupported(host, facts)
  const findings = report?.findings ?? []
  return {
    addresses: facts?.addresses ?? [],
    ...(facts !== undefined && {
      system: facts.system,
      kernel: facts.kernel,
      architecture: facts.architecture,
      agentVersion: facts.agentVersion,
    }),
    ...(unsupported !== undefined && { unsupported }),
    findings: findings.map(readableFinding),
    ...(report?.clock !== undefined && { clock: report.clock }),
  }
}
