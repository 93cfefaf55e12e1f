/** The hosts that run the agent: the connections of their agents, what they told, and the authority that certifies them. */
import type { ProtectedPort } from '../../domain/access/desired.ts'
import type { FoundDrift } from '../../domain/access/drift.ts'
import type { Flow } from '../../domain/access/flow.ts'
import type { CheckWords } from '../../domain/check.ts'
import type { Host, HostId } from '../../domain/hosts/host.ts'
import type { Exposure } from '../../domain/posture.ts'
import type { Refusal, Result } from '../../domain/refusal.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Instant } from '../../domain/time.ts'
import type { CallerPlace } from './caller.ts'
import type { Driver, SaidStep, Scope } from './driver.ts'
import type { Machine } from './inventory.ts'

/** The agents' connections to this replica. What goes over them belongs to the wire (contract/agent.ts). */
export interface AgentLinks<Document = unknown, Report = unknown> {
  /** The newest report of an agent that is connected here; undefined when it is not, or has not reported yet. */
  reportOf(host: HostId): Report | undefined
  /**
   * Offers the document and resolves with the first report about it. Rejects when the agent is not connected here, is cut
   * off, or another document is offered meanwhile.
   */
  offer(host: HostId, document: Document, signal: AbortSignal): Promise<Report>
  /** Has the agent look at its kernel now; resolves with what it saw of that since it was asked. */
  look(host: HostId, look: AgentLook, signal: AbortSignal): Promise<Report>
  /** What the agent would do with this document. Only to be asked where it answers that. Rejects with why it cannot say. */
  plan(host: HostId, document: Document, signal: AbortSignal): Promise<readonly SaidStep[]>
  /** As a driver's own, for ports of the host itself. Only to be asked where it answers that. */
  preflight(host: HostId, asked: PreflightAsked, signal: AbortSignal): Promise<readonly Refusal[]>
  logs(host: HostId, lines: number, signal: AbortSignal): Promise<readonly AgentLogLine[]>
  /** An agent came or went, or reported unasked. Returns how to stop. */
  onChange(listener: (change: AgentChange<Report>) => void): () => void
  /** Cuts the connection: the host was revoked, or enrolled anew. */
  cut(host: HostId, code: string, message: string): void
}

export interface PreflightAsked {
  readonly ports: readonly ProtectedPort[]
  readonly caller: CallerPlace
}

export interface AgentLook {
  /** What is looked at for it; the report tells of everything, as it was last seen. */
  readonly scope: Scope
  /** Who is connected is told too. */
  readonly flows: boolean
}

export interface AgentChange<Report = unknown> {
  readonly host: HostId
  readonly kind: 'came' | 'went' | 'reported'
  readonly report?: Report
  /** Of one that went: when it was last heard. */
  readonly heardAt?: Instant
}

export interface AgentLogLine {
  readonly at: Instant
  readonly level: string
  readonly text: string
}

/** The installation's private authority: signs agents, and the listener that they talk to. */
export interface HostAuthority {
  /** PEM, nothing secret. */
  readonly certificate: string
  /** SHA-256 of its DER, hex: what a host is told to trust. */
  readonly fingerprint: string
  /**
   * Certifies the key that the request is signed by, for this host and enrolment and nothing else that the request says. Refuses one
   * that is not signed by its own key, and a key that is neither of P-256 nor Ed25519.
   */
  certify(csr: string, host: Pick<Host, 'id' | 'generation'>): Promise<Result<HostCertificate>>
  /** To be shown once, with what is kept of it. */
  newToken(): { readonly text: string; readonly hash: string }
  hashOfToken(text: string): string
}

export interface HostCertificate {
  readonly pem: string
  /** SHA-256 of its DER, hex. */
  readonly fingerprint: string
  readonly renewAt: Instant
  readonly endsAt: Instant
}

/** What a host said of itself, as people are told it. */
export interface HostTelling {
  readonly addresses: readonly string[]
  readonly system?: string
  readonly kernel?: string
  readonly architecture?: string
  readonly agentVersion?: string
  /** Why it cannot be protected. */
  readonly unsupported?: Refusal
  /** Only where its agent is connected to this replica. */
  readonly findings: readonly HostFinding[]
  readonly clock?: { readonly wallOffset: number; readonly roundTrip: number }
}

export interface HostFinding extends CheckWords {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failed'
}

/** The hosts that run the agent: their driver, and their machines as they told of them. Reads nothing by itself. */
export interface HostSide {
  readonly driver: Driver
  /** All hosts as they are from now on. Called before anything else, and after every change. */
  know(hosts: readonly Host[]): void
  /** The hosts and what is behind gateways. */
  machines(): readonly Machine[]
  /** Undefined when its agent is not connected here, or has not told. */
  exposuresOf(machine: ResourceKey, ports: readonly ProtectedPort[]): readonly Exposure[] | undefined
  tellingOf(host: Host): HostTelling
  /** What the agent found that others did since its report before. */
  driftIn(report: unknown): readonly HostDrift[]
  /** Whom the agent cut off since its report before. */
  cutIn(report: unknown): readonly Flow[]
}

/** What somebody else changed on a host; its agent put it right already, unless it is only to tell. */
export interface HostDrift extends FoundDrift {
  readonly at: Instant
  readonly isRepaired: boolean
}
