import { describe, expect, it } from 'vitest'
import { createCommitter } from './committer.ts'
import { elementIdsFor } from './element.ts'

/** A kernel so far away that each transaction takes its time; what it is told last counts. */
function aSlowKernel(takes: readonly number[]) {
  let now = 1_800_000_000_000
  const ends: number[] = []
  const commit = createCommitter({
    engine: {
      lead: 0,
      apply: (text) => {
        now += takes[ends.length] ?? 0
        // The timer starts at the very end of the transaction, which is the worst.
        const [, seconds = '0', millis = '0'] = /timeout (?:(\d+)s)?(?:(\d+)ms)?/.exec(text) ?? []
        ends.push(now + Number(seconds) * 1_000 + Number(millis))
        return Promise.resolve()
      },
    },
    reader: { generation: () => 1 },
    generations: { note: () => true },
    view: { exact: () => undefined, distrust: () => undefined },
    hold: () => Promise.resolve(false),
    clock: { now: () => now },
    uptime: () => now,
    cut: () => Promise.resolve(),
  })
  const open = (until: number): Promise<void> => {
    const [id] = elementIdsFor('grant', '*', 'TCP', 22)
    if (id === undefined) throw new Error('expected an element for port 22')
    return commit([{ kind: 'create', id, until }], new AbortController().signal)
  }
  return { now: () => now, ends, open }
}

describe('what is written to the kernel', () => {
  it.each([
    ['as soon as it is told', [0]],
    ['a fifth of a second later, each time', [200, 200, 200]],
    ['later each time', [40, 70, 130]],
  ])('ends on time, and not much before, where the kernel begins to count %s', async (_, takes) => {
    const kernel = aSlowKernel(takes)
    const until = kernel.now() + 10_000
    await kernel.open(until)
    expect(kernel.ends.at(-1)).toBeLessThanOrEqual(until)
    expect(kernel.ends.at(-1)).toBeGreaterThan(until - 2 * Math.max(...takes) - 5)
  })

  it.each([
    ['once', [60]],
    ['twice', [60, 200]],
    ['again when it is no longer expected', [60, 0, 60]],
  ])('ends at its time where this process had to wait for its turn %s', async (_, takes) => {
    const kernel = aSlowKernel(takes)
    const until = kernel.now() + 10_000
    await kernel.open(until)
    expect(kernel.ends.at(-1)).toBeLessThanOrEqual(until)
    expect(kernel.ends.at(-1)).toBeGreaterThan(until - 50)
  })
})
