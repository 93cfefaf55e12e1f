/**
 * An enforcement point that is a set of holes in memory: a small real driver whose answers can be held up, so that a test
 * sees what callers see while a firewall is slow.
 */
import type { Driver, Plan, PlanInput, PointId, Scope } from '../../src/app/ports.ts'
import { formatSource } from '../../src/domain/net.ts'
import type { Hole, HoleKey, Slot } from '../../src/domain/hole.ts'
import { refusal } from '../../src/domain/refusal.ts'

interface Observed {
  readonly holes: ReadonlyMap<HoleKey, Hole>
}

interface SetPlan extends Plan {
  readonly add: readonly Hole[]
  readonly drop: readonly HoleKey[]
}

export interface SetDriver extends Driver<Observed, SetPlan> {
  /** From now on nothing is applied until the returned function is called. */
  holdUp(): () => void
  letGo(): void
  holesAt(point: PointId): readonly Hole[]
}

export function setDriver(): SetDriver {
  const points = new Map<PointId, Map<HoleKey, Hole>>()
  let gate = Promise.resolve()
  let letGo = (): void => {}
  const at = (point: PointId): Map<HoleKey, Hole> => {
    const holes = points.get(point) ?? new Map<HoleKey, Hole>()
    points.set(point, holes)
    return holes
  }
  return {
    kind: 'set',
    closesByItself: false,
    heartbeat: 60_000,
    observe: async (point) => ({ holes: new Map(at(point)) }),
    plan: planSet,
    apply: async (point, { add, drop }) => {
      await gate
      for (const key of drop) at(point).delete(key)
      for (const hole of add) at(point).set(hole.key, hole)
    },
    preflight: async (_, ports, { shell }) =>
      shell !== undefined && ports.some(({ number }) => number === 22)
        ? [
            refusal(
              'WouldCutYourOwnConnection',
              `port 22 carries your own shell from ${shell.address}; force overrides`,
            ),
          ]
        : [],
    watch: () => () => {},
    holdUp: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      letGo = resolve
      return resolve
    },
    letGo: () => letGo(),
    holesAt: (point) => [...at(point).values()],
  }
}

function planSet({ desired, observed, scope, journal }: PlanInput<Observed>): SetPlan {
  const wanted = new Map(desired.holes.map((hole) => [hole.key, hole]))
  const present = [...observed.holes.values()].filter(({ slot }) => isIn(scope, slot))
  const add = desired.holes.filter((hole) => observed.holes.get(hole.key)?.until !== hole.until)
  const drop = present.filter(({ key }) => !wanted.has(key))
  const text = (hole: Hole): string => `${hole.port} on ${hole.machine} for ${formatSource(hole.source)}`
  return {
    steps: [
      ...add.map((hole) => ({ kind: 'open' as const, text: `open ${text(hole)}` })),
      ...drop.map((hole) => ({ kind: 'close' as const, text: `close ${text(hole)}` })),
    ],
    held: new Set(desired.holes.filter((hole) => observed.holes.has(hole.key)).map(({ key }) => key)),
    lingering: new Set(drop.map(({ slot }) => slot)),
    impossible: new Map(),
    journal,
    add,
    drop: drop.map(({ key }) => key),
  }
}

function isIn(scope: Scope, slot: Slot): boolean {
  return scope === 'all' || scope.has(slot)
}
