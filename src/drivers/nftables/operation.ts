/**
 * What a plan asks of the kernel, as data: the typed operations that only the serialiser turns into nft text.
 * An end is an instant here; the remaining time is computed when a batch is written, never before.
 */
import type { TrackedFlow } from './flows/tracked-flow.ts'
import type { IpPrefix } from '../../domain/net.ts'
import type { Instant, Millis } from '../../domain/time.ts'
import type { BehindKey, ElementId, ManagedKey, PrefixSet } from './element.ts'

/**
 * What the table has besides the guard of the host itself. `none`: nothing. `client`: it guards what is forwarded to
 * machines behind, which see the client's own address. `snat`: the same, and they see the gateway's.
 */
export type GatewayForm = 'none' | 'client' | 'snat'

/** The table without its holes. */
export interface Structure {
  /** Every prefix set that must stand, the ones already in the kernel included: sets are kept for good. */
  readonly sets: readonly PrefixSet[]
  readonly managed: readonly ManagedKey[]
  readonly gateway: GatewayForm
  readonly behind: readonly BehindKey[]
}

/** One end of an established connection, as this host sees it. */
export interface Session {
  readonly local: IpPrefix
  readonly localPort: number
  readonly peer: IpPrefix
  readonly peerPort: number
}

/** Things in our table that no serialiser of ours writes. */
export interface Strays {
  readonly chains: readonly string[]
  readonly sets: readonly string[]
}

export type Operation =
  | { readonly kind: 'structure'; readonly structure: Structure; readonly strays: Strays; readonly rebuild: boolean }
  /** Let the connections that live now on these ports go on. */
  | { readonly kind: 'seed'; readonly ports: readonly ManagedKey[] }
  | { readonly kind: 'keep'; readonly id: ElementId }
  | { readonly kind: 'unkeep'; readonly id: ElementId }
  | { readonly kind: 'revoke'; readonly id: ElementId }
  /** An element that was seen to be absent. Where one stands after all, the transaction fails: it would keep its end. */
  | { readonly kind: 'create'; readonly id: ElementId; readonly until: Instant }
  | { readonly kind: 'upsert'; readonly id: ElementId; readonly until: Instant }
  /** What came in by a hole ends with it. No words for nft: conntrack and the sockets are asked, after everything else. */
  | { readonly kind: 'cut'; readonly flow: TrackedFlow }
  /** The table goes, and the boot table with it. */
  | { readonly kind: 'remove' }

/** An operation that is nft's. */
export type NftOperation = Exclude<Operation, { kind: 'cut' }>

/** What one transaction says: {@link Operation} with everything looked up that had to be. */
export type Statement =
  | Extract<Operation, { kind: 'structure' | 'keep' | 'unkeep' | 'revoke' | 'remove' }>
  | { readonly kind: 'sessions'; readonly sessions: readonly Session[] }
  | { readonly kind: 'create' | 'upsert'; readonly id: ElementId; readonly timeout: Millis }
