import { tellStep } from '../../src/domain/access/step.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/domain/time.ts'
import { initiateBody, policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { startPeopledServer, type PeopledServer } from './people.ts'
import { machineId, OTHER_SUBSCRIPTION } from './running-server.ts'

let server: PeopledServer
beforeEach(async () => {
  server = await startPeopledServer()
  await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody({ [machineId('web1')]: [rule()] }) })
})
afterEach(() => server.stop())

const findings = async (who?: string) =>
  (await (who === undefined ? server.call('GET', '/api/v1/findings') : server.as(who, 'GET', '/api/v1/findings'))).body
    .value

function pointOfWeb1() {
  const point = server.app.inventory.list().find(({ name }) => name === 'web1')?.points[0]
  if (point === undefined) throw new Error('web1 has a security group')
  return point
}

test('nothing to look at is an empty list', async () => {
  expect(await findings()).toEqual([])
})

test('a point that cannot be brought to what it should be says why, how often, and when it is tried again', async () => {
  await server.app.store.transaction((tx) =>
    tx.recordFailure(pointOfWeb1(), { error: 'no answer', dueAt: server.app.clock.now() + MINUTE }),
  )
  expect(await findings()).toEqual([
    {
      kind: 'failing',
      point: pointOfWeb1(),
      machines: [machineId('web1')],
      text: 'could not be brought to what it should be, once: no answer',
      reason: 'no answer',
      failures: 1,
      nextTryAt: '2026-03-01T12:01:00.1230000Z',
    },
  ])
})

test('what drifted, and what ended and was not seen closed', async () => {
  await server.call('POST', `${policyPath()}/initiate${VERSION}`, { body: initiateBody({ duration: 'PT1M' }) })
  const drift = {
    since: server.app.clock.now(),
    by: ['process 7 (nft)'],
    steps: [tellStep('ProtectPort', { port: '22/TCP' })],
  }
  await server.app.store.transaction((tx) => tx.putDrift(pointOfWeb1(), drift))
  expect(await findings()).toMatchObject([
    { kind: 'drift', by: drift.by, steps: ['protect 22/TCP'], told: drift.steps },
  ])
  server.driver.holdUp()
  void server.pass(HOUR)
  await expect
    .poll(async () => (await findings()).map(({ kind }: { kind: string }) => kind))
    .toEqual(['drift', 'overdue'])
  expect((await findings())[1]).toMatchObject({ grants: 1, since: '2026-03-01T12:01:00.1230000Z' })
})

test('each caller is shown the points of machines that it may read', async () => {
  await server.app.store.transaction((tx) => tx.recordFailure(pointOfWeb1(), { error: 'no answer', dueAt: 0 }))
  await server.assign('Reader', 'rita', machineId('web1'))
  await server.assign('Reader', 'far', `/subscriptions/${OTHER_SUBSCRIPTION}`)
  expect(await findings('rita')).toHaveLength(1)
  expect(await findings('far')).toEqual([])
  expect(await findings('eve')).toEqual([])
})
