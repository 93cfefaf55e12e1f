/**
 * What every use case may use. Built once by the composition root; a use case names the parts it needs by `Pick`.
 */
import type { Clock } from './ports/clock.ts'
import type { Driver } from './ports/driver.ts'
import type { AgentLinks, HostAuthority } from './ports/hosts.ts'
import type { Inventory, PointId } from './ports/inventory.ts'
import type { Store } from './ports/store.ts'
import type { Access } from './identity/access.ts'
import type { Clouds } from './clouds/clouds.ts'
import type { Hosts } from './hosts/hosts.ts'
import type { Passes } from './convergence/passes.ts'
import type { Postures } from './machines/postures.ts'
import type { Millis } from '../domain/time.ts'

/** A fresh installation's own place in the resource hierarchy. */
export interface Installation {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly location: string
}

export interface Settings {
  /** `refused` answers IPv6 sources as the original does. */
  readonly ipv6: 'allowed' | 'refused'
  /** How long an answer waits for enforcement points before it says that they are still at work. */
  readonly answerWithin: Millis
}

/** How agents come in, where they do. */
export interface AgentDoor {
  readonly authority: Pick<HostAuthority, 'fingerprint' | 'newToken'>
  readonly links: Pick<AgentLinks, 'logs' | 'cut'>
  /** Where agents connect to. */
  readonly url: string
  /** Of the agent that goes with this server. */
  readonly recommendedVersion: string
}

export interface Log {
  /** A person must act now. */
  error(fields: object, message: string): void
  /** Heals by itself. */
  warn(fields: object, message: string): void
  info(fields: object, message: string): void
}

export interface App {
  readonly store: Store
  readonly inventory: Inventory
  /** The driver that serves a point; undefined when this replica cannot reach it. */
  readonly driverOf: (point: PointId) => Driver | undefined
  readonly clock: Clock
  /** What permission is decided by. */
  readonly access: Pick<Access, 'now' | 'changed'>
  /** A fresh name. Ordered in time, so that what belongs together lies together in the store's indexes. */
  readonly uuid: () => string
  readonly passes: Pick<Passes, 'settle'>
  /** What is found about each machine. */
  readonly postures: Pick<Postures, 'all' | 'of'>
  readonly clouds: Pick<
    Clouds,
    'connections' | 'found' | 'sync' | 'check' | 'checkKept' | 'refresh' | 'stateOf' | 'seal' | 'secretOf'
  >
  readonly hosts: Pick<Hosts, 'sync' | 'tellingOf' | 'isConnectedHere'>
  readonly agents?: AgentDoor
  /** The name under which this replica holds leases. */
  readonly owner: string
  readonly installation: Installation
  readonly settings: Settings
  readonly log: Log
}
