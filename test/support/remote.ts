/**
 * A part of a test that runs in a process of its own, in a network namespace: named calls over Node's channel. The
 * process can be killed like any other, which is the point.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

// The methods of any such part; each end knows its own by type.
type Methods<Api> = { readonly [Name in keyof Api]: Api[Name] }

export interface Remote<Api> {
  call<Name extends keyof Api & string>(
    name: Name,
    ...args: Api[Name] extends (...args: infer Args) => unknown ? Args : never
  ): Promise<Api[Name] extends (...args: never[]) => infer Result ? Awaited<Result> : never>
  readonly pid: number
  /** As `kill -9` would: nothing of it runs any more when this resolves. */
  kill(): Promise<void>
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

export interface RemoteOptions {
  /** Before everything else that this machine has to do, where it lets us: for what is measured in milliseconds. */
  readonly isUrgent?: boolean
}

/** Runs `script` inside the namespace; resolves once it serves. */
export async function startRemote<Api>(
  namespace: string,
  script: string,
  args: readonly string[] = [],
  { isUrgent = false }: RemoteOptions = {},
): Promise<Remote<Api>> {
  const child = spawn(
    'ip',
    ['netns', 'exec', namespace, ...(isUrgent ? first() : []), process.execPath, script, ...args],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    },
  )
  const waiting = new Map<number, (answer: Answer) => void>()
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.on('exit', (code, signal) => {
    for (const [id, answer] of waiting) answer({ id, error: `${script} ended: ${signal ?? code}` })
    waiting.clear()
  })
  await ready(child, script)
  let last = 0
  return {
    call: (name, ...parameters) =>
      new Promise((resolve, reject) => {
        last += 1
        waiting.set(last, ({ value, error }) => {
          if (error === undefined)
            resolve(value as Awaited<never>) // the other end is typed by the same interface
          else reject(new Error(error))
        })
        child.send({ id: last, name, parameters })
      }),
    pid: child.pid ?? 0,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

const FIRST = ['chrt', '--rr', '1']

/** Not every container may. */
function first(): readonly string[] {
  try {
    execFileSync(FIRST[0] ?? '', [...FIRST.slice(1), 'true'], { stdio: 'ignore' })
    return FIRST
  } catch {
    return []
  }
}

async function ready(child: ChildProcess, script: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code} before it served`)))
  })
}

interface Call {
  readonly id: number
  readonly name: string
  readonly parameters: readonly unknown[]
}

/** The other end: answers calls until the channel closes, and ends with it. */
export function serveRemote<Api extends object>(api: Methods<Api>): void {
  const methods = new Map<string, unknown>(Object.entries(api))
  process.on('message', ({ id, name, parameters }: Call) => {
    const method = methods.get(name)
    const run = async (): Promise<unknown> => {
      if (typeof method !== 'function') throw new Error(`no method ${name}`)
      const value: unknown = await method(...parameters)
      return value
    }
    run().then(
      (value) => process.send?.({ id, value }),
      (error: unknown) =>
        process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.({ id: 0 })
}
