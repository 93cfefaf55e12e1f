import { beforeEach, expect, it } from 'vitest'
import type { FromAgent, HostDocument } from '../contract/agent.ts'
import { createAgentClock } from './agent-clock.ts'
import { createAgentLog } from './agent-log.ts'
import { createConversation, type Conversation } from './conversation.ts'
import type { Link } from './link.ts'

let done: string[]
let sent: FromAgent[]
let conversation: Conversation

const link: Link = { send: (message) => sent.push(message), close: () => {} }
const aDocument = (version: string): HostDocument => ({
  version,
  machine: 'm',
  sentAt: 0,
  shields: [],
  holes: [],
  settings: { drift: 'repair' },
})

beforeEach(() => {
  done = []
  sent = []
  conversation = createConversation({
    keeper: {
      offer: ({ version }) => done.push(`offer ${version}`),
      look: () => done.push('look'),
      clockMoved: () => done.push('clock moved'),
    },
    clock: createAgentClock({ wall: () => 0, steady: () => 0, bootId: 'boot-1' }, undefined),
    steady: () => 0,
    log: createAgentLog({ write: () => {}, now: () => 0, toJournal: false }),
    nextSequence: () => 1,
    bootId: 'boot-1',
    facts: () => {
      throw new Error('nobody asked')
    },
    surroundings: () => Promise.resolve({ findings: [] }),
    onClock: () => done.push('clock'),
    onBye: () => done.push('bye'),
    onHello: () => done.push('hello'),
  })
  conversation.onOpen(link)
})

it('what comes before the clock is known waits for it, and is carried out in order', () => {
  conversation.onMessage({ type: 'document', document: aDocument('v1') })
  conversation.onMessage({ type: 'document', document: aDocument('v2') })
  expect([done, sent]).toEqual([[], [{ type: 'clock', sent: 0 }]])
  conversation.onMessage({ type: 'clock', sent: 0, server: 1_000 })
  expect(done).toEqual(['clock', 'clock moved', 'offer v1', 'offer v2', 'look'])
})

it('a goodbye waits for nothing', () => {
  conversation.onMessage({ type: 'bye', code: 'TakenOver', message: 'the agent came over another connection' })
  expect(done).toEqual(['bye'])
})
