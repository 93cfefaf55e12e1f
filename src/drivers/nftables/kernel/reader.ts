/**
 * What reads the kernel's state: by netlink, or by nft's JSON as a fallback. One contract suite holds for both.
 * A reader never changes anything.
 */
import type { Millis } from '../../../domain/time.ts'
import type { ElementId } from '../element.ts'

export interface ReadElement {
  readonly id: ElementId
  /** What remains; undefined for an element without a timeout. Rounded down to the reader's resolution. */
  readonly remaining: Millis | undefined
  /** When the kernel told that, or very little later, in milliseconds that this process has run. */
  readonly at: Millis
}

/** Takes elements one by one as they are read, so that `remaining` is fresh. */
export interface ElementSink {
  /** Called before the first element, and again when the reading has to start anew: what was taken is void. */
  begin(): void
  /** False when it was taken before since it began: then the reading has lost its place. */
  take(element: ReadElement): boolean
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
  /** Every live element of a set; none of one that is absent. */
  elements(table: string, set: string, sink: ElementSink): Promise<void>
  /** One live element; undefined is proof that the kernel does not have it. */
  element(table: string, id: ElementId): Promise<ReadElement | undefined>
  close(): void
}
