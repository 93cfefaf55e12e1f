/**
 * Types a command line and tells what came of it: the real program, in this process, with streams that are kept and a
 * clock of its own that only waiting moves.
 */
import { setImmediate } from 'node:timers/promises'
import type { Io } from '../../src/cli/io.ts'
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
  /** Called at every pause of a wait; `interrupt` is Ctrl-C. */
  readonly whileWaiting?: (interrupt: () => void) => Promise<void> | void
}

export async function type(
  url: string | undefined,
  line: readonly string[],
  around: Circumstances = {},
): Promise<Typed> {
  let stdout = ''
  let stderr = ''
  const where = url === undefined ? {} : { SALLYPORT_SERVER: url, SALLYPORT_TOKEN: TOKEN }
  const io: Io = {
    version: '0.0.0-test',
    env: { SALLYPORT_READY_FILE: '', ...where, ...around.env },
    stdout: { isTerminal: around.terminal === true, write: (text) => void (stdout += text) },
    stderr: { isTerminal: around.terminal === true, write: (text) => void (stderr += text) },
    stdin: stdinOf(around, (question) => void (stderr += question)),
    parentProcess: undefined,
    timeZone: 'UTC',
    ...timeOf(around),
  }
  const exit = await runCli(buildProgram(io), line, io)
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
function timeOf({ whileWaiting }: Circumstances): Pick<Io, 'now' | 'pause' | 'onInterrupt'> {
  let now: Instant = START
  const listeners = new Set<() => void>()
  return {
    now: () => now,
    pause: async (millis) => {
      now += millis
      await whileWaiting?.(() => listeners.forEach((listener) => listener()))
      await setImmediate()
    },
    onInterrupt: (callback) => {
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
  }
}
