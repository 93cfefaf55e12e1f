/** Sets going what changes firewalls by itself: the loop, and everything that tells it that something is due. */
import type { App } from '../app/app.ts'
import type { Clouds } from '../app/clouds/clouds.ts'
import { Reconciler } from '../app/convergence/reconciler.ts'
import type { Passes } from '../app/convergence/passes.ts'
import type { Hosts } from '../app/hosts/hosts.ts'
import { followSelectors } from '../app/policies/follow-selectors.ts'
import type { ForeignChange } from '../app/ports/driver.ts'
import { HOST_PREFIX } from '../drivers/hosts/host-point.ts'
import { watchOverdue } from './metrics.ts'
import { REAL_TIMER } from './real-timer.ts'
import type { World } from './world/world.ts'

export interface LoopParts {
  readonly passes: Passes
  readonly world: World
  readonly clouds: Clouds
  readonly hosts: Hosts
}

export async function startLoop(
  app: App,
  { passes, world, clouds, hosts }: LoopParts,
): Promise<{ stop: () => Promise<void> }> {
  const { store, clock, owner, log } = app
  // Hosts are due when their agents come; until then nobody could do anything there.
  const reachable = world.prefixes.filter((prefix) => prefix !== HOST_PREFIX)
  await store.dueNow(reachable, clock.now())
  const reconciler = new Reconciler({ store, clock, owner, log, passes, prefixes: world.prefixes, timer: REAL_TIMER })
  const heal = (change: ForeignChange): void => {
    passes
      .heal(change)
      .catch((cause: unknown) => log.error({ cause, change }, 'a foreign change could not be looked at'))
  }
  const healing = world.drivers.map((driver) => driver.watch(heal))
  const { recorded } = world
  if (recorded !== undefined) passes.onRecorded((row) => recorded(row, world.inventory))
  const unwatch = watchOverdue(app)
  reconciler.start()
  clouds.onWished(() => reconciler.wake())
  hosts.onWished(() => reconciler.wake())
  hosts.onChanged(() => followSelectors(app))
  passes.onRecorded(({ id }) => clouds.noticed(id))
  clouds.start(heal)
  hosts.start(heal)
  return {
    async stop() {
      await clouds.stop()
      await hosts.stop()
      for (const unheal of healing) unheal()
      unwatch()
      await reconciler.stop()
      await passes.stop()
    },
  }
}
