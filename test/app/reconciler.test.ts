/** The loop alone, over a store that has more due than it may begin at once. */
import { afterEach, expect, it, vi } from 'vitest'
import { Reconciler, type ReconcilerDeps } from '../../src/app/convergence/reconciler.ts'

let loop: Reconciler | undefined
afterEach(() => loop?.stop())

it('a point that finds every place taken is looked at as soon as one of them is free, not after the longest sleep', async () => {
  const due = Array.from({ length: 65 }, (_, number) => `point-${number}`)
  const ends: (() => void)[] = []
  const begun: string[] = []
  const deps = {
    owner: 'test',
    prefixes: [],
    clock: { now: () => 0 },
    log: console,
    store: {
      claimDue: (_: unknown, most: number) => Promise.resolve(due.splice(0, most)),
      reads: { nextDue: () => Promise.resolve(undefined) },
      onWake: () => () => {},
    },
    passes: {
      onRecorded: () => {},
      run: (point: string) => {
        begun.push(point)
        return new Promise<void>((resolve) => ends.push(resolve))
      },
    },
    // Nothing but a wake ends it.
    timer: {
      sleep: (_: number, signal: AbortSignal) =>
        new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
    },
  } as unknown as ReconcilerDeps // a store of which the loop uses no more
  loop = new Reconciler(deps)
  loop.start()
  await vi.waitFor(() => expect(begun).toHaveLength(64))
  ends[0]?.()
  await vi.waitFor(() => expect(begun).toHaveLength(65))
})
