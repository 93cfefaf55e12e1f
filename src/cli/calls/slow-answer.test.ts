import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Transport } from './client.ts'
import type { Outgoing, Reply } from './http-call.ts'
import { tellingSlowness, UNUSUAL } from './slow-answer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const OUTGOING: Outgoing = { method: 'GET', headers: {}, signal: new AbortController().signal }

/** A server that never answers of itself, and what was said of it. */
function silentServer() {
  const said: string[] = []
  const { promise, reject } = Promise.withResolvers<Reply>()
  const send: Transport = tellingSlowness(
    () => promise,
    (line) => void said.push(line),
  )
  return { said, send, end: () => reject(new Error('enough')) }
}

test('a server that lets somebody wait is told once, however often it does', async () => {
  const { said, send, end } = silentServer()
  const calls = [send('https://jit.example.org/a?x=1', OUTGOING), send('https://jit.example.org/b', OUTGOING)]
  vi.advanceTimersByTime(UNUSUAL - 1)
  expect(said).toEqual([])
  vi.advanceTimersByTime(2)
  expect(said).toEqual(['waiting for https://jit.example.org to answer'])
  end()
  await Promise.allSettled(calls)
})

test('one that answered is not spoken of afterwards', async () => {
  const { said, send, end } = silentServer()
  const call = send('https://jit.example.org/a', OUTGOING)
  end()
  await expect(call).rejects.toThrow('enough')
  vi.advanceTimersByTime(2 * UNUSUAL)
  expect(said).toEqual([])
})
