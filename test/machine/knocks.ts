/**
 * Judges the knocks: each answer from port 22 must have a grant for its source that lives. Counts both sides, so that
 * silence is never taken for safety: at a port beside it that nobody protects, knocks were answered.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface KnockOrder {
  readonly to: string
  readonly port: number
  /** Nobody listens there and nobody protects it. */
  readonly unprotected: number
  /** From where, and how many milliseconds lie between two knocks. */
  readonly operator: readonly [string, number]
  readonly stranger: readonly [string, number]
}

export interface Answered {
  readonly from: string
  readonly sent: number
  readonly at: number
}

/** Since it was asked last, but for the counts, which are of always. */
export interface Knocked {
  readonly knocks: number
  readonly unprotected: number
  readonly unprotectedAnswered: number
  readonly answers: readonly Answered[]
}

/** Who may come in, from when to when, by the server's clock. */
export interface Grant {
  readonly from: string
  readonly since: number
  readonly until: number
}

export interface Act {
  readonly knocks: number
  readonly unprotected: number
  readonly unprotectedAnswered: number
  /** Answered while a grant lived. */
  readonly granted: readonly Answered[]
  /** Answered although none did. */
  readonly wrong: readonly Answered[]
}

export interface Knocks {
  begin(order: KnockOrder): void
  /** What happened since the last time this was asked, judged by the grants. */
  judged(grants: readonly Grant[]): Promise<Act>
  /** Of always. */
  total(): { readonly knocks: number; readonly wrong: number }
  stop(): void
}

/**
 * A packet that came in time is answered a little later, and the answer waits until this process has its turn. And a
 * machine whose processor must wait for this computer's counts its ticks that much late.
 */
const LATE = 30

export async function startKnocking(namespace: string): Promise<Knocks> {
  const script = join(import.meta.dirname, 'knocking-child.ts')
  const child = spawn('ip', ['netns', 'exec', namespace, 'nice', '-n', '-5', process.execPath, script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  await once(child, 'spawn')
  let before: Knocked = { knocks: 0, unprotected: 0, unprotectedAnswered: 0, answers: [] }
  let wrong = 0
  return {
    begin: (order) => void child.send(order),
    judged: async (grants) => {
      const now = await ask(child)
      const act = {
        knocks: now.knocks - before.knocks,
        unprotected: now.unprotected - before.unprotected,
        unprotectedAnswered: now.unprotectedAnswered - before.unprotectedAnswered,
        ...judge(now.answers, grants),
      }
      before = now
      wrong += act.wrong.length
      return act
    },
    total: () => ({ knocks: before.knocks, wrong }),
    stop: () => child.kill('SIGKILL'),
  }
}

async function ask(child: ChildProcess): Promise<Knocked> {
  const told = once(child, 'message')
  child.send('tell')
  const [knocked] = (await told) as [Knocked] // the child's own
  return knocked
}

function judge(answers: readonly Answered[], grants: readonly Grant[]): Pick<Act, 'granted' | 'wrong'> {
  const isGranted = ({ from, at }: Answered): boolean =>
    grants.some((grant) => grant.from === from && at >= grant.since && at <= grant.until + LATE)
  return { granted: answers.filter(isGranted), wrong: answers.filter((answer) => !isGranted(answer)) }
}
