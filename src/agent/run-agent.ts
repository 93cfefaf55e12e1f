/**
 * The agent's life: keeps the kernel as the last document says from the first moment on, whether a server answers or not,
 * and keeps a connection to the server. It listens on no port.
 */
import type { PointId } from '../app/ports/inventory.ts'
import type { Refusal } from '../domain/refusal.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../domain/resource-id.ts'
import type { Millis } from '../domain/time.ts'
import { baseTableText } from '../drivers/nftables/base-table.ts'
import type { NftablesDriver } from '../drivers/nftables/nftables-driver.ts'
import { openOrTellWhyNot } from '../drivers/nftables/unable-driver.ts'
import { createAgentClock } from './agent-clock.ts'
import type { AgentLog } from './agent-log.ts'
import { createStatusWriter, statusOf, type AgentStatus } from './state/agent-status.ts'
import { systemClocks } from './clock-source.ts'
import type { Wanted } from './keeper/desired-of-document.ts'
import { createDueTimer } from './keeper/due-timer.ts'
import { createHostKeeper } from './keeper/host-keeper.ts'
import { releasePages } from './release-pages.ts'
import type { Environment } from './link/server-line.ts'
import { createServerTalk } from './link/server-talk.ts'
import { watchForStandstill } from './keeper/standstill.ts'
import type { Identity, StateFolder } from './state/state-folder.ts'
import type { Connectivity } from './link/stay-connected.ts'
import { watchSurroundings } from './keeper/surroundings.ts'
import { tellSlow } from './link/tell-slow.ts'
import type { Seen } from './keeper/teller.ts'

export interface AgentOptions {
  readonly files: StateFolder
  readonly version: string
  readonly env: Environment
  readonly log: AgentLog
  readonly backend: 'auto' | 'library' | 'process'
  readonly ownTable: 'auto' | 'off'
  readonly signal: AbortSignal
}

/** How long after the last thing that happened what only that needed is given back. */
const AT_REST: Millis = 5_000

/** Resolves when the signal aborts; the kernel stays as it is. Throws when this host was never enrolled. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { files, log, version } = options
  const { machine } = enrolledIdentity(files)
  const source = systemClocks()
  const clock = createAgentClock(source, files.readClock())
  const host = namesOf(machine)
  const wanted = (): Wanted | undefined => keeper.wanted()
  // The driver asks only while the keeper looks.
  const driver = await openOrTellWhyNot({ ...options, ...host, clock, gateway: () => wanted()?.gateway })
  const atRest = createDueTimer(releasePages)
  const restAgain = (): void => atRest.setIn(AT_REST)
  const onConnectivity = (): void => {
    restAgain()
    status.changed()
  }
  const talk = createServerTalk({ ...options, machine, source, clock, onConnectivity })
  const onChange = (): void => talk.surroundingsChanged()
  const surroundings = watchSurroundings({ driver, machine, wanted, log, onRead: restAgain, onChange })
  const onSeen = (seen: Seen): void => {
    restAgain()
    talk.tell(seen)
    surroundings.keeperLooked()
    status.changed()
  }
  const keeper = createHostKeeper({ ...host, driver, files, clock, log, baseTable, onSeen })
  const connectivity = (): Connectivity => talk.connectivity()
  const now = (): AgentStatus => statusOf({ version, clock, files, keeper, connectivity })
  const status = createStatusWriter({ files, log, now })
  const stopWatching = watchForStandstill({ keeper, clock, source, log })
  log.info(`sallyport-agent ${version} keeps ${machine}`)
  keeper.start()
  const unsupported = await whyUnsupported(driver, log)
  try {
    await talk.about({ keeper, surroundings: () => surroundings.told(), unsupported })
  } finally {
    stopWatching()
    status.stop()
    surroundings.stop()
    atRest.stop()
    await keeper.stop()
    await driver.close()
  }
}

function enrolledIdentity(files: StateFolder): Identity {
  const identity = files.readIdentity()
  if (identity === undefined)
    throw new Error(`${files.whyNoIdentity()}; run the command that \`sallyport host enroll\` prints on the server`)
  return identity
}

function namesOf(machine: string): { readonly machine: ResourceKey; readonly point: PointId } {
  const key = resourceKey(machine as ResourceId) // the server named it so
  return { machine: key, point: `host:${key}` as PointId } // as the server calls it
}

function baseTable({ shields, gateway }: Wanted): string {
  return baseTableText(shields, gateway)
}

/** Why this host cannot be protected; empty when it can. */
async function whyUnsupported(driver: NftablesDriver, log: AgentLog): Promise<readonly Refusal[]> {
  const stopTelling = tellSlow(
    () => 'nothing is said to the server yet: what the kernel can is still being tried',
    (sentence) => log.warn(sentence),
  )
  const unsupported = await driver.probe().finally(stopTelling)
  for (const { message } of unsupported) log.error(`this host cannot be protected: ${message}`)
  return unsupported
}
