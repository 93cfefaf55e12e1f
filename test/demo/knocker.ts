/**
 * Knocks on a TCP port from inside a namespace: one process stays there, so that a knock costs a connection and not the
 * start of a process. Run by itself it reads lines of JSON and answers each with `true` (a handshake) or `false`.
 */
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { Stage, Role } from './stage.ts'

export interface Knocker {
  /** True when the port answers within the patience, in milliseconds. */
  knock(host: string, port: number, patience: number): Promise<boolean>
}

export function startKnocker(stage: Stage, role: Role): Knocker {
  const child = stage.spawn(role, [process.execPath, import.meta.filename], { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: ((answered: boolean) => void)[] = []
  if (child.stdout === null || child.stdin === null) throw new Error('the knocker has no pipes')
  const { stdin } = child
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line === 'true'))
  return {
    knock: (host, port, patience) =>
      new Promise((resolve) => {
        waiting.push(resolve)
        stdin.write(`${JSON.stringify({ host, port, patience })}\n`)
      }),
  }
}

function answers({ host, port, patience }: { host: string; port: number; patience: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const timer = setTimeout(() => end(false), patience)
    const end = (answered: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}

if (process.argv[1] === import.meta.filename) {
  for await (const line of createInterface({ input: process.stdin })) {
    const knock = JSON.parse(line) as Parameters<typeof answers>[0] // written by startKnocker
    process.stdout.write(`${await answers(knock)}\n`)
  }
}
