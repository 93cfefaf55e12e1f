/**
 * What others changed on a host and its agent put right by itself, on record as if a pass had done it: once for each
 * change, with who did it where the host can tell.
 */
import type { App } from '../app.ts'
import { recordDrift } from '../convergence/drift-events.ts'
import type { HostDrift } from '../ports/hosts.ts'
import type { PointId } from '../ports/inventory.ts'

/** Where it was only told of, the finding stays until the point is as it should be: the next look settles it. */
export async function recordHostDrift(
  { store, clock }: Pick<App, 'store' | 'clock'>,
  point: PointId,
  drift: readonly HostDrift[],
): Promise<void> {
  await store.transaction(async (tx) => {
    for (const { by, steps, isRepaired } of drift) {
      const known = (await tx.point(point))?.drift
      const found = { by, steps }
      const events = await recordDrift(tx, { point, known, found, settled: isRepaired, now: clock.now() })
      if (events.length > 0) await tx.append(events)
    }
  })
}
