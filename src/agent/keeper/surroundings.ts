/**
 * What is around the tables that the agent keeps: the rules of others, what a person should know about them, and whom they let in.
 * What cannot be read is not told: the server then goes on with nothing rather than with a guess.
 */
import type { HostReport } from '../../contract/agent.ts'
import type { Millis } from '../../domain/time.ts'
import { watchPosture, type PostureWatch } from '../../drivers/nftables/foreign/posture-watch.ts'
import type { NftablesDriver } from '../../drivers/nftables/nftables-driver.ts'
import { sentenceOf, type AgentLog } from '../agent-log.ts'
import { frameOf, type Wanted } from './desired-of-document.ts'
import { exposuresOnWire } from './exposures-on-wire.ts'

export interface SurroundingsDeps {
  readonly driver: Pick<NftablesDriver, 'posture' | 'doctor'>
  /** As the server named this host. */
  readonly machine: string
  readonly wanted: () => Wanted | undefined
  readonly log: AgentLog
  /** Before every reading. */
  readonly onRead: () => void
  readonly onChange: () => void
}

export interface Surroundings {
  /** What is told of them; takes its time to find out. */
  told(): Promise<Pick<HostReport, 'findings' | 'exposures'>>
  /** The kernel was looked at: what we close, and whom we guard, changes who gets in. */
  keeperLooked(): void
  stop(): void
}

/** A program that begins to listen tells nobody; an agent at rest costs as good as nothing all the same. */
const POSTURE_EVERY: Millis = 60_000

export function watchSurroundings(deps: SurroundingsDeps): Surroundings {
  const { driver, wanted, log, onRead, onChange } = deps
  const posture = watchPosture({
    read: () => {
      onRead()
      return driver.posture()
    },
    every: POSTURE_EVERY,
    onChange,
    onFailure: (error) => log.warn(`who gets in here cannot be told: ${sentenceOf(error)}`),
  })
  let frame = ''
  return {
    told: () => surroundingsOnWire(deps, posture),
    keeperLooked: () => {
      const now = wanted()
      const next = now === undefined ? '' : frameOf(now)
      if (next === frame) return
      frame = next
      posture.soon()
      onChange()
    },
    stop: () => posture.stop(),
  }
}

async function surroundingsOnWire(
  { driver, machine, wanted, log }: SurroundingsDeps,
  posture: PostureWatch,
): ReturnType<Surroundings['told']> {
  try {
    await posture.settled()
    const reading = posture.now()
    const findings = [...(await driver.doctor())]
    if (reading === undefined) return { findings }
    return { findings, exposures: exposuresOnWire(reading, machine, wanted()) }
  } catch (error) {
    log.warn(`the rules of others could not be read: ${sentenceOf(error)}`)
    return {}
  }
}
