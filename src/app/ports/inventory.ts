/** The machines that can be asked for, and where their rules live. */
import type { ProtectedPort } from '../../domain/access/desired.ts'
import type { Exposure } from '../../domain/posture.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { ResourceId, ResourceKey } from '../../domain/resource-id.ts'
import type { Instant } from '../../domain/time.ts'

/** Names an enforcement point: `nftables:<machine key>`, `azure:<nsg or firewall key>`, `aws:<account>/<region>/<vpc>`, `host:<machine key>`. */
export type PointId = string & { readonly __brand: 'PointId' }

export interface Machine {
  readonly id: ResourceId
  readonly key: ResourceKey
  readonly name: string
  readonly location: string
  readonly os: 'Linux' | 'Windows'
  readonly privateAddresses: readonly string[]
  readonly publicAddresses: readonly string[]
  /** Where its rules live; empty when nothing can enforce. */
  readonly points: readonly PointId[]
  /** Why it cannot be protected, when it cannot. */
  readonly unsupported?: Refusal
  /** Without it nobody knows. */
  readonly power?: 'running' | 'stopped'
  /** The platform's own name for this very machine: one made again under the same id has another. */
  readonly vmId?: string
  /** Changes whenever its points must carry something else for it; without it, the addresses and `vmId` stand for it. */
  readonly shape?: string
  /** Since when nothing can be changed on it, because nobody hears from it: what it carries stays, and ends by itself. */
  readonly unreachableSince?: Instant
  /** By which policies may choose it. */
  readonly labels?: Readonly<Record<string, string>>
}

/** The machines that can be asked for, kept fresh by whoever owns them. */
export interface Inventory {
  find(key: ResourceKey): Machine | undefined
  /** In the order of their keys. */
  list(): readonly Machine[]
  /** The machines behind a point; protected ones that were ever seen there are known also before anything was read. */
  behind(point: PointId): readonly Machine[]
  /** Who gets in at these ports of a machine, where that can be told. */
  exposuresOf?(machine: ResourceKey, ports: readonly ProtectedPort[]): readonly Exposure[] | undefined
}
