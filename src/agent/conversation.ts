/**
 * What is said over one link: the clock first, for without it nobody can tell what has ended; then what this host is and
 * what its kernel carries; then documents, which the keeper carries out, and a report of whatever it sees.
 */
import type { FromAgent, HostFacts, HostReport, ToAgent } from '../contract/agent.ts'
import type { Slot } from '../domain/access/hole.ts'
import type { Step } from '../app/ports.ts'
import type { Millis } from '../domain/time.ts'
import type { AgentClock } from './agent-clock.ts'
import { sentenceOf, type AgentLog } from './agent-log.ts'
import type { HostKeeper, KeeperLook } from './host-keeper.ts'
import type { Link, LinkEvents } from './link.ts'
import type { Seen } from './teller.ts'

export type Bye = Extract<ToAgent, { type: 'bye' }>

export interface ConversationDeps {
  readonly keeper: Pick<HostKeeper, 'offer' | 'look' | 'foretell' | 'clockMoved'>
  readonly clock: AgentClock
  readonly steady: () => Millis
  readonly log: AgentLog
  readonly nextSequence: () => number
  readonly bootId: string
  readonly facts: () => HostFacts
  /** What is told at the beginning, and takes its time to find out. */
  readonly surroundings: () => Promise<Pick<HostReport, 'findings' | 'exposures'>>
  readonly onClock: () => void
  readonly onBye: (bye: Bye) => void
  /** The server has had the first report. */
  readonly onHello: () => void
}

export interface Conversation extends LinkEvents {
  /** Tells the server; false when it does not listen just now. */
  told(seen: Seen): boolean
  /** Tells what is around, because it changed. */
  surroundingsChanged(): void
  /** Asks for the server's clock. */
  askClock(): void
  end(): void
}

/** A clock that moved less is none that a hole's end would be written anew for. */
const MOVED: Millis = 20

export function createConversation(deps: ConversationDeps): Conversation {
  const { keeper, clock, log } = deps
  let link: Link | undefined
  let early: ToAgent[] | undefined = []
  let isFirst = true
  let roundTrip: Millis = 0
  /** Goes with the next report. */
  let extra: Partial<HostReport> = {}

  const askClock = (): void => link?.send({ type: 'clock', sent: deps.steady() })

  const measured = (sent: Millis, server: number): void => {
    const before = clock.isKnown() ? clock.now() : Number.NaN
    clock.measured({ sent, server })
    roundTrip = deps.steady() - sent
    deps.onClock()
    // Also when it was not known before: then the difference is not a number.
    if (!(Math.abs(clock.now() - before) < MOVED)) keeper.clockMoved()
    begin()
  }

  /** Nothing is carried out before the clock is known, and nothing is reported before what came so far is carried out. */
  const begin = (): void => {
    if (early === undefined) return
    const waiting = early
    early = undefined
    for (const message of waiting) act(message)
    keeper.look(EVERYTHING)
  }

  const act = (message: ToAgent): void => {
    switch (message.type) {
      case 'clock':
        return measured(message.sent, message.server)
      case 'document':
        return offer(message)
      case 'look':
        return keeper.look(lookFrom(message))
      case 'plan':
        return void plan(message)
      case 'logs':
        return link?.send(logsFor(message, log))
      case 'bye':
        return deps.onBye(message)
    }
  }

  const offer = ({ document }: Extract<ToAgent, { type: 'document' }>): void => {
    clock.atLeast(document.sentAt)
    try {
      keeper.offer(document)
    } catch (error) {
      log.error(`the last document stays in force: ${sentenceOf(error)}`)
      keeper.look(NOTHING_NEW)
    }
  }

  const plan = async ({ id, document }: Extract<ToAgent, { type: 'plan' }>): Promise<void> => {
    try {
      const steps = await keeper.foretell(document)
      link?.send({ type: 'plan', id, steps: steps.map(stepOnWire) })
    } catch (error) {
      link?.send({ type: 'plan', id, failure: sentenceOf(error) })
    }
  }

  const report = ({ state, answers, drift, cut, flows }: Seen): HostReport => ({
    sequence: deps.nextSequence(),
    bootId: deps.bootId,
    state,
    looks: [...answers],
    ...(drift.length === 0 ? {} : { drift }),
    ...(cut.length === 0 ? {} : { cut }),
    ...(flows === undefined ? {} : { flows: [...flows] }),
    ...extra,
  })

  const lookAround = async (): Promise<void> => {
    extra = { ...(await deps.surroundings()), ...extra }
    keeper.look(NOTHING_NEW)
  }

  const hello = (): void => {
    isFirst = false
    extra = { facts: deps.facts(), clock: { wallOffset: clock.wallOffset(), roundTrip } }
    void lookAround()
  }

  return {
    onOpen: (opened) => {
      link = opened
      askClock()
    },
    onMessage: (message) => {
      if (early !== undefined && message.type !== 'clock' && message.type !== 'bye') early.push(message)
      else act(message)
    },
    told: (seen) => {
      if (link === undefined || early !== undefined || (isFirst && !seen.isCaughtUp)) return false
      const wasFirst = isFirst
      if (wasFirst) hello()
      link.send({ type: 'report', report: report(seen) })
      extra = {}
      if (wasFirst) deps.onHello()
      return true
    },
    surroundingsChanged: () => {
      if (!isFirst) void lookAround()
    },
    askClock,
    end: () => {
      link = undefined
    },
  }
}

const EVERYTHING: KeeperLook = { scope: 'all', flows: false, answers: [] }
/** What was seen last is told again. */
const NOTHING_NEW: KeeperLook = { scope: new Set(), flows: false, answers: [] }

function lookFrom({ ids = [], slots, flows = true }: Extract<ToAgent, { type: 'look' }>): KeeperLook {
  return { scope: slots === undefined ? 'all' : new Set(slots as Slot[]), flows, answers: ids } // as slotOf made them on the server
}

function logsFor({ id, lines }: Extract<ToAgent, { type: 'logs' }>, log: AgentLog): FromAgent {
  return { type: 'logs', id, lines: log.newest(lines).map((line) => ({ ...line })) }
}

type PlanStep = NonNullable<Extract<FromAgent, { type: 'plan' }>['steps']>[number]

function stepOnWire({ also = [], facts, ...step }: Step): PlanStep {
  const clauses = also.map((clause) => ({ ...clause, facts: { ...clause.facts } }))
  return { ...step, facts: { ...facts }, also: clauses }
}
