/**
 * What is said over one link: the clock first, for without it nobody can tell what has ended; then what this host is and
 * what its kernel carries; then documents, which the keeper carries out, and a report of whatever it sees.
 */
import type { HostReport, ToAgent } from '../../contract/agent.ts'
import type { Millis } from '../../domain/time.ts'
import type { AgentClock } from '../agent-clock.ts'
import { sentenceOf, type AgentLog } from '../agent-log.ts'
import { carryOut, type Order } from '../carry-out.ts'
import { NOTHING_NEW, type HostKeeper, type KeeperLook } from '../keeper/host-keeper.ts'
import type { Link, LinkEvents } from './link.ts'
import { createReports, type ReportsDeps } from './reports.ts'
import type { Seen } from '../keeper/teller.ts'

export type Bye = Extract<ToAgent, { type: 'bye' }>

export interface ConversationDeps extends Omit<ReportsDeps, 'clockFacts' | 'onMore'> {
  readonly keeper: Pick<HostKeeper, 'offer' | 'look' | 'foretell' | 'preflight' | 'clockMoved'>
  readonly clock: AgentClock
  readonly steady: () => Millis
  readonly log: AgentLog
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

export function createConversation(deps: ConversationDeps): Conversation {
  const { keeper, clock, log, steady } = deps
  let link: Link | undefined
  /** What came before the clock was known. */
  let early: Order[] | undefined = []
  let roundTrip: Millis = 0
  const reports = createReports({
    ...deps,
    clockFacts: () => ({ wallOffset: clock.wallOffset(), roundTrip }),
    onMore: () => keeper.look(NOTHING_NEW),
  })

  const askClock = (): void => link?.send({ type: 'clock', sent: steady() })
  const carry = (order: Order): void => carryOut(order, { keeper, clock, log, send: (answer) => link?.send(answer) })

  /** Nothing is carried out before the clock is known, and nothing is reported before what came so far is carried out. */
  const begin = (): void => {
    if (early === undefined) return
    const waiting = early
    early = undefined
    for (const order of waiting) carry(order)
    keeper.look(EVERYTHING)
  }

  /** A number that may have been given before shuts this host out: where none can be set aside, nothing is told. */
  const numbered = (seen: Seen): HostReport | undefined => {
    try {
      return reports.next(seen)
    } catch (error) {
      log.error(`nothing can be told to the server, for reports cannot be numbered: ${sentenceOf(error)}`)
      link?.close()
      return undefined
    }
  }

  return {
    onOpen: (opened) => {
      link = opened
      askClock()
    },
    onMessage: (message) => {
      if (message.type === 'bye') deps.onBye(message)
      else if (message.type === 'clock') {
        roundTrip = measure(message, deps)
        begin()
      } else if (early === undefined) carry(message)
      else early.push(message)
    },
    told: (seen) => {
      const isFirst = reports.isFirst()
      if (link === undefined || early !== undefined || (isFirst && !seen.isCaughtUp)) return false
      const report = numbered(seen)
      if (report === undefined) return false
      link.send({ type: 'report', report })
      if (isFirst) deps.onHello()
      return true
    },
    surroundingsChanged: () => reports.surroundingsChanged(),
    askClock,
    end: () => {
      link = undefined
    },
  }
}

const EVERYTHING: KeeperLook = { scope: 'all', flows: false, answers: [] }

/** A clock that moved less is none that a hole's end would be written anew for. */
const MOVED: Millis = 20

type ClockAnswer = Extract<ToAgent, { type: 'clock' }>

/** Returns how long the server's answer took. */
function measure({ sent, server }: ClockAnswer, { clock, keeper, steady, onClock }: ConversationDeps): Millis {
  const before = clock.isKnown() ? clock.now() : Number.NaN
  clock.measured({ sent, server })
  const roundTrip = steady() - sent
  onClock()
  // Also when it was not known before: then the difference is not a number.
  if (!(Math.abs(clock.now() - before) < MOVED)) keeper.clockMoved()
  return roundTrip
}
