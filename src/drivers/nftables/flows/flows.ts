/**
 * Who is connected by our holes, and how that ends. Conntrack is read only where somebody asked, or where a port that
 * is to be cut may have closed: a grant is not opened later for it.
 */
import type { Clock } from '../../../app/ports/clock.ts'
import type { Scope } from '../../../app/ports/driver.ts'
import type { Shield } from '../../../domain/access/desired.ts'
import type { Flow } from '../../../domain/access/flow.ts'
import type { Gateway } from '../../../domain/hosts/gateway.ts'
import type { ResourceKey } from '../../../domain/resource-id.ts'
import type { Conntrack } from './conntrack.ts'
import { endSockets } from './end-sockets.ts'
import type { Mirror } from '../mirror.ts'
import { portsEnding } from './ports-ending.ts'
import { portOfSlot } from '../slot-elements.ts'
import { flowFrom, isLetIn, ownerOf, type TrackedFlow } from './tracked-flow.ts'

export interface FlowsOptions {
  readonly machine: ResourceKey
  readonly gateway: () => Gateway | undefined
  readonly conntrack: Conntrack
  readonly clock: Clock
}

export interface Flows {
  /** What the latest plan was asked for: a look at some slots then asks conntrack for the ports that are to be cut alone. */
  expect(shields: readonly Shield[]): void
  /** Ports that are to be cut or warned of at the end, where nobody knows who is connected. */
  untold(): readonly number[]
  adrift(scope: Scope, mirror: Mirror): Promise<TrackedFlow[]>
  /** Who is connected; of what is cut, nobody, unless a hole lets it in again. Without it, nobody can tell. */
  readonly connected?: (mirror: Mirror) => Promise<Flow[]>
  cut(flows: readonly TrackedFlow[]): Promise<void>
}

export function createFlows({ machine, gateway, conntrack, clock }: FlowsOptions): Flows {
  let ports: ReadonlySet<number> = new Set()
  const isHeld = (flow: TrackedFlow, held: Mirror): boolean =>
    isLetIn(flow, ownerOf(flow, machine, gateway()), { held, now: clock.now() })
  return {
    expect: (shields) => {
      ports = portsEnding(shields, ['cut'])
    },
    untold: () => [],
    adrift: async (scope, mirror) => {
      // What was tampered with is put right before anything else; the look after that finds whom to cut.
      const isAsked =
        scope === 'all' ? mirror.structure.state === 'exact' : [...scope].some((slot) => ports.has(portOfSlot(slot)))
      if (!isAsked) return []
      return (await conntrack.flows()).filter((flow) => !flow.isCut && !isHeld(flow, mirror))
    },
    connected: async (mirror) =>
      (await conntrack.flows())
        .filter((flow) => flow.isConnected && (!flow.isCut || isHeld(flow, mirror)))
        .map((flow) => flowFrom(ownerOf(flow, machine, gateway()), flow)),
    cut: async (flows) => {
      if (flows.length === 0) return
      await conntrack.cut(flows)
      endSockets(flows)
    },
  }
}
