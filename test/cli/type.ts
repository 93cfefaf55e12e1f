/**
 * Types a command line and tells what came of it: the real program, in this process, with streams that are kept and a
 * clock of its own that only waiting moves.
 */
import { setImmediate } from 'node:timers/promises'
import type { Io } from '../../src/cli/io.ts'
import type { Outside } from '../../src/cli/outside.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { runCli } from '../../src/cli/run.ts'
import type { Instant } from '../../src/domain/time.ts'
import { START, TOKEN } from '../conformance/running-server.ts'

export interface Typed {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  /** What stdout holds, as JSON. */
  // Tests read whatever shape the output has, and fail when it is another.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

export interface Circumstances {
  readonly env?: Readonly<Record<string, string>>
  /** Answers every question, as a person at a terminal. */
  readonly answer?: string
  /** Instead of {@link answer}: something happens while the question stands. */
  readonly answering?: () => Promise<string>
  readonly stdin?: string
  readonly terminal?: boolean
  readonly outside?: Outside
  /** Told what is written to stderr, as somebody who reads along; `interrupt` is Ctrl-C. */
  readonly onStderr?: (text: string, interrupt: () => void) => void
  /** Called at every pause of a wait; `interrupt` is Ctrl-C. */
  readonly whileWaiting?: (interrupt: () => void) => Promise<void> | void
}

/** Nothing else on the machine, and nobody to be reached. */
export const ALONE: Outside = {
  platform: 'linux',
  hand: () => Promise.resolve(undefined),
  tool: () => Promise.resolve({ code: undefined, stdout: '', stderr: '' }),
  launch: () => Promise.resolve(false),
  join: () => Promise.resolve(),
  reaches: () => Promise.resolve(false),
}

export async function type(
  url: string | undefined,
  line: readonly string[],
  around: Circumstances = {},
): Promise<Typed> {
  let stdout = ''
  let stderr = ''
  const { interrupt, ...time } = timeOf(around)
  const where = url === undefined ? {} : { SALLYPORT_SERVER: url, SALLYPORT_TOKEN: TOKEN }
  const io: Io = {
    version: '0.0.0-test',
    env: { SALLYPORT_READY_FILE: '', ...where, ...around.env },
    stdout: { isTerminal: around.terminal === true, write: (text) => void (stdout += text) },
    stderr: {
      isTerminal: around.terminal === true,
      write: (text) => {
        stderr += text
        around.onStderr?.(text, interrupt)
      },
    },
    stdin: stdinOf(around, (question) => void (stderr += question)),
    outside: around.outside ?? ALONE,
    parentProcess: undefined,
    timeZone: 'UTC',
    ...time,
  }
  const exit = await runCli(buildProgram(io, {}, line), line, io)
  return {
    exit,
    stdout,
    stderr,
    get json(): unknown {
      return JSON.parse(stdout)
    },
  }
}

function stdinOf(
  { answer, answering, stdin = '', terminal }: Circumstances,
  heard: (question: string) => void,
): Io['stdin'] {
  return {
    isTerminal: terminal === true,
    readAll: () => Promise.resolve(stdin),
    ask: (question) => {
      heard(question)
      return answering === undefined ? Promise.resolve(answer) : answering()
    },
  }
}

/** Only waiting moves the clock; the server gets its turn at every pause. */
function timeOf({
  whileWaiting,
}: Circumstances): Pick<Io, 'now' | 'pause' | 'onInterrupt'> & { interrupt: () => void } {
  let now: Instant = START
  const listeners = new Set<() => void>()
  const interrupt = (): void => listeners.forEach((listener) => listener())
  return {
    interrupt,
    now: () => now,
    pause: async (millis) => {
      now += millis
      await whileWaiting?.(interrupt)
      await setImmediate()
    },
    onInterrupt: (callback) => {
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
  }
}
