/** Other programs and other machines, as commands see them: a test gives its own. {@link outsideOf} is the real one. */
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { constants } from 'node:os'
import { pipeline } from 'node:stream/promises'
import { MINUTE, type Millis } from '../domain/time.ts'

export interface ToolAnswer {
  /** Undefined when there is no such program. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

export interface Place {
  readonly address: string
  readonly port: number
}

export interface Outside {
  readonly platform: string
  /** Runs a program to its end with our own streams; its exit code, 128 and the signal's number when it was killed. */
  readonly hand: (program: string, args: readonly string[]) => Promise<number | undefined>
  /** Runs a program that asks nobody anything. */
  readonly tool: (program: string, args: readonly string[], input?: string) => Promise<ToolAnswer>
  /** Starts a program that lives on by itself; false when there is none of that name. */
  readonly launch: (program: string, args: readonly string[]) => Promise<boolean>
  /** Joins our standard input and output to a connection, until the far end closes it. */
  readonly join: (place: Place) => Promise<void>
  /** Whether something takes TCP connections there. */
  readonly reaches: (place: Place, patience: Millis, signal: AbortSignal) => Promise<boolean>
}

export function outsideOf(process: NodeJS.Process): Outside {
  return {
    platform: process.platform,
    hand: (program, args) => hand(process, program, args),
    tool,
    launch,
    join: (place) => join(process, place),
    reaches,
  }
}

/** While it runs the terminal's Ctrl-C is its own business; what is sent to us alone is passed on. */
async function hand(process: NodeJS.Process, program: string, args: readonly string[]): Promise<number | undefined> {
  const child = (await spawnOn(process.platform))(program, args, { stdio: 'inherit' })
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal)
  const ignore = (): void => {}
  process.on('SIGINT', ignore)
  for (const signal of PASSED_ON) process.on(signal, passOn)
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve(undefined) : reject(error),
    )
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
  return ended.finally(() => {
    process.off('SIGINT', ignore)
    for (const signal of PASSED_ON) process.off(signal, passOn)
  })
}

/** Windows starts scripts, such as VS Code's `code.cmd`, only through its shell, and what that makes of quotes is a science. */
async function spawnOn(platform: string): Promise<typeof spawn> {
  return platform === 'win32' ? (await import('cross-spawn')).default.spawn : spawn
}

const PASSED_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP']

/** A keyring may ask a person to unlock it. */
const PATIENCE: Millis = MINUTE

function tool(program: string, args: readonly string[], input = ''): Promise<ToolAnswer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true, timeout: PATIENCE })
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin.on('error', () => {}) // it ended before it read everything, which its exit code tells
  child.stdin.end(input)
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8')
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: undefined, stdout: '', stderr: error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, stdout: text(stdout), stderr: text(stderr) }))
  })
}

function launch(program: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  return new Promise((resolve) => {
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}

/**
 * A half that ends does not end the other: whoever has said everything may still be answered. Whoever listens to us may go
 * away, and ssh sends its ProxyCommand a SIGHUP besides: neither may end this process before it has tidied up.
 */
async function join(process: NodeJS.Process, { address, port }: Place): Promise<void> {
  const { stdin, stdout } = process
  const socket = connect({ host: address, port, allowHalfOpen: true }).setNoDelay(true)
  process.on('SIGHUP', () => socket.destroy())
  stdout.removeAllListeners('error').on('error', () => socket.destroy())
  stdin.pipe(socket)
  await pipeline(socket, stdout, { end: false }).catch(() => {}) // a connection that breaks off is at its end
  stdin.destroy()
  socket.destroy()
}

function reaches({ address, port }: Place, patience: Millis, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  const socket = connect({ host: address, port })
  return new Promise((resolve) => {
    const end = (isOpen: boolean): void => {
      socket.destroy()
      signal.removeEventListener('abort', giveUp)
      resolve(isOpen)
    }
    const giveUp = (): void => end(false)
    socket.once('connect', () => end(true)).once('error', giveUp)
    socket.setTimeout(patience, giveUp)
    signal.addEventListener('abort', giveUp)
  })
}
