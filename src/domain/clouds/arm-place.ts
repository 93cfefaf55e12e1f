/**
 * Where machines stand among Azure's resources, and the names of what belongs to them: groups, network interfaces, public
 * addresses. Sallyport keeps none of these; they follow from the machine.
 */
import type { ActionChoice } from '../roles/required-actions.ts'
import { partsOf, resourceName, type ResourceId } from '../resource-id.ts'

export const READ_SUBSCRIPTION: ActionChoice = ['Microsoft.Resources/subscriptions/read']
export const READ_GROUP: ActionChoice = ['Microsoft.Resources/subscriptions/resourceGroups/read']
export const READ_PROVIDERS: ActionChoice = ['Microsoft.Resources/subscriptions/providers/read']
export const READ_LOCATIONS: ActionChoice = ['Microsoft.Resources/subscriptions/locations/read']
export const READ_SECURITY_LOCATIONS: ActionChoice = ['Microsoft.Security/locations/read']
export const READ_VM: ActionChoice = ['Microsoft.Compute/virtualMachines/read']
export const READ_INSTANCE_VIEW: ActionChoice = ['Microsoft.Compute/virtualMachines/instanceView/read', ...READ_VM]
export const READ_NIC: ActionChoice = [
  'Microsoft.Network/networkInterfaces/read',
  'Microsoft.Network/networkInterfaces/*/read',
]
export const READ_PUBLIC_ADDRESS: ActionChoice = ['Microsoft.Network/publicIPAddresses/read']

export function subscriptionScope(subscriptionId: string): string {
  return `/subscriptions/${subscriptionId}`
}

export function groupScope(id: ResourceId): string {
  const { subscriptionId, resourceGroup } = partsOf(id)
  return `${subscriptionScope(subscriptionId)}/resourceGroups/${resourceGroup}`
}

export function isVirtualMachine(id: ResourceId): boolean {
  return partsOf(id).type.toLowerCase() === 'microsoft.compute/virtualmachines'
}

export function networkInterfaceId(machine: ResourceId): string {
  return `${groupScope(machine)}/providers/Microsoft.Network/networkInterfaces/${resourceName(machine)}-nic`
}

/** `order` 0 is the first. */
export function publicAddressId(machine: ResourceId, order: number): string {
  return `${groupScope(machine)}/providers/Microsoft.Network/publicIPAddresses/${resourceName(machine)}-ip${order + 1}`
}

/** The machine's name in a network interface's; undefined when it is not one of those. */
export function machineOfInterface(name: string): string | undefined {
  return /^(.+)-nic$/i.exec(name)?.[1]
}

export function machineOfPublicAddress(name: string): { readonly machine: string; readonly order: number } | undefined {
  const [, machine, number] = /^(.+)-ip([1-9]\d{0,3})$/i.exec(name) ?? []
  return machine === undefined ? undefined : { machine, order: Number(number) - 1 }
}
