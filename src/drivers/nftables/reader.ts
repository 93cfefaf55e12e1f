/**
 * What reads the kernel's state: by netlink, or by nft's JSON as a fallback. One contract suite holds for both.
 * A reader never changes anything.
 */
import type { Millis } from '../../domain/time.ts'
import type { ElementId } from './element.ts'

export interface ReadElement {
  readonly id: ElementId
  /** What remains; undefined for an element without a timeout. Rounded down to the reader's resolution. */
  readonly remaining: Millis | undefined
}

export interface TableFacts {
  readonly family: number
  readonly name: string
  readonly isPersistent: boolean
  /** The netlink port of the socket that owns the table. */
  readonly owner: number | undefined
}

export interface KernelReader {
  /** How coarse {@link ReadElement.remaining} is. */
  readonly resolution: Millis
  /** Grows with every transaction in this network namespace; undefined where it cannot be read. */
  generation(): number | undefined
  tables(): Promise<readonly TableFacts[]>
  /** Every live element, each handed over when it is read, so that `remaining` is fresh. An absent set has none. */
  elements(table: string, set: string, each: (element: ReadElement) => void): Promise<void>
  /** One live element; undefined is proof that the kernel does not have it. */
  element(table: string, id: ElementId): Promise<ReadElement | undefined>
  close(): void
}
