import { expect, it } from 'vitest'
import { guardText } from './guard-text.ts'

const GROUP = 'azure:/subscriptions/s/resourcegroups/g/providers/microsoft.network/networksecuritygroups/web-nsg'
const FIREWALL = 'azure:/subscriptions/s/resourcegroups/g/providers/microsoft.network/azurefirewalls/fw'
const HOSTS = '/subscriptions/s/resourcegroups/g/providers/microsoft.hybridcompute/machines'
const GATEWAY = `nftables:${HOSTS}/edge`

it('a machine behind a firewall and a security group shows the firewall', () => {
  const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/web1'
  expect(guardText({ id, points: [GROUP] })).toBe('security group web-nsg')
  expect(guardText({ id, points: [FIREWALL, GROUP] })).toBe('firewall fw')
})

it('a machine behind a gateway shows it, and the gateway shows nothing before itself', () => {
  expect(guardText({ id: `${HOSTS}/db1`, points: [GATEWAY] })).toBe('gateway edge')
  expect(guardText({ id: `${HOSTS}/Edge`, points: [GATEWAY] })).toBeUndefined()
})
