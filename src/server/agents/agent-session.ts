/**
 * One connection of an agent, from its first report to its end, whatever carries it. The first report is put on record
 * before anything is believed; a sequence that does not grow, or another boot of a machine that still answers, is a second
 * machine with the same key.
 */
import type { AgentPresence } from '../../app/hosts/agent-presence.ts'
import type { App } from '../../app/app.ts'
import { NOT_IN_FORCE } from '../../app/hosts/enrol-host.ts'
import type { HostSighting } from '../../app/ports/host-record.ts'
import type { Clone } from '../../app/hosts/revoke-host.ts'
import type { FromAgent, HostReport } from '../../contract/agent.ts'
import type { Host } from '../../domain/hosts/host.ts'
import type { AgentConnection, AgentHub, Bye } from './agent-hub.ts'
import type { WaitingStreams } from './waiting-streams.ts'

export interface SessionDeps extends Pick<App, 'clock' | 'log' | 'owner'> {
  readonly hub: AgentHub
  /** That an agent has left, it is told by the hub. */
  readonly presence: Pick<AgentPresence, 'arrived' | 'saw' | 'left'>
  readonly waiting: WaitingStreams
  readonly onClone: (clone: Clone) => void
}

export interface AgentSession {
  heard(message: FromAgent): void
  /** Of the newest report. */
  bootId(): string | undefined
  ended(): void
}

/** In characters: more than any host has to say of itself, and less than what would hurt to read for thousands. */
const MOST_FACTS = 64 * 1024

export function beginSession(deps: SessionDeps, host: Host, connection: AgentConnection): AgentSession {
  const { hub, presence, clock, log } = deps
  /** What the record has of it; told again only when it changes. */
  let facts = host.facts
  let newest: HostReport | undefined
  let state: 'new' | 'arriving' | 'here' | 'over' = 'new'
  const settled = deps.waiting.enter(host.id, connection)

  const sightingOf = ({ sequence, bootId, facts: told }: HostReport): HostSighting => {
    const text = told === undefined ? facts : JSON.stringify(told)
    const sighting = { host: host.id, at: clock.now(), sequence, bootId }
    if (text === undefined || text === facts || text.length > MOST_FACTS) return sighting
    facts = text
    return { ...sighting, facts: text }
  }

  const over = (): void => {
    state = 'over'
    settled()
  }

  const turnAway = (why: Bye): void => {
    over()
    connection.close(why)
  }

  const isClone = (why: string): void => {
    over()
    hub.end(host.id, connection)
    connection.close({ code: 'HostCloned', message: `${why}: enrol the host anew` })
    const { fingerprint, address } = connection
    deps.onClone({ host: host.id, fingerprint, address, why })
  }

  const arrive = async (report: HostReport): Promise<void> => {
    state = 'arriving'
    const isMoving = host.servedBy !== undefined && host.servedBy !== deps.owner
    const { fingerprint } = connection
    const reception = await presence.arrived({ ...sightingOf(report), fingerprint, isMoving })
    if (ended()) return reception === 'here' ? presence.left(host.id, connection.heardAt()) : undefined
    if (reception === 'untrusted') return turnAway(NOT_IN_FORCE)
    if (reception === 'stale') return isClone(`sequence ${report.sequence} of ${host.name} was seen before`)
    state = 'here'
    settled()
    // What it reported meanwhile is of no record yet.
    if (newest !== undefined && newest !== report) presence.saw(sightingOf(newest))
    takeOver(newest ?? report)
  }

  /** Asked again, because it changes while a promise is waited for. */
  const ended = (): boolean => state === 'over'

  const takeOver = (report: HostReport): void => {
    const before = hub.begin(host.id, connection, report)
    if (before === undefined) return
    const bye = { code: 'TakenOver', message: 'the agent came over another connection' }
    if (before.report.bootId === report.bootId) return before.connection.close(bye)
    void judgeTwo(before.connection, bye)
  }

  const judgeTwo = async (before: AgentConnection, bye: Bye): Promise<void> => {
    const isAlive = await before.isAlive()
    before.close(bye)
    if (isAlive) isClone(`two machines are connected as ${host.name} at once`)
  }

  const reported = (report: HostReport): void => {
    const before = newest
    if (before !== undefined && (report.sequence <= before.sequence || report.bootId !== before.bootId))
      return isClone(`what ${host.name} reports goes back from ${before.sequence} to ${report.sequence}`)
    newest = report
    if (state === 'new') {
      arrive(report).catch((cause: unknown) => {
        log.warn({ host: host.name, cause }, 'an agent could not be put on record; it comes again')
        connection.close({ code: 'TryAgain', message: 'the server cannot keep a record just now' })
      })
    } else if (state === 'here') {
      presence.saw(sightingOf(report))
      hub.reported(host.id, connection, report)
    }
  }

  return {
    heard: (message) => {
      if (state === 'over') return
      if (message.type === 'clock') connection.send({ ...message, server: clock.now() })
      else if (message.type === 'logs') hub.toldLogs(host.id, connection, message)
      else if (message.type === 'plan') hub.toldPlan(host.id, connection, message)
      else if (message.type === 'preflight') hub.toldPreflight(host.id, connection, message)
      else reported(message.report)
    },
    bootId: () => newest?.bootId,
    ended: () => {
      over()
      hub.end(host.id, connection)
    },
  }
}
