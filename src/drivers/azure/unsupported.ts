/** Why nothing can enforce rules for a machine: the reasons of the original, in its order (behaviour reference §8). Pure. */
import { refusal, type Refusal } from '../../domain/refusal.ts'
import type { Estate, EstateMachine } from './estate.ts'
import { firewallServing } from './firewall-serving.ts'

/** Of one that is before no security group, and no firewall that may be changed. */
export function unsupportedOf(machine: EstateMachine, estate: Pick<Estate, 'firewalls'>): Refusal {
  const { name, isClassic } = machine
  if (isClassic)
    return refusal('ClassicMachine', `${name} is a classic virtual machine; move it to Azure Resource Manager first`)
  if (machine.nics.length === 0)
    return refusal('NoNetworkInterface', `${name} has no network interface, so nothing reaches it`)
  const policy = firewallServing(estate, machine, { firewallPolicies: true })?.policy ?? ''
  if (policy !== '')
    return refusal(
      'FirewallPolicy',
      `${name} has no network security group, and the firewall before it is managed by policy ${policy.slice(policy.lastIndexOf('/') + 1)}; put a security group on its NIC or subnet, or let the connection change policies`,
    )
  return refusal(
    'NoSecurityGroup',
    `${name} has no network security group or firewall; put a security group on its NIC or subnet`,
  )
}
