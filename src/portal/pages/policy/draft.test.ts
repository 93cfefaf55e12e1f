import { describe, expect, it } from 'vitest'
import type { WireMachine } from '../../../contract/machine.ts'
import type { WirePolicy } from '../../../contract/policy.ts'
import { chosenIn, isLeftEmpty, isStoredAs, recommendedRules, writesFor, writesWithout } from './draft.ts'

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111'
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop`
const POLICY = `${GROUP}/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/default`
const SSH = { number: 22, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT1H' }

const idOf = (name: string): string => `${GROUP}/providers/Microsoft.HybridCompute/machines/${name}`

function aMachine(name: string): WireMachine {
  const lists = { privateAddresses: [], publicAddresses: [], points: [], ports: [], grants: [] }
  return { id: idOf(name), name, location: 'local', os: 'Linux', ...lists, policies: [POLICY] }
}

/** Names web1; chooses web2 by its labels. */
const policy: WirePolicy = {
  id: POLICY,
  name: 'default',
  location: 'local',
  kind: 'Basic',
  virtualMachines: [
    { id: idOf('web1'), ports: [SSH] },
    { id: idOf('web2'), ports: [SSH], chosenBy: 'env=prod' },
  ],
  selectors: [{ labels: { env: 'prod' }, ports: [SSH] }],
  etag: '"1"',
  createdAt: '',
  updatedAt: '',
}
const own = {
  name: '',
  principals: [],
  address: '',
  subscriptionId: SUBSCRIPTION,
  resourceGroup: 'shop',
  location: '',
  version: '',
}
const around = { policies: [policy], own }

describe('a machine that a label selector chose', () => {
  it('is named once its rules are edited, for otherwise they would stay those of the selector', () => {
    const [write] = writesFor([aMachine('web2')], recommendedRules('Linux'), around)
    expect(write?.virtualMachines.map(({ id, chosenBy }) => [id, chosenBy])).toEqual([
      [idOf('web1'), undefined],
      [idOf('web2'), undefined],
    ])
  })

  it('is left as it was where a neighbour is edited', () => {
    const [write] = writesFor([aMachine('web1')], recommendedRules('Linux'), around)
    expect(write?.virtualMachines).toContainEqual(policy.virtualMachines[1])
  })

  it('is told of, and stays protected when its protection is to be removed', () => {
    expect(chosenIn([aMachine('web1'), aMachine('web2')], around)).toMatchObject([
      { machines: [{ name: 'web2' }], selector: 'env=prod', policy: POLICY },
    ])
    expect(writesWithout([aMachine('web2')], around)).toEqual([])
  })
})

describe('a policy that names no machine any more', () => {
  const only = { ...policy, virtualMachines: policy.virtualMachines.slice(0, 1) }

  it('stays where machines can still be chosen by their labels', () => {
    const [write] = writesWithout([aMachine('web1')], { policies: [only] })
    expect(write?.virtualMachines).toEqual([])
    expect(write && isLeftEmpty(write)).toBe(false)
  })

  it('is removed where none can come', () => {
    const { selectors: _selectors, ...plain } = only
    const [write] = writesWithout([aMachine('web1')], { policies: [plain] })
    expect(write && isLeftEmpty(write)).toBe(true)
  })
})

describe('a write whose answer was lost', () => {
  const [write] = writesFor([aMachine('web1')], recommendedRules('Linux'), around)
  if (write === undefined) throw new Error('one machine has one policy')
  const ssh = { number: 22, protocol: 'TCP', allowedSourceAddressPrefixes: ['*'], maxRequestAccessDuration: 'PT3H' }
  const stored = {
    virtualMachines: [{ id: idOf('WEB1'), ports: [ssh] }],
    selectors: policy.selectors ?? [],
    requests: [],
    provisioningState: 'Succeeded' as const,
    appendMode: false as const,
  }

  it('is found done where the policy says what it said, however it is written there and whatever was chosen since', () => {
    const chosen = { id: idOf('web9'), ports: [SSH], chosenBy: 'env=prod' }
    expect(isStoredAs(write, stored)).toBe(true)
    expect(isStoredAs(write, { ...stored, virtualMachines: [chosen, ...stored.virtualMachines] })).toBe(true)
  })

  it('is not found done where somebody else changed the rules, the machines or the selectors', () => {
    const other = { id: idOf('web8'), ports: [SSH] }
    expect(isStoredAs(write, { ...stored, virtualMachines: [{ id: idOf('web1'), ports: [SSH] }] })).toBe(false)
    expect(isStoredAs(write, { ...stored, virtualMachines: [...stored.virtualMachines, other] })).toBe(false)
    expect(isStoredAs(write, { ...stored, selectors: [] })).toBe(false)
    expect(isStoredAs(write, undefined)).toBe(false)
  })

  it('of a removal is found done where the policy is gone', () => {
    const gone = { id: policy.id, before: policy, virtualMachines: [], selectors: [] }
    expect(isStoredAs(gone, undefined)).toBe(true)
    expect(isStoredAs(gone, stored)).toBe(false)
  })
})
