/**
 * Processes of the bench that live in a namespace: functions called over lines of JSON, any number at once. A call
 * costs a pipe and two wake-ups, so nothing that is measured may span one: workers take the times themselves.
 */
import { createInterface } from 'node:readline'
import type { Role, Stage } from '../test/demo/stage.ts'

type Api = Readonly<Record<string, (input: never) => unknown>>

type InputOf<A extends Api, K extends keyof A> = Parameters<A[K]>[0]

export interface Worker<A extends Api> {
  readonly pid: number
  call<K extends keyof A & string>(name: K, input: InputOf<A, K>): Promise<Awaited<ReturnType<A[K]>>>
  end(): void
}

interface Question {
  readonly id: number
  readonly name: string
  readonly input: unknown
}

type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string })

/** `before`: a command that runs the worker, such as `chrt`. */
export function startWorker<A extends Api>(
  stage: Pick<Stage, 'spawn'>,
  role: Role,
  file: string,
  before: readonly string[] = [],
): Worker<A> {
  const child = stage.spawn(role, [...before, process.execPath, '--no-warnings', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { stdin, stdout, pid } = child
  if (stdin === null || stdout === null || pid === undefined) throw new Error(`${file} did not start`)
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  createInterface({ input: stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer // written by serveCalls
    const call = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) call?.reject(new Error(answer.error))
    else call?.resolve(answer.value)
  })
  child.once('exit', (code) => {
    for (const call of waiting.values()) call.reject(new Error(`${file} ended with ${code ?? 'a signal'}`))
    waiting.clear()
  })
  let last = 0
  return {
    pid,
    call: (name, input) => {
      const question: Question = { id: ++last, name, input }
      const call = Promise.withResolvers<unknown>()
      waiting.set(question.id, call)
      stdin.write(`${JSON.stringify(question)}\n`)
      return call.promise as Promise<never> // what the function named so returned, which A tells
    },
    end: () => stdin.end(),
  }
}

/** Answers until the pipe closes, then ends the process. Starts nothing when the file is only imported. */
export function serveCalls(file: string, api: Api): void {
  if (process.argv[1] !== file) return
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => void answerLine(api, JSON.parse(line) as Question)) // written by startWorker
  lines.once('close', () => process.exit(0))
}

async function answerLine(api: Api, { id, name, input }: Question): Promise<void> {
  const answer = await answerOf(api, name, input).then(
    (value): Answer => ({ id, value: value ?? null }),
    (cause: unknown): Answer => ({
      id,
      error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    }),
  )
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

async function answerOf(api: Api, name: string, input: unknown): Promise<unknown> {
  const call = api[name]
  if (call === undefined) throw new Error(`expected one of ${Object.keys(api).join(', ')}, got ${name}`)
  return call(input as never) // startWorker's types hold for both ends
}
