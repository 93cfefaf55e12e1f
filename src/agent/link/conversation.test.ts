import { beforeEach, expect, it } from 'vitest'
import type { FromAgent, HostDocument, HostFacts } from '../../contract/agent.ts'
import { createAgentClock } from '../agent-clock.ts'
import { createAgentLog } from '../agent-log.ts'
import { createConversation, type Conversation } from './conversation.ts'
import type { KeeperLook } from '../keeper/host-keeper.ts'
import type { Link } from './link.ts'

let done: string[]
let looks: KeeperLook[]
let sent: FromAgent[]
let conversation: Conversation
let facts: () => HostFacts
let number: () => number

const FACTS: HostFacts = {
  agentVersion: '1.0.0',
  hostname: 'web1',
  system: 'Debian GNU/Linux 12 (bookworm)',
  kernel: '6.1.0',
  architecture: 'x64',
  addresses: [],
  bootId: 'boot-1',
  startedAt: 0,
  unsupported: [],
}

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
  looks = []
  sent = []
  number = () => 1
  facts = () => {
    throw new Error('nobody asked')
  }
  conversation = createConversation({
    keeper: {
      offer: ({ version }) => done.push(`offer ${version}`),
      look: (look) => {
        done.push('look')
        looks.push(look)
      },
      foretell: () => Promise.reject(new Error('nobody knows')),
      preflight: () => Promise.reject(new Error('nobody knows')),
      clockMoved: () => done.push('clock moved'),
    },
    clock: createAgentClock(
      { wall: () => 0, steady: () => 0, unslewed: () => undefined, battery: () => undefined, bootId: 'boot-1' },
      undefined,
    ),
    steady: () => 0,
    log: createAgentLog({ write: () => {}, now: () => 0, toJournal: false }),
    nextSequence: () => number(),
    bootId: 'boot-1',
    facts: () => facts(),
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

it('what cannot be numbered is not told, and ends the connection instead of the agent', () => {
  let closed = 0
  conversation.onOpen({ ...link, close: () => void (closed += 1) })
  conversation.onMessage({ type: 'clock', sent: 0, server: 1_000 })
  sent.length = 0
  number = () => {
    throw new Error('EROFS: read-only file system')
  }
  const state = { version: '', shields: [], held: [], lingering: [], impossible: [], left: [] }
  facts = () => FACTS
  expect(conversation.told({ state, answers: [], drift: [], cut: [], isCaughtUp: true })).toBe(false)
  expect([closed, sent]).toEqual([1, []])
})

it('a goodbye waits for nothing', () => {
  conversation.onMessage({ type: 'bye', code: 'TakenOver', message: 'the agent came over another connection' })
  expect(done).toEqual(['bye'])
})

it('a server of before there were other questions asks to look at everything, and who is connected', () => {
  conversation.onMessage({ type: 'clock', sent: 0, server: 1_000 })
  conversation.onMessage({ type: 'look' })
  conversation.onMessage({ type: 'look', ids: ['one'], slots: ['m|22|any'], flows: false })
  expect(looks.slice(1)).toEqual([
    { scope: 'all', flows: true, answers: [] },
    { scope: new Set(['m|22|any']), flows: false, answers: ['one'] },
  ])
})

it('a report says which questions it answers, also when that is none', () => {
  const state = { version: '', shields: [], held: [], lingering: [], impossible: [], left: [] }
  const seen = { state, drift: [], cut: [], isCaughtUp: true }
  conversation.onMessage({ type: 'clock', sent: 0, server: 1_000 })
  facts = () => FACTS
  conversation.told({ ...seen, answers: [] })
  conversation.told({ ...seen, answers: ['one', 'two'] })
  expect(sent.map((message) => (message.type === 'report' ? message.report.looks : message.type))).toEqual([
    'clock',
    [],
    ['one', 'two'],
  ])
})
