/**
 * What the agent and its server say to each other over all the connections of its life: one conversation after the other,
 * and what belongs on record is kept where nobody listens.
 */
import type { Refusal } from '../../domain/refusal.ts'
import type { ClockSource } from '../agent-clock.ts'
import { createConversation, type Conversation, type ConversationDeps } from './conversation.ts'
import { keepClock } from '../state/kept-clock.ts'
import { createSequence } from './sequence.ts'
import type { StateFolder } from '../state/state-folder.ts'
import { stayConnected, type Connectivity, type StayConnectedDeps } from './stay-connected.ts'
import { systemFacts } from '../system-facts.ts'
import type { Seen } from '../keeper/teller.ts'
import { keepUntold } from '../keeper/untold.ts'

export interface ServerTalkDeps extends Omit<StayConnectedDeps, 'files' | 'converse' | 'onChange'> {
  readonly files: StayConnectedDeps['files'] & Pick<StateFolder, 'writeClock' | 'reserveSequence'>
  readonly version: string
  readonly source: ClockSource
  readonly onConnectivity: () => void
}

/** Whom it is about. */
export interface TalkedAbout extends Pick<ConversationDeps, 'keeper' | 'surroundings'> {
  /** Why this host cannot be protected. */
  readonly unsupported: readonly Refusal[]
}

export interface ServerTalk {
  tell(seen: Seen): void
  surroundingsChanged(): void
  connectivity(): Connectivity
  /** Talks until the signal aborts; rejects as `stayConnected` does. */
  about(host: TalkedAbout): Promise<void>
}

export function createServerTalk(deps: ServerTalkDeps): ServerTalk {
  let connectivity: Connectivity = { trouble: 'not connected yet' }
  let conversation: Conversation | undefined
  return {
    tell: keepUntold((seen) => conversation?.told(seen) === true),
    surroundingsChanged: () => conversation?.surroundingsChanged(),
    connectivity: () => connectivity,
    about: (host) => {
      const lasting = lastingDeps(deps, host)
      const onClock = keepClock(deps)
      return stayConnected({
        ...deps,
        converse: (on) => {
          conversation = createConversation({ ...lasting, ...on, onClock })
          return conversation
        },
        onChange: (next) => {
          connectivity = next
          deps.onConnectivity()
        },
      })
    },
  }
}

/** What every conversation goes on with. */
function lastingDeps(
  { files, version, source, clock, log }: ServerTalkDeps,
  { keeper, surroundings, unsupported }: TalkedAbout,
): Omit<ConversationDeps, 'onClock' | 'onHello' | 'onBye'> {
  const startedAt = clock.now()
  return {
    keeper,
    surroundings,
    clock,
    log,
    steady: () => source.steady(),
    bootId: source.bootId,
    nextSequence: createSequence(files),
    facts: () => systemFacts({ agentVersion: version, startedAt, unsupported }),
  }
}
