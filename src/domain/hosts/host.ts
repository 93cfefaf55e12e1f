/** A Linux host that runs the agent: who it is to the installation, for how long it is trusted, and what it said of itself. */
import type { GatewaySettings } from './gateway.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../resource-id.ts'
import { DAY, type Instant, type Millis } from '../time.ts'

/** How long a host's certificate is good; it is renewed long before. */
export const CERTIFICATE_LIVES: Millis = 30 * DAY

export type HostId = string & { readonly __brand: 'HostId' }

/** `cloned`: two machines were seen to use one key, so that neither is believed. */
export type RevocationReason = 'administrator' | 'cloned'

/** A machine behind a gateway, which runs nothing of ours. */
export interface MachineBehind {
  readonly id: ResourceId
  readonly addresses: readonly string[]
  readonly os: 'Linux' | 'Windows'
}

export interface Host {
  readonly id: HostId
  /** `…/providers/Microsoft.HybridCompute/machines/<name>` in the installation's own group. */
  readonly machine: ResourceId
  readonly key: ResourceKey
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly kind: 'host' | 'gateway'
  /** Of a gateway. */
  readonly behind: readonly MachineBehind[]
  /** Of a gateway; its machines are in `behind`. */
  readonly gateway: Omit<GatewaySettings, 'machines'> | undefined
  /** Grows with every enrolment; certificates of an earlier one are refused. 0 before the first. */
  readonly generation: number
  /** The certificates in force: SHA-256 fingerprints of their DER, hex; the renewed one and, until it was used, the one before. */
  readonly certificates: readonly string[]
  /** When the newest of them ends. */
  readonly certificateEndsAt: Instant | undefined
  readonly enrolledAt: Instant | undefined
  /** No certificate is in force since then; enrolled anew, it is undefined again. */
  readonly revokedAt: Instant | undefined
  readonly revokedBecause: RevocationReason | undefined
  /** The last report that was taken, by which a cloned key is noticed. */
  readonly lastSequence: number
  readonly lastBootId: string | undefined
  /** The replica that holds its agent's connection. */
  readonly servedBy: string | undefined
  readonly seenAt: Instant | undefined
  /**
   * When its agent was last heard, where none is connected any more; undefined while one is, and before the first. It is
   * `seenAt` where the replica that had the connection died, for nothing later is on record; else it is later.
   */
  readonly goneAt: Instant | undefined
  /** JSON of what it last said of itself (contract/agent.ts, HostFacts). */
  readonly facts: string | undefined
  readonly createdAt: Instant
  /** Grows by one with every write. */
  readonly version: number
}

interface Invited extends Pick<Host, 'id' | 'machine' | 'name' | 'createdAt'> {
  readonly kind?: Host['kind']
  readonly labels?: Host['labels']
  readonly gateway?: Host['gateway']
}

/** As it is put on record: nobody has enrolled as it yet. */
export function newHost({ kind = 'host', labels = {}, gateway, ...invited }: Invited): Host {
  return {
    ...invited,
    key: resourceKey(invited.machine),
    kind,
    labels,
    gateway,
    behind: [],
    generation: 0,
    certificates: [],
    certificateEndsAt: undefined,
    enrolledAt: undefined,
    revokedAt: undefined,
    revokedBecause: undefined,
    lastSequence: 0,
    lastBootId: undefined,
    servedBy: undefined,
    seenAt: undefined,
    goneAt: undefined,
    facts: undefined,
    version: 1,
  }
}

/** One-time permission to enrol; only a hash of the token is kept. */
export interface EnrollmentToken {
  readonly hash: string
  readonly host: HostId
  readonly until: Instant
  readonly usedAt: Instant | undefined
}
