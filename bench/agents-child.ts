/**
 * Thousands of agents in one process, for (l): over real TLS, without a kernel. They come back as the real one does, at random
 * times that grow further apart. Told and asked by messages of its parent.
 *
 *   fork('bench/agents-child.ts', [FILE of credentials])
 */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { waitBefore } from '../src/agent/link/backoff.ts'
import type { HostDocument } from '../src/contract/agent.ts'
import { connectAgent, type Enrolled, type SimulatedAgent } from '../test/support/simulated-agent.ts'

/** What the parent asks. */
export type ToldAgents =
  { readonly do: 'connect'; readonly server: string } | { readonly do: 'count' } | { readonly do: 'stop' }

export interface AgentsCount {
  readonly connected: number
  /** That carry a shield. */
  readonly shielded: number
  /** By source: how many agents carry a hole for it, and when the last of them got it (milliseconds since the epoch). */
  readonly holes: readonly (readonly [source: string, count: number, at: number])[]
  /** Since the last time of asking. */
  readonly attempts: number
  readonly refused: number
}

const credentials = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Enrolled[] // as the parent wrote it
const agents = new Map<number, SimulatedAgent>()
const known = credentials.map(() => new Set<string>())
const shielded = new Set<number>()
const holes = new Map<string, { count: number; at: number }>()
let attempts = 0
let refused = 0

function took(index: number, { shields, holes: told }: HostDocument): void {
  if (shields.length > 0) shielded.add(index)
  const had = known[index]
  for (const { source } of told) {
    if (had === undefined || had.has(source)) continue
    had.add(source)
    holes.set(source, { count: (holes.get(source)?.count ?? 0) + 1, at: Date.now() })
  }
}

async function live(index: number, server: string): Promise<void> {
  let sequence = 0
  let document: HostDocument | undefined
  let failures = 0
  let wait = waitBefore(0, Math.random())
  for (;;) {
    await pause(wait)
    const over = Promise.withResolvers<number | undefined>()
    try {
      attempts += 1
      const identity = credentials[index]
      if (identity === undefined) return
      const agent = await connectAgent(
        { ...identity, server },
        {
          sequence,
          document,
          onDocument: (document) => took(index, document),
          onBye: ({ retryAfter }) => over.resolve(retryAfter),
          onClose: () => over.resolve(undefined),
        },
      )
      agents.set(index, agent)
      failures = 0
      const retryAfter = await over.promise
      sequence = agent.sequence()
      document = agent.document()
      agents.delete(index)
      wait = retryAfter ?? waitBefore(failures, Math.random())
    } catch {
      refused += 1
      wait = waitBefore(failures, Math.random())
    }
    failures += 1
  }
}

process.on('message', (told: ToldAgents) => {
  if (told.do === 'stop') process.exit(0)
  if (told.do === 'connect') for (const index of credentials.keys()) void live(index, told.server)
  if (told.do === 'count') {
    const counted: AgentsCount = {
      connected: agents.size,
      shielded: shielded.size,
      holes: [...holes].map(([source, { count, at }]) => [source, count, at] as const),
      attempts,
      refused,
    }
    attempts = 0
    refused = 0
    process.send?.(counted)
  }
})
