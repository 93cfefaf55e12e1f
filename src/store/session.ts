/** What a query runs on: one connection, inside or outside a transaction. The repository knows nothing else. */
import type { Flavour } from './flavour.ts'

export interface Session {
  readonly flavour: Flavour
  /**
   * Runs one statement; its rows, or none, each as `take` makes it of what was read, which it must not keep. The text is
   * prepared once per connection, so it must not hold values.
   */
  readonly run: (sql: string, values: readonly unknown[], take?: Take) => Promise<readonly unknown[]>
}

export type Take = (row: unknown) => unknown
