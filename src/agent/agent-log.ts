/** What the agent tells its host's log, and keeps the newest of for the server to ask for. */
import type { Instant } from '../domain/time.ts'

export interface LogLine {
  readonly at: Instant
  readonly level: 'error' | 'warn' | 'info'
  readonly text: string
}

export interface AgentLog {
  /** A person must act now. */
  error(text: string): void
  /** Heals by itself. */
  warn(text: string): void
  info(text: string): void
  newest(count: number): readonly LogLine[]
}

const KEPT = 1_000

/** The priority that the journal reads from the beginning of a line (sd-daemon(3)). */
const PRIORITY = { error: '<3>', warn: '<4>', info: '<6>' } as const

export interface LogOptions {
  readonly write: (line: string) => void
  readonly now: () => Instant
  /** Lines go to the journal, which has the time itself. */
  readonly toJournal: boolean
}

export function createAgentLog({ write, now, toJournal }: LogOptions): AgentLog {
  const lines: LogLine[] = []
  const add = (level: LogLine['level']) => (text: string) => {
    const at = now()
    lines.push({ at, level, text })
    if (lines.length > KEPT) lines.shift()
    write(toJournal ? `${PRIORITY[level]}${text}\n` : `${new Date(at).toISOString()} ${level} ${text}\n`)
  }
  return {
    error: add('error'),
    warn: add('warn'),
    info: add('info'),
    newest: (count) => lines.slice(-count),
  }
}

/** The sentence of an error and of what caused it. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${sentenceOf(error.cause)}`
}
