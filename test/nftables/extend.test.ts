/** The whole way of an extension: the real server, its database and this kernel's own timers. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SECOND } from '../../src/domain/time.ts'
import { ADDRESSES } from '../support/network-lab.ts'
import { serveOn, type ServedStage } from './served-stage.ts'
import { openStage, type Stage } from './stage.ts'

const { friend: F } = ADDRESSES
const PORT = 4000
const API = 'api-version=2020-01-01'

let stage: Stage
let served: ServedStage

beforeEach(async () => {
  stage = openStage()
  served = await serveOn(stage)
})
afterEach(async () => {
  await served.stop()
  await stage.remove()
})

it('a port that is extended stays open without losing a packet, and shuts by itself at the new end', async () => {
  const call: ServedStage['call'] = (...asked) => served.call(...asked)
  const [host, friend] = await Promise.all([stage.probe('host'), stage.probe('friend')])
  await host.call('listenUdp', [PORT])
  const { subscriptionId, resourceGroup, location } = await call('GET', '/api/v1/whoami')
  const {
    value: [machine],
  } = await call('GET', '/api/v1/machines')
  const policy = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/default`
  const rule = { number: PORT, protocol: '*', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT1H' }
  await call('PUT', `${policy}?${API}`, {
    kind: 'Basic',
    properties: { virtualMachines: [{ id: machine.id, ports: [rule] }] },
  })
  const port = { number: PORT, duration: 'PT4S', allowedSourceAddressPrefix: F.peer }
  await call('POST', `${policy}/initiate?${API}`, { virtualMachines: [{ id: machine.id, ports: [port] }] })
  const began = Date.now()
  const sending = friend.call('send', F.host, [{ port: PORT, from: began, to: began + 9 * SECOND }])

  const {
    value: [request],
  } = await call('GET', '/api/v1/requests')
  const [{ until: firstEnd }] = request.grants
  const extended = await call('POST', `/api/v1/requests/${request.id}/extend`, { until: new Date(began + 7 * SECOND) })
  const end = Date.parse(extended.grants[0].until)
  expect(extended.grants[0]).toMatchObject({ state: 'open' })
  expect(end).toBeGreaterThan(Date.parse(firstEnd) + 2 * SECOND)

  const sent = await sending
  const through = new Set((await host.call('received')).map(({ sequence }) => sequence))
  const before = sent.filter(({ by }) => by < end - 20)
  const after = sent.filter(({ at }) => at >= end)
  expect(before.filter(({ at }) => at > Date.parse(firstEnd)).length).toBeGreaterThan(100)
  expect(before.filter(({ sequence }) => !through.has(sequence))).toEqual([])
  expect(after.length).toBeGreaterThan(100)
  expect(after.filter(({ sequence }) => through.has(sequence))).toEqual([])
}, 60_000)
