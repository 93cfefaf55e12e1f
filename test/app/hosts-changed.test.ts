import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Hosts } from '../../src/app/hosts/hosts.ts'
import { openHosts } from '../../src/drivers/hosts/open-hosts.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { NOON } from '../support/builders.ts'
import { memoryAgents } from '../support/memory-agents.ts'

it('what follows from a change of hosts is tried again until it is done, and then no more', async () => {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-hosts-changed-${process.pid}-`))
  const store = await openSqliteStore(folder)
  const clock = { now: () => NOON }
  const links = memoryAgents(clock)
  const warnings: string[] = []
  const waiting: (() => void)[] = []
  const hosts = new Hosts({
    store,
    clock,
    log: { error: () => {}, warn: (_, message) => warnings.push(message), info: () => {} },
    side: openHosts({ links, clock, drift: 'repair', location: 'local', isGone: () => Promise.resolve(false) }),
    links,
    timer: {
      sleep: (_, signal) =>
        new Promise((resolve) => {
          waiting.push(resolve)
          signal.addEventListener('abort', () => resolve(), { once: true })
        }),
    },
  })
  let tries = 0
  hosts.onChanged(() => (++tries < 3 ? Promise.reject(new Error('the database is busy')) : Promise.resolve()))
  hosts.start(() => {})
  const tried: number[] = []
  for (let turn = 0; turn < 5; turn += 1) {
    await expect.poll(() => waiting.length).toBe(1)
    tried.push(tries)
    waiting.shift()?.()
  }
  expect(tried).toEqual([1, 2, 3, 3, 3])
  expect(warnings).toEqual(
    Array.from({ length: 2 }, () => 'what follows from the change of a host could not be done; tried again'),
  )
  await hosts.stop()
  await store.close()
  await rm(folder, { recursive: true })
})
