/** What the routes of the double share: its resources, its operations that go on, its directory, chance and time. Plain data. */
import type { Instant } from '../../src/domain/time.ts'
import type { Random } from '../simulation/random.ts'
import type { Directory, Program } from './directory.ts'
import type { Operations } from './operations.ts'
import type { Pace } from './pace.ts'
import type { StoredResources } from './stored-resources.ts'
import type { Throttles } from './throttles.ts'
import type { DoubleRequest, Json } from './wire.ts'

export interface Subscription {
  readonly id: string
  readonly name: string
  readonly tenant: string
}

export interface State {
  readonly random: Random
  readonly pace: Pace
  readonly resources: StoredResources
  readonly operations: Operations
  readonly directory: Directory
  readonly throttles: Throttles
  readonly subscriptions: readonly Subscription[]
  /** Resource groups by `subscription/group` in lower case, with the name as written. */
  readonly groups: Map<string, { readonly id: string; readonly location: string }>
  readonly pageSize: number
  /** What queries of Resource Graph found and is still handed out page by page, by the first part of the skip token. */
  readonly found: Map<string, readonly Json[]>
  /** Accepted writes by the key of the resource that was written, a rule's counted for its group. */
  readonly writes: Map<string, number>
}

export interface Call {
  readonly state: State
  readonly request: DoubleRequest
  readonly url: URL
  readonly now: Instant
  readonly caller: Program
  /** Headers that every answer to this call carries. */
  readonly headers: Record<string, string>
}
