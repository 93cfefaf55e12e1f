/** Who is connected to machines behind a gateway, and how that ends: by the mapped port and by their own addresses. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Shield } from '../../src/domain/access/desired.ts'
import { slotsOf } from '../../src/domain/access/hole.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { LINKS, PUBLIC } from '../support/gateway-lab.ts'
import { aWayIn, DB1, gatewayOf, openGatewayStage, reachOf, SHIELDS, type GatewayStage } from './gateway-stage.ts'

const PATIENCE = { timeout: 5000 }
const shields: readonly Shield[] = SHIELDS.map((shield) => ({
  ...shield,
  ports: shield.ports.map((port) => ({ ...port, onExpiry: 'cut' })),
}))

let stage: GatewayStage

beforeEach(() => {
  stage = openGatewayStage()
})
afterEach(() => stage.remove())

it.each([
  ['the mapped port', 'mapped', false],
  ['the mapped port, seen as the gateway', 'mapped', true],
  ['its own address', 'direct', false],
] as const)('is told and cut off by %s, and the other grant’s connection lives on', async (_title, way, snat) => {
  const [client, stranger, db1, driver] = await Promise.all([
    stage.probe('client'),
    stage.probe('stranger'),
    stage.probe('db1'),
    stage.driver(gatewayOf({ snat })),
  ])
  await db1.call('listenChatty', 22)
  const [mine, theirs] = [aWayIn(), aWayIn({ from: LINKS.stranger.peer, grant: 'theirs' })]
  await driver.call('pass', { shields, openings: [mine, theirs], scope: 'all' })
  const { mappedPort } = await reachOf(driver)
  const [address, port] = way === 'mapped' ? [PUBLIC.v4, mappedPort] : [LINKS.db1.peer, 22]
  await client.call('dial', address, port)
  await stranger.call('dial', address, port)
  expect(await client.call('hear')).toBe(true)
  const flows = await driver.call('flows')
  expect(flows.map(({ from }) => from).sort()).toEqual([LINKS.client.peer, LINKS.stranger.peer].sort())
  expect(flows[0]).toMatchObject({ machine: resourceKey(DB1), to: address, port: 22 })
  const left = { shields, openings: [theirs], scope: new Set(slotsOf(mine)) }
  const { plans } = await driver.call('pass', left)
  expect(plans.flat().filter(({ kind }) => kind === 'cut')).toHaveLength(1)
  await expect.poll(() => client.call('hear', 200), PATIENCE).toBe(false)
  expect(await stranger.call('hear')).toBe(true)
  expect((await driver.call('flows')).map(({ from }) => from)).toEqual([LINKS.stranger.peer])
  // The machine's own end is told as soon as it speaks, which it does.
  await expect
    .poll(() => stage.lab.run('db1', ['ss', '-Htn', 'state', 'established']).split('\n').length, PATIENCE)
    .toBe(2)
})
