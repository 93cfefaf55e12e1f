/** Stands for connections where nobody can tell who is connected: nothing is cut, and it is known where that matters. */
import type { Flows } from './flows.ts'
import { portsEnding } from './ports-ending.ts'

export function createUnseenFlows(): Flows {
  let untold: ReadonlySet<number> = new Set()
  return {
    expect: (shields) => {
      untold = portsEnding(shields, ['cut', 'warn'])
    },
    untold: () => [...untold],
    adrift: () => Promise.resolve([]),
    cut: () => Promise.resolve(),
  }
}
