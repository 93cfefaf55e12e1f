import { expect, it } from 'vitest'
import { guardText } from './guard-text.ts'

const GROUP = 'azure:/subscriptions/s/resourcegroups/g/providers/microsoft.network/networksecuritygroups/web-nsg'
const FIREWALL = 'azure:/subscriptions/s/resourcegroups/g/providers/microsoft.network/azurefirewalls/fw'

it('a machine behind a firewall and a security group shows the firewall', () => {
  expect(guardText([GROUP])).toBe('security group web-nsg')
  expect(guardText([FIREWALL, GROUP])).toBe('firewall fw')
  expect(guardText(['nftables:host'])).toBeUndefined()
})
