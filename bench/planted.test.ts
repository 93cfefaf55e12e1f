/** The verdicts see what they are there to see: planted on a real HTTP server, and in the times of closing. */
import Fastify from 'fastify'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { judgeRounds } from './a-open.ts'
import { judgeClosings } from './b-close.ts'
import { openConnection } from './connection.ts'
import { monotonic } from './monotonic.ts'
import { isMissed } from './verdict.ts'

const CALLS = 60

/** How long calls take to a server whose handler is busy for so many milliseconds. */
async function timesOf(busy: number): Promise<number[]> {
  const server = Fastify()
  server.post('/*', async () => {
    const end = monotonic() + busy
    while (monotonic() < end);
    return {}
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo // listening on a TCP address
  const connection = await openConnection({ host: '127.0.0.1', port, token: 'any' })
  const times: number[] = []
  for (let call = 0; call < CALLS; call++) {
    const { sentAt, answeredAt } = await connection.send({ method: 'POST', path: '/any', body: {} })
    times.push(answeredAt - sentAt)
  }
  connection.close()
  await server.close()
  return times
}

describe('the bench', () => {
  it('misses its goal for a handler that is slow, and not for one that does nothing', async () => {
    const floor = await timesOf(0)
    const slow = await timesOf(20)
    const rounds = (opened: readonly number[]) =>
      opened.map((time, round) => ({ opened: time, answered: time, http: floor[round] ?? 0, store: 0.1, kernel: 0.1 }))
    expect(isMissed(judgeRounds(rounds(floor), 0).findings)).toBe(false)
    expect(isMissed(judgeRounds(rounds(slow), 0).findings)).toBe(true)
  })

  it('misses its goal for one hole of many that closed a moment late, or too early', () => {
    const closing = (lastLetIn: number) => ({ lastLetIn, firstRefused: lastLetIn + 0.25, lost: 0 })
    const onTime = Array.from({ length: 200 }, (_, index) => closing(-1 - index / 20))
    expect(isMissed(judgeClosings('x', [...onTime, closing(-0.01)]).findings)).toBe(false)
    expect(isMissed(judgeClosings('x', [...onTime, closing(0.01)]).findings)).toBe(true)
    expect(isMissed(judgeClosings('x', [...onTime, closing(-12.01)]).findings)).toBe(true)
  })

  it('does not judge by a closing that it did not see, and says when it saw too few', () => {
    const closing = (lastLetIn: number, firstRefused: number) => ({ lastLetIn, firstRefused, lost: 0 })
    const seen = Array.from({ length: 200 }, () => closing(-4, -3.75))
    expect(isMissed(judgeClosings('x', [...seen, closing(-15, 2)]).findings)).toBe(false)
    expect(isMissed(judgeClosings('x', [...seen, closing(0.5, 9)]).findings)).toBe(true)
    expect(() => judgeClosings('x', [...seen.slice(1), closing(-15, 2)])).toThrow('199 closings were seen')
  })
})
