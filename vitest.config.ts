import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** They watch a real kernel's rules from moment to moment, or a real browser doing so: nothing runs beside them. */
const ALONE = [
  'test/nftables/**/*.test.ts',
  'test/hosts/**/*.test.ts',
  'test/demo/**/*.test.ts',
  'test/portal/real.test.ts',
]

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ALONE,
          // Most of them wait for disks, browsers and servers: two are worth it also on two cores.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
})
