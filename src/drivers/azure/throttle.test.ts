import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { VirtualTime } from '../../../test/azure/virtual-time.ts'
import { Throttle, type Turn } from './throttle.ts'

const never = new AbortController().signal
const START = new VirtualTime().now()

function aTurn(turn: Partial<Turn> = {}): Turn {
  return { subscription: 's', kind: 'write', urgency: 'open', signal: never, ...turn }
}

interface Run {
  readonly time: VirtualTime
  readonly throttle: Throttle
  /** What went, and when, in seconds from the start. */
  readonly went: { readonly name: string; readonly at: number }[]
  /** Waits for its turn under this name. */
  readonly go: (name: string, turn?: Partial<Turn>) => Promise<void>
}

function start(): Run {
  const time = new VirtualTime()
  const throttle = new Throttle({ clock: time, sleep: time.sleep })
  const went: Run['went'] = []
  const go = async (name: string, turn: Partial<Turn> = {}): Promise<void> => {
    await throttle.turn(aTurn(turn))
    went.push({ name, at: (time.now() - START) / SECOND })
  }
  return { time, throttle, went, go }
}

describe('who may ask Azure next', () => {
  it('is everybody while there is enough, and then ten writes a second', async () => {
    const { time, went, go } = start()
    await time.until(Promise.all(Array.from({ length: 250 }, (_, index) => go(String(index)))))
    expect(went.filter(({ at }) => at === 0)).toHaveLength(200)
    expect(went.at(-1)?.at).toBeCloseTo(5, 0)
  })

  it('is first who closes, then who repairs, then who opens, each in the order in which they came', async () => {
    const { time, throttle, went, go } = start()
    throttle.pause({ subscription: 's', kind: 'write' }, time.now() + MINUTE)
    const asked = [
      go('open 1'),
      go('close 1', { urgency: 'close' }),
      go('repair', { urgency: 'repair' }),
      go('open 2'),
      go('close 2', { urgency: 'close' }),
    ]
    await time.until(Promise.all(asked))
    expect(went.map(({ name }) => name)).toEqual(['close 1', 'close 2', 'repair', 'open 1', 'open 2'])
    expect(went[0]?.at).toBe(60)
  })

  it('is only who closes when little of the five minutes is left', async () => {
    const { time, throttle, went, go } = start()
    await time.until(Promise.all(Array.from({ length: 900 }, (_, index) => go(String(index)))))
    const last = go('open')
    await time.until(go('close', { urgency: 'close' }))
    expect(throttle.budgets()).toEqual([
      expect.objectContaining({ subscription: 's', left: 99, limit: 1_000, waiting: 1 }),
    ])
    await time.until(last)
    expect(went.slice(-2).map(({ name }) => name)).toEqual(['close', 'open'])
    expect(went.at(-1)?.at).toBeGreaterThan(300)
  })

  it('never makes more than a thousand writes in any five minutes', async () => {
    const { time, went, go } = start()
    await time.until(Promise.all(Array.from({ length: 2_500 }, (_, index) => go(String(index), { urgency: 'close' }))))
    const times = went.map(({ at }) => at)
    const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 300).length))
    expect(most).toBeLessThanOrEqual(1_000)
  })

  it('leaves the line when its signal aborts, and holds nobody up', async () => {
    const { time, throttle, went, go } = start()
    throttle.pause({ subscription: 's', kind: 'write' }, time.now() + MINUTE)
    const gone = new AbortController()
    const leaving = go('gone', { urgency: 'close', signal: gone.signal })
    gone.abort(new Error('out of patience'))
    await expect(leaving).rejects.toThrow('out of patience')
    await time.until(go('next'))
    expect(went.map(({ name }) => name)).toEqual(['next'])
  })

  it('does not let one subscription wait for another, nor reads for writes', async () => {
    const { time, throttle, went, go } = start()
    throttle.pause({ subscription: 's', kind: 'write' }, time.now() + MINUTE)
    await time.until(Promise.all([go('waits'), go('other', { subscription: 't' }), go('read', { kind: 'read' })]))
    expect(went).toEqual([
      { name: 'other', at: 0 },
      { name: 'read', at: 0 },
      { name: 'waits', at: 60 },
    ])
  })
})
