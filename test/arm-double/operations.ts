/**
 * Long-running operations: each ends at its time, which is all that a write's second half is here
 * (platform reference, B.3: `Azure-AsyncOperation` … /locations/{loc}/operations/{guid}, `Location` … operationResults).
 */
import type { Instant } from '../../src/domain/time.ts'
import type { ErrorDetail } from './wire.ts'

export interface Operation {
  readonly id: string
  readonly subscription: string
  readonly location: string
  /** The key of the resource it works on: while it goes on, others are turned away. */
  readonly key: string
  /** `PutSecurityRuleOperation`, as other callers are told. */
  readonly name: string
  readonly ends: Instant
  readonly isDelete: boolean
  /** With it, the operation fails at its end. */
  readonly failure?: ErrorDetail
  /** Makes its outcome true; called once, at its end. */
  readonly finish: () => void
}

export class Operations {
  readonly #all = new Map<string, Operation>()
  readonly #going = new Map<string, Operation>()

  start(operation: Operation): void {
    this.#all.set(operation.id.toLowerCase(), operation)
    this.#going.set(operation.key, operation)
  }

  get(id: string): Operation | undefined {
    return this.#all.get(id.toLowerCase())
  }

  onResource(key: string): Operation | undefined {
    return this.#going.get(key)
  }

  isGoing(operation: Operation): boolean {
    return this.#going.get(operation.key) === operation
  }

  /** As if it had never begun: its outcome does not come. */
  forget(key: string): void {
    this.#going.delete(key)
  }

  /** Ends what is due, in the order of their ends. */
  settle(now: Instant): void {
    const due = [...this.#going.values()].filter(({ ends }) => ends <= now).sort((a, b) => a.ends - b.ends)
    for (const operation of due) {
      this.#going.delete(operation.key)
      operation.finish()
    }
  }
}
