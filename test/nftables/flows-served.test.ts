/** Who is connected, all the way: the real server, this kernel's own connections, the interface and the command line. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NetProbe } from '../support/net-probe.ts'
import { ADDRESSES } from '../support/network-lab.ts'
import type { Remote } from '../support/remote.ts'
import { serveOn, type ServedStage } from './served-stage.ts'
import { openStage, type Stage } from './stage.ts'

const { friend: F, stranger: S } = ADDRESSES
const API = 'api-version=2020-01-01'
const PATIENCE = { timeout: 5000 }

let stage: Stage
let served: ServedStage
let friend: Remote<NetProbe>
let stranger: Remote<NetProbe>
let machine: { readonly id: string; readonly name: string }
let policy: string

beforeAll(async () => {
  stage = openStage()
  served = await serveOn(stage)
  const host = await stage.probe('host')
  ;[friend, stranger] = await Promise.all([stage.probe('friend'), stage.probe('stranger')])
  await host.call('listenTcp', [22, 3389])
  const { subscriptionId, resourceGroup, location } = await served.call('GET', '/api/v1/whoami')
  machine = (await served.call('GET', '/api/v1/machines')).value[0]
  policy = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/default`
  served.sallyport(
    'policy',
    'set',
    'default',
    '-m',
    machine.name,
    '-p',
    '22/tcp,end=cut',
    '-p',
    '3389/tcp,end=warn',
    '--yes',
  )
})
afterAll(async () => {
  await served.stop()
  await stage.remove()
})

/** The id of the request that lets the address in. */
async function open(number: number, from: string): Promise<string> {
  const port = { number, duration: 'PT1H', allowedSourceAddressPrefix: from }
  await served.call('POST', `${policy}/initiate?${API}`, { virtualMachines: [{ id: machine.id, ports: [port] }] })
  return (await served.call('GET', '/api/v1/requests')).value[0].id
}

const close = (request: string): Promise<void> => served.call('POST', `/api/v1/requests/${request}/close`, {})
const listOf = async (path: string): Promise<Record<string, unknown>[]> => (await served.call('GET', path)).value
const connected = async (query = ''): Promise<string[]> =>
  (await listOf(`/api/v1/flows${query}`)).map((flow) => `${String(flow['from'])} ${String(flow['state'])}`)

describe('who is connected', () => {
  it('is cut off when the access ends, alone, and is on record', async () => {
    const [mine, theirs] = [await open(22, F.peer), await open(22, S.peer)]
    await friend.call('dial', F.host, 22)
    await stranger.call('dial', S.host, 22)
    expect((await connected()).sort()).toEqual([`${F.peer} open`, `${S.peer} open`])
    expect(await connected(`?request=${mine}`)).toEqual([`${F.peer} open`])
    expect(served.sallyport('request', 'show', theirs)).toMatch(new RegExp(`${S.peer}:\\d+ .*22/TCP +open`))
    await close(mine)
    await expect.poll(() => friend.call('speak', 100), PATIENCE).toBe(false)
    expect(await stranger.call('speak')).toBe(true)
    expect(await connected()).toEqual([`${S.peer} open`])
    const {
      value: [event],
    } = await served.call('GET', '/api/v1/audit?action=access.cut')
    expect(event).toMatchObject({ request: mine, actor: 'sallyport' })
    expect(event.data.connected).toEqual([expect.stringMatching(/^10\.77\.1\.2:\d+ to 22\/TCP$/)])
    expect(await listOf('/api/v1/audit?action=point.drifted')).toEqual([])
    await close(theirs)
  })

  it('is told of when the access ends and the policy says warn, and lives on', async () => {
    const request = await open(3389, F.peer)
    await friend.call('dial', F.host, 3389)
    await close(request)
    expect(await friend.call('speak')).toBe(true)
    expect(await connected(`?machine=${machine.id}`)).toEqual([`${F.peer} ended`])
    const {
      value: [event],
    } = await served.call('GET', '/api/v1/audit?action=access.outlived')
    expect(event).toMatchObject({ request })
    expect(event.data.connected).toEqual([expect.stringMatching(/^10\.77\.1\.2:\d+ to 3389\/TCP$/)])
    expect(await listOf('/api/v1/findings')).toMatchObject([
      {
        kind: 'outlived',
        text: expect.stringMatching(/^still connected although the access has ended: 10\.77\.1\.2:/) as unknown,
      },
    ])
    expect(served.sallyport('flow', 'list')).toMatch(/10\.77\.1\.2:\d+ .*3389\/TCP +ended/)
    expect(served.sallyport('machine', 'show', machine.name)).toMatch(/10\.77\.1\.2:\d+ .*3389\/TCP +ended/)
    await friend.call('hangUp')
    await expect.poll(() => connected(), PATIENCE).toEqual([])
    expect(await listOf('/api/v1/findings')).toEqual([])
  })
})
