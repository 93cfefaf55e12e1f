/**
 * Everything that the use cases work with, from the configuration: the store and the clock, the firewalls that can be reached,
 * and the passes over them. Opens, and sets nothing going.
 */
import { v7 as uuidv7 } from 'uuid'
import type { App, Log } from '../app/app.ts'
import { Passes } from '../app/convergence/passes.ts'
import { Access } from '../app/identity/access.ts'
import { Postures } from '../app/machines/postures.ts'
import type { Store } from '../app/ports/store.ts'
import { behind, createClock } from './clock.ts'
import type { Config } from './config/config.ts'
import { ensureAdminToken, type AdminToken } from './installation/admin-token.ts'
import { openInstallation } from './installation/installation.ts'
import { openAgents, type OpenedAgents } from './agents/open-agents.ts'
import { openClouds } from './world/open-clouds.ts'
import { withPeers } from './agents/peer-links.ts'
import { NO_LINKS, openHostsOf, withHosts } from './agents/open-hosts.ts'
import { openStore } from './installation/open-store.ts'
import { openWorld } from './world/open-world.ts'
import { REAL_TIMER } from './real-timer.ts'
import type { LoopParts } from './start-loop.ts'
import { withClouds } from './world/with-clouds.ts'

export interface Starting {
  readonly version: string
  readonly log: Log
  /** What to undo, last first. */
  readonly undo: (() => Promise<void>)[]
}

interface OpenedApp extends LoopParts {
  readonly app: App
  readonly token: AdminToken
  readonly agents: OpenedAgents | undefined
  readonly postures: Postures
}

export async function openApp(config: Config, { version, log, undo }: Starting): Promise<OpenedApp> {
  const { store, owner } = await openStore(config)
  undo.push(() => store.close())
  const clock = createClock(await latestOrNothing(store, config, log))
  const installation = await openInstallation(store)
  const token = await ensureAdminToken(store, config.data)
  const clouds = await openClouds(config, { store, clock, log }, REAL_TIMER)
  const agents = await openAgents(config, { store, clock, log, owner, timer: REAL_TIMER, version })
  const links = agents?.links ?? withPeers(NO_LINKS, store.peers)
  const opened = await openHostsOf(config, { store, clock, log, installation, links, timer: REAL_TIMER, version })
  const { hosts } = opened
  agents?.onHosts(() => void hosts.sync().catch(() => {})) // read again in a moment anyway
  const base = await openWorld({ config, installation, clock, store, log })
  const world = withHosts(withClouds(base, clouds, { clock, hosts }), opened, agents)
  undo.push(() => world.close())
  const { inventory, driverOf } = world
  const passes = new Passes({ store, inventory, driverOf, clock, owner, log, drift: config.drift })
  const settings = { ipv6: config.ipv6, answerWithin: config.answerWithin }
  const access = new Access({ store, clock })
  const postures = new Postures({ store, inventory, access, clock })
  passes.onRecorded(({ id }) => postures.noticed(id))
  const app: App = {
    store,
    inventory,
    driverOf,
    clock,
    access,
    uuid: uuidv7,
    passes,
    postures,
    clouds,
    hosts,
    ...(agents === undefined ? {} : { agents: agents.door }),
    owner,
    installation,
    settings,
    log,
  }
  return { app, token, agents, postures, passes, world, clouds, hosts }
}

async function latestOrNothing(store: Store, { trustClock }: Config, log: Log): Promise<number> {
  const latest = await store.reads.latestInstant()
  const late = behind(latest)
  if (late > 0 && !trustClock) {
    const remedy = 'set the clock right, or start with --trust-clock if the recorded time was the wrong one'
    log.error({ behindMs: late, remedy }, 'the wall clock is behind the last recorded time, which is used instead')
  }
  return trustClock ? 0 : latest
}
