/** Machines as Azure shows virtual machines, their network interfaces and public addresses. Pure. */
import type { Machine } from '../../app/ports/inventory.ts'
import type { ArmNetworkInterface, ArmPublicAddress, ArmVirtualMachine } from '../../contract/arm-resources.ts'
import { networkInterfaceId, publicAddressId } from '../../domain/clouds/arm-place.ts'
import { resourceName } from '../../domain/resource-id.ts'

type InstanceView = NonNullable<ArmVirtualMachine['properties']['instanceView']>

export function virtualMachineFrom(machine: Machine): ArmVirtualMachine {
  const { id, name, location, os } = machine
  return {
    id,
    name,
    type: 'Microsoft.Compute/virtualMachines',
    location,
    properties: {
      provisioningState: 'Succeeded',
      hardwareProfile: {},
      storageProfile: { osDisk: { osType: os, createOption: 'FromImage' } },
      osProfile: { computerName: name },
      networkProfile: { networkInterfaces: [{ id: networkInterfaceId(id), properties: { primary: true } }] },
    },
  }
}

export function withInstanceView(machine: Machine): ArmVirtualMachine {
  const shown = virtualMachineFrom(machine)
  return { ...shown, properties: { ...shown.properties, instanceView: instanceViewOf(machine) } }
}

/** Whether it runs is not known here, and is not said. */
export function instanceViewOf({ name }: Machine): InstanceView {
  const status = {
    code: 'ProvisioningState/succeeded',
    level: 'Info',
    displayStatus: 'Provisioning succeeded',
  } as const
  return { computerName: name, statuses: [status] }
}

export function networkInterfaceFrom({ id: machine, name, location, ...addresses }: Machine): ArmNetworkInterface {
  const id = networkInterfaceId(machine)
  return {
    id,
    name: `${name}-nic`,
    type: 'Microsoft.Network/networkInterfaces',
    location,
    properties: {
      provisioningState: 'Succeeded',
      primary: true,
      virtualMachine: { id: machine },
      ipConfigurations: addresses.privateAddresses.map((address, order) => ({
        id: `${id}/ipConfigurations/ipconfig${order + 1}`,
        name: `ipconfig${order + 1}`,
        properties: {
          primary: order === 0,
          privateIPAddress: address,
          privateIPAddressVersion: versionOf(address),
          ...(addresses.publicAddresses[order] !== undefined && {
            publicIPAddress: { id: publicAddressId(machine, order) },
          }),
        },
      })),
    },
  }
}

export function publicAddressFrom(
  { id: machine, location, publicAddresses }: Machine,
  order: number,
): ArmPublicAddress | undefined {
  const ipAddress = publicAddresses[order]
  if (ipAddress === undefined) return undefined
  const id = publicAddressId(machine, order)
  return {
    id,
    name: `${resourceName(machine)}-ip${order + 1}`,
    type: 'Microsoft.Network/publicIPAddresses',
    location,
    properties: {
      provisioningState: 'Succeeded',
      ipAddress,
      publicIPAddressVersion: versionOf(ipAddress),
      ipConfiguration: { id: `${networkInterfaceId(machine)}/ipConfigurations/ipconfig${order + 1}` },
    },
  }
}

function versionOf(address: string): 'IPv4' | 'IPv6' {
  return address.includes(':') ? 'IPv6' : 'IPv4'
}
