/** What a pass saw: the kernel, as far as the scope asked. Plain data; the judgement reads nothing else. */
import type { Scope } from '../../app/ports/driver.ts'
import type { Instant } from '../../domain/time.ts'
import type { BehindKey, ElementId, ManagedKey } from './element.ts'
import type { ForeignScan } from './foreign/foreign.ts'
import type { GatewayFacts } from './gateway/gateway-facts.ts'
import type { StructureState } from './kernel/structure.ts'
import type { TrackedFlow } from './flows/tracked-flow.ts'

export interface Observed {
  readonly scope: Scope
  /** When the kernel was read, or the mirror found exact. */
  readonly at: Instant
  readonly structure: StructureState
  /** The boot table stands: it has to go once ours does. */
  readonly hasBaseTable: boolean
  readonly managed: ReadonlySet<ManagedKey>
  /** The protected ports of machines behind. */
  readonly behind: ReadonlySet<BehindKey>
  /** The live grant elements within the scope and their ends; `Infinity` for one that would never end. */
  readonly elements: ReadonlyMap<ElementId, Instant>
  /** The whole point's, whatever the scope. */
  readonly keeps: ReadonlySet<ElementId>
  /** How many grant elements each set holds, due ones included. */
  readonly counts: ReadonlyMap<string, number>
  readonly foreign: ForeignScan
  /** Of this host, where it is a gateway. */
  readonly gateway?: GatewayFacts
  /** Came in by a hole that is gone, and not cut yet; empty where no port asks for it. */
  readonly adrift: readonly TrackedFlow[]
}
