/**
 * Which transactions of this network namespace were our own, and which of the others left our table alone: each one
 * makes the kernel's generation number one higher.
 */
import type { NftEngine } from './engine.ts'
import type { KernelReader } from './reader.ts'
import type { RulesetChange } from './ruleset-events.ts'

export interface OwnGenerations {
  /** Notes what happened between two readings around our act. True when it was our one transaction and nothing else. */
  note(before: number | undefined, after: number | undefined): boolean
  /** Notes whatever the task did to the kernel. */
  during<T>(reader: Pick<KernelReader, 'generation'>, task: () => Promise<T>): Promise<T>
  isOwn(change: RulesetChange): boolean
  /** Remembers that somebody's transaction did not touch our table. */
  noteHarmless(generation: number): void
  /** How far from `from` towards `to` one may go over harmless transactions alone. */
  skipHarmless(from: number | undefined, to: number): number | undefined
}

/** More than can be under way between a transaction and its event. */
const REMEMBERED = 10_000

export function createOwnGenerations(engine: Pick<NftEngine, 'isOwnProcess'>): OwnGenerations {
  const own = new Set<number>()
  /** Ours may be among these: then the process id decides, which inside a container's process namespace it cannot. */
  const doubtful = new Set<number>()
  const harmless = new Set<number>()
  let isBlind = false

  const note = (before: number | undefined, after: number | undefined): boolean => {
    if (before === undefined || after === undefined) isBlind = true
    if (before === undefined || after === undefined || after === before) return false
    const isAlone = after === before + 1
    for (let generation = before + 1; generation <= after; generation += 1)
      remember(isAlone ? own : doubtful, generation)
    return isAlone
  }

  return {
    note,
    during: async (reader, task) => {
      const before = reader.generation()
      try {
        return await task()
      } finally {
        note(before, reader.generation())
      }
    },
    isOwn: ({ generation, process }) =>
      own.has(generation) || ((isBlind || doubtful.has(generation)) && engine.isOwnProcess(process)),
    noteHarmless: (generation) => remember(harmless, generation),
    skipHarmless: (from, to) => {
      let reached = from
      while (reached !== undefined && reached !== to && harmless.has(reached + 1)) reached += 1
      return reached
    },
  }
}

function remember(set: Set<number>, generation: number): void {
  set.add(generation)
  if (set.size <= REMEMBERED) return
  const [oldest] = set
  if (oldest !== undefined) set.delete(oldest)
}
