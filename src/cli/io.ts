/**
 * The world as a command sees it: streams, environment, time, Ctrl-C. Commands touch nothing else of the process, so a
 * test runs them as they are. {@link ioOf} is the real one.
 */
import { once } from 'node:events'
import type { Instant, Millis } from '../domain/time.ts'
import { decodedText } from './decoded-text.ts'
import { EXIT } from './exit-codes.ts'
import { outsideOf, type Outside } from './outside.ts'

export interface TextOut {
  readonly isTerminal: boolean
  /** Cells in one line of the terminal, as it is now; undefined elsewhere. */
  readonly columns?: number | undefined
  /** Lines of the terminal, as it is now; undefined elsewhere. */
  readonly rows?: number | undefined
  write(text: string): void
  /** Resolves when the reader has caught up; without it there is nothing to wait for. */
  drained?(): Promise<void>
}

export interface Io {
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: TextOut
  readonly stderr: TextOut
  readonly stdin: {
    readonly isTerminal: boolean
    /** Everything up to the end of the input. */
    readAll(): Promise<string>
    /** One answered line; undefined when the input ends instead. */
    ask(question: string): Promise<string | undefined>
  }
  /** Other programs and other machines. */
  readonly outside: Outside
  /** The process that started this one, for as far as the platform tells. */
  readonly parentProcess: number | undefined
  /** An IANA name; undefined for the machine's own. */
  readonly timeZone: string | undefined
  now(): Instant
  /** Resolves after `millis`, or as soon as `signal` aborts. */
  pause(millis: Millis, signal: AbortSignal): Promise<void>
  /** Calls back on Ctrl-C instead of dying; returns how to stop. */
  onInterrupt(callback: () => void): () => void
}

export function ioOf(process: NodeJS.Process, version: string): Io {
  endWithoutReader(process)
  return {
    version,
    env: process.env,
    stdout: outOf(process.stdout),
    stderr: outOf(process.stderr),
    stdin: {
      // Looked at where somebody could be asked: opening the input takes time.
      get isTerminal() {
        return process.stdin.isTTY
      },
      readAll: () => readAll(process.stdin),
      ask: (question) => ask(process, question),
    },
    outside: outsideOf(process),
    parentProcess: process.ppid,
    timeZone: undefined,
    now: () => Date.now(),
    pause,
    onInterrupt: (callback) => {
      process.on('SIGINT', callback)
      return () => process.off('SIGINT', callback)
    },
  }
}

/** `sallyport audit list | head` closes our stdout; that is no error of ours. A full disk is one, and no fault of the program. */
function endWithoutReader(process: NodeJS.Process): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE') process.exit(EXIT.ok)
      if (stream === process.stdout) process.stderr.write(`error: the output could not be written (${message})\n`)
      process.exit(EXIT.server)
    })
  }
}

function outOf(stream: NodeJS.WriteStream): TextOut {
  return {
    isTerminal: stream.isTTY,
    get columns() {
      return sizeOf(stream.columns, stream)
    },
    get rows() {
      return sizeOf(stream.rows, stream)
    },
    write: (text) => void stream.write(text),
    drained: async () => {
      if (stream.writableNeedDrain) await once(stream, 'drain')
    },
  }
}

/** A terminal without a window, as of a serial line or a job, says 0: it does not know. */
function sizeOf(said: number, { isTTY }: NodeJS.WriteStream): number | undefined {
  return isTTY && said > 0 ? said : undefined
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return decodedText(Buffer.concat(chunks))
}

async function ask(process: NodeJS.Process, question: string): Promise<string | undefined> {
  // Loaded here: most commands ask nothing.
  const { createInterface } = process.getBuiltinModule('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
  try {
    const answer = await Promise.race([lines.question(question), closed])
    if (answer === undefined) process.stderr.write('\n') // Ctrl-C and Ctrl-D leave the cursor behind the question
    return answer
  } finally {
    lines.close()
  }
}

async function pause(millis: Millis, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, millis)
    signal.addEventListener('abort', done)
  })
}
