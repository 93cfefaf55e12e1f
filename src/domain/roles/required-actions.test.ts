import { describe, expect, it } from 'vitest'
import { needsOf, readMachine } from './required-actions.ts'
import { parseResourceId } from '../resource-id.ts'
import { SUBSCRIPTION, valueOf } from '../../../test/support/builders.ts'

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod/providers`
const id = (text: string) => valueOf(parseResourceId(text))
const POLICY = id(`${GROUP}/Microsoft.Security/locations/local/jitNetworkAccessPolicies/default`)
const AZURE = id(`${GROUP}/Microsoft.Compute/virtualMachines/web1`)
const HOST = id(`${GROUP}/Microsoft.HybridCompute/machines/host1`)
const AWS = id(`${GROUP}/Microsoft.Security/securityConnectors/aws1/securityEntities/i-0123`)

const actions = (operation: 'request' | 'configure', machine = AZURE) =>
  needsOf(operation, POLICY, [machine]).map(({ anyOf: [action] }) => action.replace(/^.*jitNetworkAccessPolicies/, '…'))

describe('what an operation needs', () => {
  it('for a virtual machine is what the documented table says', () => {
    expect(actions('configure')).toEqual(['…/write', 'Microsoft.Compute/virtualMachines/write'])
    expect(actions('request')).toEqual([
      '…/initiate/action',
      '…/read',
      'Microsoft.Compute/virtualMachines/read',
      'Microsoft.Network/networkInterfaces/*/read',
      'Microsoft.Network/publicIPAddresses/read',
    ])
  })

  it('for a host is what its own resource type has, without anything of the network', () => {
    expect(actions('configure', HOST)).toEqual(['…/write', 'Microsoft.HybridCompute/machines/write'])
    expect(actions('request', HOST)).toEqual(['…/initiate/action', '…/read', 'Microsoft.HybridCompute/machines/read'])
  })

  it('for a machine of AWS is the actions of Microsoft.Security alone', () => {
    expect(actions('configure', AWS)).toEqual(['…/write'])
    expect(actions('request', AWS)).toEqual(['…/initiate/action', '…/read'])
    expect(readMachine(AWS)[0]).toBe('Microsoft.Security/locations/jitNetworkAccessPolicies/read')
  })

  it('at a machine of another group or subscription is linked, whatever the case of its id', () => {
    const linked = (machine: string) =>
      needsOf('configure', POLICY, [id(machine)]).map(({ linkedFrom }) => linkedFrom?.scope)
    expect(linked(AZURE.toUpperCase())).toEqual([undefined, undefined])
    expect(linked(AZURE.replace('/prod/', '/test/'))).toEqual([undefined, POLICY])
    expect(linked(AZURE.replace(SUBSCRIPTION, crypto.randomUUID()))).toEqual([undefined, POLICY])
  })
})
