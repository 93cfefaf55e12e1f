/** Keeps one connection to the server, for ever: again after each end of one, at random times that grow further apart. */
import { setTimeout as pause } from 'node:timers/promises'
import { DAY, MINUTE, SECOND, type Instant, type Millis } from '../../domain/time.ts'
import type { AgentClock } from '../agent-clock.ts'
import { sentenceOf, type AgentLog } from '../agent-log.ts'
import { waitBefore } from './backoff.ts'
import type { Bye, Conversation } from './conversation.ts'
import { createDueTimer } from '../keeper/due-timer.ts'
import { renewIdentity } from '../enroll-host.ts'
import { wayTo } from './line-agent.ts'
import type { LinkEvents, OpenLink } from './link.ts'
import { pollLink } from './poll-link.ts'
import { openServerLine, Refused, type Environment } from './server-line.ts'
import type { Identity, StateFolder } from '../state/state-folder.ts'
import { NoStream, streamLink } from './stream-link.ts'
import { tellSlow } from './tell-slow.ts'

export interface Connectivity {
  readonly since?: Instant
  readonly by?: 'stream' | 'poll'
  readonly trouble?: string
}

export interface StayConnectedDeps {
  readonly files: Pick<StateFolder, 'readIdentity' | 'writeIdentity' | 'whyNoIdentity'>
  readonly machine: string
  readonly env: Environment
  readonly clock: AgentClock
  readonly log: AgentLog
  readonly converse: (on: ConversationEvents) => Conversation
  readonly onChange: (connectivity: Connectivity) => void
  readonly signal: AbortSignal
}

interface ConversationEvents {
  readonly onHello: () => void
  readonly onBye: (bye: Bye) => void
}

/** The server refused this host itself: it will not come back on its own, but whoever enrols it again should not wait long. */
const WHEN_REFUSED: Millis = 15 * SECOND
const WHEN_RENEWAL_FAILED: Millis = 30 * MINUTE
const CLOCK_EVERY: Millis = 30 * SECOND
/** For how long what does not let a stream through is not asked again. */
const POLL_FOR: Millis = 10 * MINUTE

/** What this process keeps is not this host's any more: the service starts it again, and it begins with what is. */
class AnotherMachine extends Error {
  override readonly name = 'AnotherMachine'
  constructor() {
    super('this host is enrolled as another machine now; the agent must be started again')
  }
}

/** Ends when the signal aborts; rejects when the host was enrolled as another machine. */
export async function stayConnected(deps: StayConnectedDeps): Promise<void> {
  const { clock, log, onChange, signal } = deps
  let failures = 0
  let pollUntil = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    const by = clock.now() < pollUntil ? 'poll' : 'stream'
    let wait: Millis | undefined
    try {
      const bye = await oneConnection(deps, by, () => (failures = 0))
      if (signal.aborted) return
      wait = waitAfter(bye)
      log.warn(sentenceOfEnd(bye))
      onChange({ trouble: sentenceOfEnd(bye) })
    } catch (error) {
      if (error instanceof AnotherMachine) throw error
      if (error instanceof NoStream) pollUntil = clock.now() + POLL_FOR
      if (error instanceof Refused) wait = WHEN_REFUSED
      log.warn(`not connected: ${sentenceOf(error)}`)
      onChange({ trouble: sentenceOf(error) })
    }
    wait ??= waitBefore(failures, Math.random())
    failures += 1
    await pause(wait, undefined, { signal }).catch(() => undefined)
  }
}

/** The server told each agent another time, where it knew beforehand. */
function waitAfter(bye: Bye | undefined): Millis | undefined {
  if (bye?.retryAfter === undefined) return bye?.code.startsWith('Host') === true ? WHEN_REFUSED : undefined
  return bye.retryAfter + waitBefore(0, Math.random())
}

function sentenceOfEnd(bye: Bye | undefined): string {
  return bye === undefined ? 'the connection ended' : `the server ended the connection: ${bye.message} (${bye.code})`
}

/** Resolves with the server's goodbye, if it said one. */
async function oneConnection(
  deps: StayConnectedDeps,
  by: 'stream' | 'poll',
  onHello: () => void,
): Promise<Bye | undefined> {
  const { files, env, clock, log, onChange } = deps
  const identity = files.readIdentity()
  // Read anew each time, for it may have been enrolled again; as another machine it begins anew too.
  if (identity === undefined) throw new Error(files.whyNoIdentity())
  if (identity.machine !== deps.machine) throw new AnotherMachine()
  const line = openServerLine({ ...identity, env })
  const open: OpenLink = by === 'stream' ? streamLink(line) : pollLink(line)
  const end = new AbortController()
  let bye: Bye | undefined
  let far = 'no answer'
  const stopTelling = tellSlow(
    () => `still connecting to ${wayTo(identity.server, env)} by ${by}: ${far}`,
    (sentence) => {
      log.warn(sentence)
      onChange({ trouble: sentence })
    },
  )
  const conversation = deps.converse({
    onHello: () => {
      onHello()
      stopTelling()
      log.info(`connected to ${identity.server} by ${by}`)
      onChange({ since: clock.now(), by })
    },
    onBye: (said) => {
      bye = said
    },
  })
  const events: LinkEvents = {
    onOpen: (link) => {
      far = 'it answers, and what this host carries is not told yet'
      conversation.onOpen(link)
    },
    onMessage: (message) => conversation.onMessage(message),
  }
  const asking = setInterval(() => conversation.askClock(), CLOCK_EVERY)
  const renewal = renewWhenDue({ ...deps, identity, onRenewed: () => end.abort() })
  try {
    await open(events, AbortSignal.any([deps.signal, end.signal]))
    return bye
  } catch (error) {
    if (bye === undefined) throw error
    return bye
  } finally {
    stopTelling()
    clearInterval(asking)
    renewal.stop()
    conversation.end()
    line.close()
  }
}

interface Renewal extends Pick<StayConnectedDeps, 'files' | 'env' | 'clock' | 'log'> {
  readonly identity: Identity
  readonly onRenewed: () => void
}

/** The connection is made anew with the new certificate, so that the server may forget the old one. */
function renewWhenDue({ files, env, clock, log, identity, onRenewed }: Renewal): { stop(): void } {
  const timer = createDueTimer(() => {
    const left = identity.renewAt - clock.now()
    if (left > 0) return timer.setIn(Math.min(left, DAY))
    void renew()
  })
  const renew = async (): Promise<void> => {
    try {
      await renewIdentity(files, identity, env)
      log.info('the certificate was renewed')
      onRenewed()
    } catch (error) {
      log.warn(`the certificate could not be renewed, which is tried again: ${sentenceOf(error)}`)
      timer.setIn(WHEN_RENEWAL_FAILED)
    }
  }
  timer.setIn(Math.min(Math.max(identity.renewAt - clock.now(), 0), DAY))
  return timer
}
