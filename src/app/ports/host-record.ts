/** Hosts, their enrolment and when they were last heard, as the store keeps them. */
import type { EnrollmentToken, Host, HostId } from '../../domain/hosts/host.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { Instant } from '../../domain/time.ts'

export interface HostReads {
  /** Grows with every change to a host that others must know of. One row: cheap to ask often. */
  version(): Promise<number>
  /** In the order of their keys. */
  all(): Promise<Host[]>
  find(key: ResourceKey): Promise<Host | undefined>
  byId(id: HostId): Promise<Host | undefined>
  /** Key and certificate of the authority of hosts; sealed. */
  authority(): Promise<string | undefined>
}

export interface HostTx extends HostReads {
  /** To be called before anything else here: waits for other changes, and returns the version of this one. */
  change(): Promise<number>
  /** Inserts, or replaces when `version` is one above the stored; false when another write came between. */
  put(host: Host): Promise<boolean>
  remove(id: HostId): Promise<void>
  /** Agents that came to `owner`: from now on it serves their points, which are due at once. */
  came(arrivals: readonly HostArrival[], owner: string): Promise<HostArrivals>
  /** What agents reported that `owner` serves; nothing is written of others, nor of what is older than the last. */
  seen(sightings: readonly HostSighting[], owner: string): Promise<void>
  /**
   * They were heard at `at`, at the least. Returns those that `owner` does not serve: they came to another replica
   * meanwhile, or are removed.
   */
  alive(hosts: readonly HostId[], owner: string, at: Instant): Promise<HostId[]>
  /** Agents that `owner` serves no more, unless they came to another replica. */
  went(departures: readonly HostDeparture[], owner: string): Promise<void>
  /**
   * Hosts that were last seen before `since` though a replica was to serve them: it died. They have gone since they were last
   * seen, for that is what is on record.
   */
  forsaken(since: Instant): Promise<HostId[]>
  /** Hosts that have been gone since before `since` and of which nobody told yet; told from now on. */
  tellGone(since: Instant): Promise<Host[]>
  addToken(token: EnrollmentToken): Promise<void>
  token(hash: string): Promise<EnrollmentToken | undefined>
  /** False when it was used before: of two at once, one wins. */
  useToken(hash: string, at: Instant): Promise<boolean>
  putAuthority(sealed: string): Promise<void>
}

export interface HostArrivals {
  /** Nothing is written of these: the certificate that each came by is not in force any more. */
  readonly untrusted: readonly HostId[]
  /** Nothing is written of these: what they report is not newer than the last that any replica took. */
  readonly stale: readonly HostId[]
  /** Of these it was told that they have gone, or they were never here since they enrolled. */
  readonly back: readonly HostId[]
}

/** An agent's first report over a connection. */
export interface HostArrival extends HostSighting {
  /** Of the certificate that it came by. */
  readonly fingerprint: string
}

export interface HostDeparture {
  readonly host: HostId
  /** When its agent was last heard. */
  readonly at: Instant
}

export interface HostSighting {
  readonly host: HostId
  readonly at: Instant
  readonly sequence: number
  readonly bootId: string
  /** Where they are others than before: what the agent said of its host, JSON. */
  readonly facts?: string
}
