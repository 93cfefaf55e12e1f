/**
 * The agent's life: keeps the kernel as the last document says from the first moment on, whether a server answers or not,
 * and keeps a connection to the server. It listens on no port.
 */
import type { HostReport } from '../contract/agent.ts'
import { resourceKey, type ResourceId } from '../domain/resource-id.ts'
import { SECOND, type Millis } from '../domain/time.ts'
import type { PointId } from '../app/ports.ts'
import type { ProtectedPort } from '../domain/access/desired.ts'
import type { Gateway } from '../domain/hosts/gateway.ts'
import { MANAGEMENT_PORTS, type Exposure } from '../domain/posture.ts'
import { exposuresBehind, hostExposures, type HostReading } from '../drivers/nftables/foreign/host-exposures.ts'
import { watchClock } from '../drivers/nftables/kernel/clock-watch.ts'
import { watchPosture, type PostureWatch } from '../drivers/nftables/foreign/posture-watch.ts'
import { frameOf, type Wanted } from './desired-of-document.ts'
import { baseTableText } from '../drivers/nftables/base-table.ts'
import type { NftablesDriver } from '../drivers/nftables/nftables-driver.ts'
import { openOrTellWhyNot } from '../drivers/nftables/unable-driver.ts'
import { createAgentClock, type AgentClock } from './agent-clock.ts'
import { sentenceOf, type AgentLog } from './agent-log.ts'
import { createStatusWriter, type AgentStatus } from './agent-status.ts'
import { systemClocks } from './clock-source.ts'
import { createDueTimer } from './due-timer.ts'
import { createConversation, type Conversation } from './conversation.ts'
import { createHostKeeper } from './host-keeper.ts'
import { createSequence } from './sequence.ts'
import type { Environment } from './server-line.ts'
import type { ClockReading, StateFolder } from './state-folder.ts'
import { stayConnected, type Connectivity } from './stay-connected.ts'
import { releasePages } from './release-pages.ts'
import { systemFacts } from './system-facts.ts'
import { tellSlow } from './tell-slow.ts'
import { keepUntold } from './untold.ts'

export interface AgentOptions {
  readonly files: StateFolder
  readonly version: string
  readonly env: Environment
  readonly log: AgentLog
  readonly backend: 'auto' | 'library' | 'process'
  readonly ownTable: 'auto' | 'off'
  readonly signal: AbortSignal
}

/** Nothing tells a virtual machine that it was paused, nor a process that it slept: so often it is looked for. */
const STANDSTILL_WITHIN: Millis = 250
/** How long after the last thing that happened what only that needed is given back. */
const AT_REST: Millis = 5_000

/** Resolves when the signal aborts; the kernel stays as it is. Throws when this host was never enrolled. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { files, log, version } = options
  const identity = files.readIdentity()
  if (identity === undefined)
    throw new Error('this host is not enrolled; run the command that `sallyport host enroll` printed')
  const source = systemClocks()
  const clock = createAgentClock(source, files.readClock())
  const machine = resourceKey(identity.machine as ResourceId) // the server named it so
  const point = `host:${machine}` as PointId // as the server calls it
  // The driver asks only while the keeper looks.
  const gateway = (): Gateway | undefined => keeper.wanted()?.gateway
  const driver = await openOrTellWhyNot({ ...options, point, machine, clock, gateway })
  const atRest = createDueTimer(releasePages)
  const posture = watchPosture({
    read: () => {
      atRest.setIn(AT_REST)
      return driver.posture()
    },
    every: POSTURE_EVERY,
    onChange: () => conversation?.surroundingsChanged(),
    onFailure: (error) => log.warn(`who gets in here cannot be told: ${sentenceOf(error)}`),
  })
  let connectivity: Connectivity = { trouble: 'not connected yet' }
  let conversation: Conversation | undefined
  const tell = keepUntold((seen) => conversation?.told(seen) === true)
  let frame = ''
  /** What we close, and whom we guard, changes who gets in. */
  const reframed = (): void => {
    const wanted = keeper.wanted()
    const next = wanted === undefined ? '' : frameOf(wanted)
    if (next === frame) return
    frame = next
    posture.soon()
    conversation?.surroundingsChanged()
  }
  const keeper = createHostKeeper({
    driver,
    point,
    machine,
    files,
    clock,
    log,
    baseTable: ({ shields, gateway }) => baseTableText(shields, gateway),
    onSeen: (seen) => {
      atRest.setIn(AT_REST)
      tell(seen)
      reframed()
      status.changed()
    },
  })
  const status = createStatusWriter(files, () => {
    const { since, by, trouble } = connectivity
    const { recommendedVersion } = keeper.wanted()?.document.settings ?? {}
    return {
      pid: process.pid,
      version,
      at: clock.now(),
      renewAt: files.readIdentity()?.renewAt ?? 0,
      state: keeper.state(),
      ...(since === undefined ? {} : { connectedSince: since }),
      ...(by === undefined ? {} : { by }),
      ...(trouble === undefined ? {} : { trouble }),
      ...(recommendedVersion === undefined ? {} : { recommendedVersion }),
    } satisfies AgentStatus
  })
  const stopWatching = watchClock(
    () => {
      if (keeper.isOpen()) clock.askBattery()
      return clock.now() - source.steady()
    },
    (moved) => {
      if (!keeper.isOpen()) return
      if (moved > SECOND)
        log.warn(`the clock went on by ${moved} ms, as where this machine stood still; ends are set anew`)
      keeper.clockMoved()
    },
    STANDSTILL_WITHIN,
  )
  log.info(`sallyport-agent ${version} keeps ${identity.machine}`)
  keeper.start()
  const stopTelling = tellSlow(
    () => 'nothing is said to the server yet: what the kernel can is still being tried',
    (sentence) => log.warn(sentence),
  )
  const unsupported = await driver.probe().finally(stopTelling)
  for (const { message } of unsupported) log.error(`this host cannot be protected: ${message}`)
  const startedAt = clock.now()
  const facts = () => systemFacts({ agentVersion: version, startedAt, unsupported })
  const nextSequence = createSequence(files)
  try {
    await stayConnected({
      ...options,
      machine: identity.machine,
      clock,
      converse: (on) => {
        conversation = createConversation({
          ...on,
          keeper,
          clock,
          log,
          steady: () => source.steady(),
          nextSequence,
          bootId: source.bootId,
          facts,
          surroundings: () =>
            surroundings({ driver, posture, log, wanted: () => keeper.wanted(), machine: identity.machine }),
          onClock: clockKeeper(clock, files),
        })
        return conversation
      },
      onChange: (next) => {
        connectivity = next
        atRest.setIn(AT_REST)
        status.changed()
      },
    })
  } finally {
    stopWatching()
    status.stop()
    posture.stop()
    atRest.stop()
    await keeper.stop()
    await driver.close()
  }
}

