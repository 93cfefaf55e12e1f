import { describe, expect, it } from 'vitest'
import type { WireMachine } from '../../../contract/machine.ts'
import type { WirePolicy } from '../../../contract/policy.ts'
import { chosenIn, isLeftEmpty, recommendedRules, writesFor, writesWithout } from './draft.ts'

const GROUP = '/subscriptions/s/resourceGroups/shop'
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
  subscriptionId: 's',
  resourceGroup: 'shop',
  location: '',
  version: '',
}
const around = { policies: [policy], known: [], own }

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
      { machine: { name: 'web2' }, selector: 'env=prod' },
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
