import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nsgId, securityGroup } from './estate.ts'
import { startDouble, type RunningDouble } from './running-double.ts'

let azure: RunningDouble

beforeAll(async () => {
  azure = await startDouble()
})

afterAll(() => azure.stop())

beforeEach(() => {
  azure.double.faults.clear()
  azure.double.place(securityGroup('web', [{ name: 'ssh', priority: 1000 }]))
})

const names = async () =>
  (await azure.network.networkSecurityGroups.get('shop', 'web')).securityRules?.map(({ name }) => name)
const remove = () => Promise.resolve(azure.network.securityRules.delete('shop', 'web', 'ssh'))

describe('faults on order', () => {
  it('spoil the call that was meant and no other', async () => {
    const harm = { kind: 'answer', status: 400, code: 'Strange' } as const
    azure.double.faults.order({ method: 'GET', path: /networkSecurityGroups\/web$/i, skip: 1, times: 2, harm })
    await names()
    await expect(names()).rejects.toMatchObject({ statusCode: 400, code: 'Strange' })
    await expect(names()).rejects.toMatchObject({ statusCode: 400 })
    expect(await names()).toEqual(['ssh'])
  })

  it('a 429 that says when is tried again by the SDK; one that does not is not', async () => {
    azure.double.faults.order({
      method: 'GET',
      harm: { kind: 'answer', status: 429, code: 'TooManyRequests', retryAfter: 0 },
    })
    expect(await names()).toEqual(['ssh'])
    azure.double.faults.order({ method: 'GET', harm: { kind: 'answer', status: 429, code: 'TooManyRequests' } })
    await expect(names()).rejects.toMatchObject({ statusCode: 429 })
  })

  it('the answer is lost though the thing was done', async () => {
    azure.double.faults.order({ method: 'DELETE', times: 1, harm: { kind: 'lose-answer' } })
    await remove().catch(() => undefined)
    expect(azure.double.writes(nsgId('web'))).toBeGreaterThan(0)
    expect(await names()).toEqual([])
  })

  it('the request is lost and nothing was done', async () => {
    azure.double.forgetWrites()
    azure.double.faults.order({ method: 'DELETE', times: 10, harm: { kind: 'lose-request' } })
    await expect(remove()).rejects.toThrow(/\S/)
    expect(azure.double.writes(nsgId('web'))).toBe(0)
    expect(await names()).toEqual(['ssh'])
  })

  it('somebody else is quicker', async () => {
    const act = () => azure.double.edit(nsgId('web'), (properties) => ({ ...properties, securityRules: [] }))
    azure.double.faults.order({ method: 'GET', harm: { kind: 'first', act } })
    expect(await names()).toEqual([])
  })
})
