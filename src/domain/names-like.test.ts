import { expect, test } from 'vitest'
import { mayMean, namesLike, whereText } from './names-like.ts'

const vm = (group: string, name: string, subscription = '11111111-2222') => ({
  id: `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`,
  name,
})
const policy = (group: string, location: string) => ({
  id: `/subscriptions/1/resourceGroups/${group}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/default`,
  name: 'default',
})
const instance = (id: string) => ({
  id: `/subscriptions/1/resourceGroups/vpc/providers/AWS.EC2/instances/${id}`,
  name: 'web',
})

const MACHINES = [vm('shop', 'web1'), vm('prod', 'web1'), vm('prod', 'web10'), vm('prod', 'web1', '9876abcd-2222')]
const idsLike = (typed: string, among = MACHINES): string[] => namesLike(typed, among).map(({ id }) => id)

test('a name is told by what stands before it in the id', () => {
  expect(idsLike('shop/web1')).toEqual([MACHINES[0]?.id])
  expect(idsLike('SHOP/Web1')).toEqual([MACHINES[0]?.id])
  expect(idsLike('9876abcd-2222/prod/web1')).toEqual([MACHINES[3]?.id])
  expect(idsLike('prod/web1')).toHaveLength(2)
  expect(idsLike('sho/web1')).toEqual([])
  expect(idsLike('prod/we')).toEqual([])
  expect(idsLike('web1/prod')).toEqual([])
  expect(idsLike('prod/')).toEqual([])
})

test('a name is told as a table writes it', () => {
  expect(idsLike('web1 (shop)')).toEqual([MACHINES[0]?.id])
  expect(idsLike('web1 (prod, subscription 9876abcd)')).toEqual([MACHINES[3]?.id])
  expect(namesLike('web (i-0a2)', [instance('i-0a1'), instance('i-0a2')])).toEqual([instance('i-0a2')])
  expect(idsLike(`web1 (${MACHINES[1]?.id ?? ''})`)).toEqual([MACHINES[1]?.id])
})

test('what is told of several of one name finds exactly that one', () => {
  const policies = [policy('Shop', 'westeurope'), policy('SHOP', 'eastus'), policy('prod', 'eastus')]
  expect(policies.map((one) => whereText(one, policies))).toEqual([
    'Shop/westeurope/default',
    'SHOP/eastus/default',
    'prod/eastus/default',
  ])
  for (const several of [MACHINES, policies, [instance('i-0a1'), instance('i-0a2')]]) {
    for (const one of several) {
      const told = whereText(one, several)
      expect([told, namesLike(told, several)]).toEqual([told, [one]])
      expect(several.filter((other) => mayMean(told, other))).toEqual([one])
    }
  }
})

test('who stands alone goes by the name, and what has no resource id by its own', () => {
  expect(whereText(vm('shop', 'web1'), [vm('shop', 'web1'), vm('shop', 'web2')])).toBe('web1')
  const twins = [
    { id: 'a-1', name: 'deploy' },
    { id: 'b-2', name: 'deploy' },
  ]
  expect(twins.map((twin) => whereText(twin, twins))).toEqual(['a-1', 'b-2'])
})
