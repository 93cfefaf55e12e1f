import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../src/domain/time.ts'
import { nsgId, securityGroup } from './estate.ts'
import { AT_ONCE } from './pace.ts'
import { EMPTY_GROUP, standingDouble, WEB } from './standing-double.ts'
import { PUBLISHED } from './throttles.ts'

const GRAPH = '/providers/Microsoft.ResourceGraph/resources'

describe('the published limits', () => {
  it('let 200 writes pass at once and then 10 in a second', () => {
    const { time, send } = standingDouble()
    const write = () => send('PUT', WEB, EMPTY_GROUP)
    expect(write().headers['x-ms-ratelimit-remaining-subscription-writes']).toBe('199')
    for (let count = 1; count < 200; count += 1) expect(write().status).toBe(200)
    expect(write()).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      json: { error: { code: 'SubscriptionRequestsThrottled' } },
    })
    time.now += SECOND
    const statuses = Array.from({ length: 11 }, () => write().status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429])
  })

  it('let 250 reads pass at once and then 25 in a second', () => {
    const { time, send } = standingDouble()
    const statuses = (count: number) => Array.from({ length: count }, () => send('GET', WEB).status)
    expect(new Set(statuses(250))).toEqual(new Set([200]))
    expect(statuses(1)).toEqual([429])
    time.now += SECOND
    expect(statuses(26).filter((status) => status === 200)).toHaveLength(25)
  })

  it('let 1,000 writes of the network pass in 5 minutes, for each region', () => {
    const { time, double, send } = standingDouble({ limits: { ...PUBLISHED, writes: { size: 1e6, perSecond: 1e6 } } })
    double.place(securityGroup('far', [], { location: 'eastus' }))
    for (let count = 0; count < 1000; count += 1) send('PUT', WEB, EMPTY_GROUP)
    const refused = send('PUT', WEB, EMPTY_GROUP)
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '300' },
      json: { error: { code: 'TooManyRequests' } },
    })
    expect(send('PUT', nsgId('far'), { ...EMPTY_GROUP, location: 'eastus' }).status).toBe(200)
    time.now += 5 * MINUTE
    expect(send('PUT', WEB, EMPTY_GROUP).status).toBe(200)
  })

  it('say nothing of when to come back, where that is wanted', () => {
    const { send } = standingDouble({ limits: { ...PUBLISHED, saysWhen: false, writes: { size: 1, perSecond: 1 } } })
    send('PUT', WEB, EMPTY_GROUP)
    const refused = send('PUT', WEB, EMPTY_GROUP)
    expect(refused.status).toBe(429)
    expect(refused.headers['retry-after']).toBeUndefined()
  })

  it('let 15 queries of Resource Graph pass in 5 seconds', () => {
    const { time, send } = standingDouble()
    const query = () => send('POST', GRAPH, { query: 'Resources | project id' })
    expect(query().headers).toMatchObject({
      'x-ms-user-quota-remaining': '14',
      'x-ms-user-quota-resets-after': '00:00:05',
    })
    for (let count = 1; count < 15; count += 1) query()
    expect(query()).toMatchObject({ status: 429, headers: { 'x-ms-user-quota-remaining': '0' } })
    time.now += 5 * SECOND
    expect(query().status).toBe(200)
  })
})

describe('what is seen late', () => {
  it('lists lag behind a write and Resource Graph lags more; one resource is always right', () => {
    const { time, send } = standingDouble({ pace: { ...AT_ONCE, listLag: () => SECOND, graphLag: () => MINUTE } })
    const flush = () => ({
      one: send('GET', WEB).json.properties.flushConnection,
      list: send('GET', WEB.replace('/web', '')).json.value[0].properties.flushConnection,
      graph: send('POST', GRAPH, { query: 'Resources | project flush = properties.flushConnection' }).json.data[0]
        .flush,
    })
    send('PUT', WEB, { ...EMPTY_GROUP, properties: { securityRules: [], flushConnection: true } })
    expect(flush()).toEqual({ one: true, list: undefined, graph: null })
    time.now += SECOND
    expect(flush()).toEqual({ one: true, list: true, graph: null })
    time.now += MINUTE
    expect(flush()).toEqual({ one: true, list: true, graph: true })
  })
})
