/** Puts the driver together from what this host has: libnftables and netlink in process, or the nft command. */
import type { Clock } from '../../app/ports/clock.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { Gateway } from '../../domain/hosts/gateway.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { createConntrack } from './flows/conntrack.ts'
import type { NftEngine } from './kernel/engine.ts'
import { createJsonReader } from './kernel/json-reader.ts'
import { createLibraryEngine } from './kernel/library-engine.ts'
import { monitorEvents } from './kernel/monitor-events.ts'
import { netlinkEvents } from './kernel/netlink-events.ts'
import { createNetlinkReader } from './kernel/netlink-reader.ts'
import { createNftablesDriver, type NftablesDriver } from './nftables-driver.ts'
import { createProcessEngine } from './kernel/process-engine.ts'

export interface OpenNftables {
  readonly point: PointId
  readonly machine: ResourceKey
  readonly clock: Clock
  /** `auto`: the library where it can be loaded. */
  readonly backend: 'auto' | 'library' | 'process'
  readonly ownTable: 'auto' | 'off'
  /** What is behind this host, where it is a gateway. */
  readonly gateway?: () => Gateway | undefined
}

/** Throws when the wanted backend is not there. */
export function openNftables({ backend, ...options }: OpenNftables): NftablesDriver {
  const engine = openEngine(backend)
  try {
    const reader = createNetlinkReader()
    return createNftablesDriver({ ...options, engine, reader, events: netlinkEvents, conntrack: createConntrack() })
  } catch (error) {
    if (backend !== 'auto' || engine.name === 'libnftables') throw error
    const reader = createJsonReader()
    return createNftablesDriver({ ...options, engine, reader, events: monitorEvents(), conntrack: undefined })
  }
}

function openEngine(backend: OpenNftables['backend']): NftEngine {
  if (backend === 'process') return createProcessEngine()
  try {
    return createLibraryEngine()
  } catch (error) {
    if (backend === 'library') throw error
    return createProcessEngine()
  }
}
