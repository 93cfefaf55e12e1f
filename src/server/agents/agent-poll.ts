/**
 * Agents that no stream reaches: each asks again and again for what there is to tell it, and every answer waits a while for
 * something. One that has not asked for a while is gone.
 */
import type { FromAgent, ToAgent } from '../../contract/agent.ts'
import type { Host, HostId } from '../../domain/hosts/host.ts'
import { SECOND, type Instant, type Millis } from '../../domain/time.ts'
import type { AgentConnection, Bye } from './agent-hub.ts'
import { beginSession, type AgentSession, type SessionDeps } from './agent-session.ts'

/** Less than what proxies wait. */
const ANSWER_WITHIN: Millis = 25 * SECOND
const SILENCE: Millis = 45 * SECOND

export interface PollCaller {
  readonly host: Host
  readonly fingerprint: string
  readonly address: string
  readonly endsAt: Instant
}

export interface AgentPolls {
  /** The next message for it; undefined when there is none for a while. */
  next(caller: PollCaller, after: string, signal: AbortSignal): Promise<ToAgent | undefined>
  heard(caller: PollCaller, message: FromAgent): void
  stop(): void
}

interface Poll {
  readonly fingerprint: string
  readonly session: AgentSession
  readonly mailbox: Mailbox
  readonly silence: NodeJS.Timeout
  heardAt: Instant
}

export function openPolls(deps: SessionDeps): AgentPolls {
  const polls = new Map<HostId, Poll>()
  const end = (id: HostId, poll: Poll): void => {
    clearTimeout(poll.silence)
    if (polls.get(id) === poll) polls.delete(id)
    poll.session.ended()
    poll.mailbox.close()
  }
  const pollOf = ({ host, fingerprint, address, endsAt }: PollCaller): Poll => {
    const known = polls.get(host.id)
    if (known?.fingerprint === fingerprint && !known.mailbox.isClosed()) {
      known.silence.refresh()
      known.heardAt = deps.clock.now()
      return known
    }
    if (known !== undefined) end(host.id, known)
    const mailbox = openMailbox()
    const connection: AgentConnection = {
      fingerprint,
      address,
      endsAt,
      send: mailbox.put,
      close: (bye) => mailbox.close(bye),
      heardAt: () => poll.heardAt,
      // Whoever asked of late is there; only a stream can be asked.
      isAlive: () => Promise.resolve(mailbox.isAwaited()),
    }
    const session = beginSession(deps, host, connection)
    const silence = setTimeout(() => end(host.id, poll), SILENCE)
    const poll: Poll = { fingerprint, session, mailbox, silence, heardAt: deps.clock.now() }
    polls.set(host.id, poll)
    return poll
  }
  return {
    next: (caller, after, signal) => pollOf(caller).mailbox.take(after, signal),
    heard: (caller, message) => {
      const known = polls.get(caller.host.id)
      if (known !== undefined && isOfAnotherBoot(known, message)) end(caller.host.id, known)
      pollOf(caller).session.heard(message)
    },
    stop: () => {
      for (const [id, poll] of polls) end(id, poll)
    },
  }
}

/** What said goodbye to nobody may have been booted anew meanwhile: its report is the first over another connection. */
function isOfAnotherBoot({ session }: Poll, message: FromAgent): boolean {
  const bootId = session.bootId()
  return message.type === 'report' && bootId !== undefined && message.report.bootId !== bootId
}

interface Mailbox {
  readonly put: (message: ToAgent) => void
  readonly take: (after: string, signal: AbortSignal) => Promise<ToAgent | undefined>
  readonly close: (bye?: Bye) => void
  /** And its last word was taken. */
  readonly isClosed: () => boolean
  readonly isAwaited: () => boolean
}

/** The newest document is kept until the agent says that it has it, for an answer may be lost. */
function openMailbox(): Mailbox {
  let document: Extract<ToAgent, { type: 'document' }> | undefined
  let others: ToAgent[] = []
  let wake: (() => void) | undefined
  let isClosed = false
  const pick = (after: string): ToAgent | undefined =>
    others.shift() ?? (document?.document.version === after ? undefined : document)
  return {
    put: (message) => {
      if (message.type === 'document') document = message
      // The clock has a call of its own.
      else if (message.type !== 'clock') others = withMessage(others, message)
      wake?.()
    },
    take: async (after, signal) => {
      const ready = pick(after)
      if (ready !== undefined || isClosed) return ready
      wake?.()
      await woken(signal, (call) => (wake = call))
      return pick(after)
    },
    close: (bye) => {
      isClosed = true
      if (bye !== undefined) others = [{ type: 'bye', ...bye }]
      wake?.()
    },
    isClosed: () => isClosed && others.length === 0,
    isAwaited: () => wake !== undefined,
  }
}

type Look = Extract<ToAgent, { type: 'look' }>

/** One look that takes in both is as good as two, and who does not ask for a while has one waiting and not a thousand. */
function withMessage(waiting: readonly ToAgent[], message: ToAgent): ToAgent[] {
  if (message.type !== 'look') return [...waiting, message]
  const looks = [...waiting.filter((one) => one.type === 'look'), message]
  return [...waiting.filter((one) => one.type !== 'look'), looks.reduce(bothLooks)]
}

function bothLooks(one: Look, other: Look): Look {
  const ids = [...(one.ids ?? []), ...(other.ids ?? [])]
  const flows = one.flows !== false || other.flows !== false
  if (one.slots === undefined || other.slots === undefined) return { type: 'look', ids, flows }
  return { type: 'look', ids, slots: [...new Set([...one.slots, ...other.slots])], flows }
}

async function woken(signal: AbortSignal, keep: (wake: (() => void) | undefined) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ANSWER_WITHIN)
  signal.addEventListener('abort', () => resolve(), { once: true })
  keep(resolve)
  await promise
  clearTimeout(timer)
  keep(undefined)
}
