import { describe, expect, it } from 'vitest'
import type { WireMachine } from '../../../contract/machine.ts'
import type { WirePolicy } from '../../../contract/policy.ts'
import { draftsFrom, fallenFrom, foreseenOf, mergedDrafts, newSelector, selectorWrite } from './selector-draft.ts'

const GROUP = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/default'
const SSH = { number: 22, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT1H' }

const idOf = (name: string): string => `${GROUP}/providers/Microsoft.HybridCompute/machines/${name}`

function aHost(name: string, more: Partial<WireMachine> = {}): WireMachine {
  const lists = { privateAddresses: [], publicAddresses: [], policies: [], ports: [], grants: [] }
  return { id: idOf(name), name, location: 'local', os: 'Linux', points: [`host:${name}`], ...lists, ...more }
}

/** Names db1; chooses web1 and web2. */
const policy: WirePolicy = {
  id: `${GROUP}/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/prod`,
  name: 'prod',
  location: 'local',
  kind: 'Basic',
  virtualMachines: [
    { id: idOf('db1'), ports: [{ ...SSH, number: 2222 }] },
    { id: idOf('web1'), ports: [SSH], chosenBy: 'env=prod' },
    { id: idOf('web2'), ports: [SSH], chosenBy: 'env=prod' },
  ],
  selectors: [{ labels: { env: 'prod' }, ports: [SSH] }],
  etag: '"1"',
  createdAt: '',
  updatedAt: '',
}
const place = { id: policy.id, before: policy }
const named = (write: ReturnType<typeof selectorWrite>) =>
  write.virtualMachines.map(({ id, chosenBy }) => `${id.split('/').at(-1)} ${chosenBy ?? 'named'}`)

describe('the labels by which a policy chooses', () => {
  const [draft = newSelector([])] = draftsFrom(policy)

  it('are written back as they were read, with everything that the policy names', () => {
    const write = selectorWrite(place, { drafts: [draft], fallen: 'end' })
    expect(write.selectors).toMatchObject(policy.selectors ?? [])
    expect(write.virtualMachines).toEqual(policy.virtualMachines)
  })

  it('leave their machines to be decided upon when they go, and only when they go', () => {
    expect(fallenFrom(policy, [draft])).toEqual([])
    expect(fallenFrom(policy, [{ ...draft, labels: ' env = prod' }])).toEqual([])
    expect(fallenFrom(policy, []).length).toBe(2)
    expect(named(selectorWrite(place, { drafts: [], fallen: 'stay' }))).toEqual([
      'db1 named',
      'web1 named',
      'web2 named',
    ])
    expect(named(selectorWrite(place, { drafts: [], fallen: 'end' }))).toEqual(['db1 named'])
  })

  it('say of each machine that has them whether they choose it, or why not', () => {
    const prod = { labels: { env: 'prod' } }
    const machines = [
      aHost('db1', prod),
      aHost('web1', { labels: { env: 'prod', tier: 'web' } }),
      aHost('web3', prod),
      aHost('web4', { ...prod, unsupported: { code: 'HostNotEnrolled', message: 'it waits' } }),
    ]
    const drafts = [
      { ...newSelector([]), labels: 'tier=web' },
      { ...draft, key: 1 },
    ]
    expect(foreseenOf(machines, { own: 'env=prod', drafts, before: policy })).toEqual({
      chosen: ['web3'],
      named: ['db1'],
      earlier: ['web1'],
      unsupported: ['web4'],
    })
  })
})

describe('labels that somebody else changed meanwhile', () => {
  const selector = (tier: string, number = 22) => ({ labels: { tier }, ports: [{ ...SSH, number }] })
  const base = { selectors: [selector('web'), selector('db'), selector('old')] }
  const told = (drafts: ReturnType<typeof draftsFrom>) =>
    drafts.map(({ labels, rules }) => `${labels} ${rules.map(({ port }) => port).join()}`)

  it('are as they left them, but for what one edited oneself', () => {
    const now = { selectors: [selector('web', 2222), selector('db', 2222), selector('new')] }
    const [web, db, old] = draftsFrom(base)
    if (web === undefined || db === undefined || old === undefined) throw new Error('three were read')
    const mine = [web, { ...db, labels: 'tier=db,env=prod' }, old, { ...newSelector([old]), labels: 'tier=mine' }]
    const merged = mergedDrafts(mine, { base, now })
    expect(told(merged)).toEqual(['tier=web 2222', 'tier=db,env=prod 22', 'tier=mine 22', 'tier=new 22'])
    expect(new Set(merged.map(({ key }) => key)).size).toBe(4)
  })

  it('stay taken away where one took them away', () => {
    expect(told(mergedDrafts([], { base, now: { selectors: [...base.selectors, selector('new')] } }))).toEqual([
      'tier=new 22',
    ])
  })
})
