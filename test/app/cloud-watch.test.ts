/** What the doctor and the metrics say of the clouds. */
import { expect, test } from 'vitest'
import type { InventoryState } from '../../src/app/clouds/clouds.ts'
import type { CallBudget, OpenConnection } from '../../src/app/ports/clouds.ts'
import { MINUTE } from '../../src/domain/time.ts'
import { cloudChecks } from '../../src/main/world/cloud-doctor.ts'
import { cloudMetrics } from '../../src/main/world/cloud-metrics.ts'
import { NOON } from '../support/builders.ts'

const clock = { now: () => NOON }
const budget = (more: Partial<CallBudget> = {}): CallBudget => ({
  subscription: 's1',
  kind: 'write',
  left: 7,
  limit: 1000,
  waiting: 0,
  pausedUntil: 0,
  ...more,
})

const watched = (state: Partial<InventoryState>, budgets: CallBudget[] = []) => ({
  connections: () => [{ key: 'k', name: 'prod' } as unknown as OpenConnection], // all that is looked at
  stateOf: (): InventoryState => ({ state: 'fresh', machines: 3, warnings: [], ...state }),
  budgets: () => budgets,
})

const said = (...of: Parameters<typeof watched>): string[] =>
  cloudChecks(watched(...of), { clock }).map(({ status, text }) => `${status}: ${text}`)

test('the doctor tells how old what is known is, and why it cannot be read', () => {
  expect(said({ readAt: NOON - 2 * MINUTE })).toEqual(['ok: machines: 3, read PT2M ago'])
  expect(said({ state: 'unread' })).toEqual(['warning: its machines have not been read yet'])
  expect(said({ state: 'stale', staleSince: NOON - MINUTE, problem: 'no answer' })).toEqual([
    'failed: its machines could not be read since 2026-01-31T11:59:00.0000000Z: no answer; the known ones (3) stay protected',
  ])
  expect(said({ readAt: NOON, warnings: [{ code: 'X', message: 'nsg1 cuts sessions' }] })[1]).toBe(
    'warning: nsg1 cuts sessions',
  )
})

test('the doctor tells of calls only while they have to wait', () => {
  expect(said({ readAt: NOON }, [budget()])).toHaveLength(1)
  expect(said({ readAt: NOON }, [budget({ waiting: 4, pausedUntil: NOON + MINUTE })])[1]).toBe(
    'warning: 4 write calls to s1 wait for their turn, 7 of 1000 are left; the cloud told us to wait until 2026-01-31T12:01:00.0000000Z; what closes goes first',
  )
})

test('the metrics have the age, whether it is stale, and what is left of the calls', async () => {
  const of = async (...args: Parameters<typeof watched>): Promise<Record<string, number | undefined>> =>
    Object.fromEntries(
      await Promise.all(
        cloudMetrics(watched(...args), { clock }).map(async (gauge) => {
          const { name, values } = await gauge.get()
          return [name, values[0]?.value] as const
        }),
      ),
    )
  expect(await of({ readAt: NOON - MINUTE, state: 'stale' }, [budget({ waiting: 2 })])).toEqual({
    sallyport_inventory_age_seconds: 60,
    sallyport_inventory_stale: 1,
    sallyport_connection_machines: 3,
    sallyport_cloud_calls_left: 7,
    sallyport_cloud_calls_waiting: 2,
  })
  expect(await of({ state: 'unread' })).toMatchObject({ sallyport_inventory_age_seconds: undefined })
})
