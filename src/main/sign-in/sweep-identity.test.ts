import { afterEach, expect, it, vi } from 'vitest'
import { startInstallation } from '../../../test/support/installation.ts'
import { DAY, HOUR } from '../../domain/time.ts'
import { sweepIdentity } from './sweep-identity.ts'

afterEach(() => vi.useRealTimers())

it('what has ended is forgotten within the hour, until it is told to stop', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const installation = await startInstallation()
  const { app } = installation
  const session = (id: string, endsAt: number) => {
    const now = app.clock.now()
    const of = { principal: 'ada', issuer: 'i', name: 'ada', principals: ['ada'], address: '', browser: '' }
    return { ...of, id, idHash: id, startedAt: now, lastSeenAt: now, endsAt }
  }
  await app.store.transaction(async ({ identity }) => {
    await identity.addBrowserSession(session('short', app.clock.now() + HOUR))
    await identity.addBrowserSession(session('long', app.clock.now() + 2 * DAY))
  })
  const left = async (): Promise<string[]> =>
    (await app.store.reads.identity.browserSessionsOf('ada')).map(({ id }) => id)
  const stop = sweepIdentity(app)
  await installation.pass(HOUR)
  expect(await left()).toContain('short')
  vi.advanceTimersByTime(HOUR)
  await expect.poll(left).toEqual(['long'])
  stop()
  await installation.pass(3 * DAY)
  vi.advanceTimersByTime(HOUR)
  expect(await left()).toEqual(['long'])
  await installation.stop()
})
