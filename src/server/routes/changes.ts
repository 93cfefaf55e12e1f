/**
 * Tells that something happened, so that pages ask again. The stream says nothing of what it was: nobody learns from it
 * what they may not read. It ends by itself after a while; who comes back must still be somebody.
 */
import { Readable } from 'node:stream'
import type { Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'

const LONGEST_MS = 5 * 60_000
/** So that proxies do not take a quiet stream for a dead one. */
const BREATH_MS = 20_000
const ASK_AGAIN_MS = 1_000

export function changeRoutes({ changes }: Pick<ServerDeps, 'changes'>): Pick<Handlers, 'Changes_Watch'> {
  return {
    Changes_Watch: async () => ({
      status: 200,
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
      body: streamOf(changes),
    }),
  }
}

function streamOf(changes: ServerDeps['changes']): Readable {
  const stream = new Readable({ read() {} }) // pushed as things happen; each line is short and may be lost with the reader
  stream.push(`retry: ${ASK_AGAIN_MS}\n\n`)
  const unsubscribe = changes?.subscribe(() => stream.push('event: changed\ndata: \n\n'))
  const breath = setInterval(() => stream.push(': \n\n'), BREATH_MS)
  const end = setTimeout(() => stream.push(null), LONGEST_MS)
  stream.once('close', () => {
    unsubscribe?.()
    clearInterval(breath)
    clearTimeout(end)
  })
  return stream
}
