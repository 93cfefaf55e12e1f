/** The fallback engine: one `nft` process per transaction. Slower, and cannot own the table; otherwise the same. */
import { spawn } from 'node:child_process'
import { NftError, type NftEngine } from './engine.ts'
import { createOneAtATime } from './one-at-a-time.ts'

/** 100,000 elements take half a second. */
const DEADLINE = 60_000

const LIST = ['--terse', '--stateless', '--debug=netlink', 'list', 'ruleset']

/** How many of the latest children are remembered as ours: more than can be under way between an act and its event. */
const REMEMBERED = 64

export function createProcessEngine(command = 'nft'): NftEngine {
  const children: number[] = []
  const remember = (id: number | undefined): void => {
    if (id !== undefined) children.push(id)
    if (children.length > REMEMBERED) children.shift()
  }
  const queue = createOneAtATime()
  const nft = (args: readonly string[], input: string): Promise<string> =>
    queue.run(() => runNft({ command, args, input, onStart: remember }))
  return {
    name: 'nft',
    lead: 6, // a process starts, reads its text and the ruleset
    apply: async (text) => {
      await nft(['-f', '-'], text)
    },
    compile: (text) => nft(['--check', '--debug=netlink', '-f', '-'], text),
    list: () => nft(LIST, ''),
    isOwnProcess: (id) => children.includes(id),
    close: () => Promise.resolve(),
  }
}

export interface NftRun {
  readonly command: string
  readonly args: readonly string[]
  readonly input: string
  readonly onStart?: (id: number | undefined) => void
}

/** Resolves with stdout; rejects with what nft wrote on stderr. Text only: nft's JSON reader cannot read Node's stdin. */
export async function runNft({ command, args, input, onStart }: NftRun): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: DEADLINE, killSignal: 'SIGKILL' })
  onStart?.(child.pid)
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  child.stdin.on('error', () => undefined) // a child that ends early closes its input; its exit code says why
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new NftError(`expected to run ${command}; install nftables`, { cause })))
    child.once('close', resolve)
  })
  child.stdin.end(input)
  const code = await ended
  if (code !== 0)
    throw new NftError(`${command} ${args.join(' ')} failed: ${firstLines(Buffer.concat(errors).toString())}`)
  return Buffer.concat(output).toString()
}

/** nft repeats the whole offending line, which may hold thousands of elements. */
export function firstLines(text: string): string {
  return text
    .trim()
    .split('\n')
    .slice(0, 3)
    .map((line) => line.slice(0, 300))
    .join(' / ')
}