interface Surroundings {
  readonly driver: NftablesDriver
  readonly posture: PostureWatch
  readonly log: AgentLog
  readonly wanted: () => Wanted | undefined
  readonly machine: string
}

async function surroundings({
  driver,
  posture,
  log,
  wanted,
  machine,
}: Surroundings): Promise<Pick<HostReport, 'findings' | 'exposures'>> {
  try {
    await posture.settled()
    const reading = posture.now()
    const findings = [...(await driver.doctor())]
    if (reading === undefined) return { findings }
    return { findings, exposures: exposuresFrom(reading, machine, wanted()) }
  } catch (error) {
    log.warn(`the rules of others could not be read: ${sentenceOf(error)}`)
    return {}
  }
}

type WireExposures = NonNullable<HostReport['exposures']>

/** Of this host and of every machine behind it. */
function exposuresFrom(reading: HostReading, host: string, wanted: Wanted | undefined): WireExposures {
  const behind = [...(wanted?.gateway?.machines.values() ?? [])]
  return [
    { machine: host, exposures: written(hostExposures(reading, portsOf(wanted, host))) },
    ...behind.map(({ id, addresses }) => ({
      machine: id,
      exposures: written(exposuresBehind(reading, addresses, portsOf(wanted, id))),
    })),
  ]
}

function written(exposures: readonly Exposure[]): WireExposures[number]['exposures'] {
  return exposures.map((exposure) => ({
    ...exposure,
    from: [...exposure.from],
    through: exposure.through.map((rule) => ({ ...rule })),
    grants: [],
  }))
}

/** Those by which machines are managed, and those that a policy names. */
function portsOf(wanted: Wanted | undefined, of: string): readonly ProtectedPort[] {
  const named = (wanted?.shields ?? []).filter(({ machine }) => machine.toLowerCase() === of.toLowerCase())
  const all = [...MANAGEMENT_PORTS, ...named.flatMap(({ ports }) => ports)]
  return [...new Map(all.map((port) => [`${port.number}/${port.protocol}`, port])).values()]
}

/** A program that begins to listen tells nobody; an agent at rest costs as good as nothing all the same. */
const POSTURE_EVERY = 60_000

/** Less is what the next measurement differs by anyway. */
const WORTH_WRITING = 5

/** Writes down what was measured, when it differs: a restart without the server goes on with it. */
function clockKeeper(clock: AgentClock, files: Pick<StateFolder, 'writeClock'>): () => void {
  let written: ClockReading | undefined
  return () => {
    const reading = clock.reading()
    const moved = Math.max(
      Math.abs(reading.steadyOffset - (written?.steadyOffset ?? 0)),
      Math.abs(reading.wallOffset - (written?.wallOffset ?? 0)),
    )
    if (moved < WORTH_WRITING) return
    files.writeClock(reading)
    written = reading
  }
}
