/** Virtual machines with their network interfaces and addresses, read-only, at their ARM paths. */
import { authorize } from '../../app/identity/authorize.ts'
import type { App } from '../../app/app.ts'
import { listVirtualMachines } from '../../app/machines/list-virtual-machines.ts'
import type { Caller } from '../../app/ports/caller.ts'
import type { Machine } from '../../app/ports/inventory.ts'
import {
  isVirtualMachine,
  machineOfInterface,
  machineOfPublicAddress,
  networkInterfaceId,
  READ_INSTANCE_VIEW,
  READ_NIC,
  READ_PUBLIC_ADDRESS,
  READ_VM,
  subscriptionScope,
} from '../../domain/clouds/arm-place.ts'
import { refusal } from '../../domain/refusal.ts'
import type { ActionChoice } from '../../domain/roles/required-actions.ts'
import { parseResourceId, resourceKey } from '../../domain/resource-id.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { errorAnswer, refusedAnswer } from '../errors.ts'
import { keyFromSkipToken, nextLink, skipTokenFrom } from '../input/page.ts'
import {
  instanceViewOf,
  networkInterfaceFrom,
  publicAddressFrom,
  virtualMachineFrom,
  withInstanceView,
} from '../wire/virtual-machine-wire.ts'

type MachineRoutes = Pick<
  Handlers,
  | 'VirtualMachines_ListAll'
  | 'VirtualMachines_List'
  | 'VirtualMachines_Get'
  | 'VirtualMachines_InstanceView'
  | 'NetworkInterfaces_ListAll'
  | 'NetworkInterfaces_List'
  | 'NetworkInterfaces_Get'
  | 'PublicIPAddresses_Get'
>

export function virtualMachineRoutes(app: App): MachineRoutes {
  const machines: Listing = (call) => listAnswer(app, call, MACHINES)
  const interfaces: Listing = (call) => listAnswer(app, call, INTERFACES)
  return {
    VirtualMachines_ListAll: machines,
    VirtualMachines_List: machines,
    VirtualMachines_Get: async ({ params, query, caller }) =>
      show(app, { caller, anyOf: READ_VM, path: vmPath(params), name: params.vmName, scope: params }, (machine) =>
        query.$expand?.toLowerCase() === 'instanceview' ? withInstanceView(machine) : virtualMachineFrom(machine),
      ),
    VirtualMachines_InstanceView: async ({ params, caller }) =>
      show(
        app,
        { caller, anyOf: READ_INSTANCE_VIEW, path: vmPath(params), name: params.vmName, scope: params },
        instanceViewOf,
      ),
    NetworkInterfaces_ListAll: interfaces,
    NetworkInterfaces_List: interfaces,
    NetworkInterfaces_Get: async ({ params, caller }) => {
      const path = `${scopeOf(params)}/providers/Microsoft.Network/networkInterfaces/${params.networkInterfaceName}`
      const name = machineOfInterface(params.networkInterfaceName)
      return show(app, { caller, anyOf: READ_NIC, path, name, scope: params }, networkInterfaceFrom)
    },
    PublicIPAddresses_Get: async ({ params, caller }) => {
      const path = `${scopeOf(params)}/providers/Microsoft.Network/publicIPAddresses/${params.publicIpAddressName}`
      const { machine: name, order = 0 } = machineOfPublicAddress(params.publicIpAddressName) ?? {}
      return show(app, { caller, anyOf: READ_PUBLIC_ADDRESS, path, name, scope: params }, (machine) =>
        publicAddressFrom(machine, order),
      )
    },
  }
}

/** In one answer. */
const MACHINES_A_PAGE = 500

interface Place {
  readonly subscriptionId: string
  readonly resourceGroupName?: string
}

interface ListCall extends Pick<Call<'VirtualMachines_ListAll'>, 'query' | 'caller' | 'base' | 'url'> {
  readonly params: Place
}

type Listing = (call: ListCall) => Promise<Answer>

function scopeOf({ subscriptionId, resourceGroupName: group }: Place): string {
  const subscription = subscriptionScope(subscriptionId)
  return group === undefined ? subscription : `${subscription}/resourceGroups/${group}`
}

/** What is listed of machines: what it takes to see it, and its shape. */
interface Listed {
  readonly anyOf: ActionChoice
  readonly idOf: (machine: Machine) => string
  readonly wire: (machine: Machine) => object
}

const MACHINES: Listed = { anyOf: READ_VM, idOf: ({ id }) => id, wire: virtualMachineFrom }
const INTERFACES: Listed = { anyOf: READ_NIC, idOf: ({ id }) => networkInterfaceId(id), wire: networkInterfaceFrom }

async function listAnswer(
  app: App,
  { params, query, caller, base, url }: ListCall,
  { anyOf, idOf, wire }: Listed,
): Promise<Answer> {
  const after = query.$skiptoken === undefined ? undefined : keyFromSkipToken(query.$skiptoken)
  if (after?.ok === false) return refusedAnswer(after.refusals)
  const page = { limit: MACHINES_A_PAGE, ...(after !== undefined && { after: after.value }) }
  const { items, next } = await listVirtualMachines(app, { within: scopeOf(params), anyOf, idOf, page, caller })
  return answered({
    value: items.map(wire),
    ...(next !== undefined && { nextLink: nextLink(base, url, '$skiptoken', skipTokenFrom(next)) }),
  })
}

function vmPath(params: Place & { readonly vmName: string }): string {
  return `${scopeOf(params)}/providers/Microsoft.Compute/virtualMachines/${params.vmName}`
}

interface Shown {
  readonly caller: Caller
  readonly anyOf: ActionChoice
  readonly path: string
  /** Of the machine; undefined when the path names nothing that a machine could have. */
  readonly name: string | undefined
  readonly scope: Place
}

/** The right is asked for before anything is looked up: a refusal does not tell what there is. */
async function show(
  app: App,
  { caller, anyOf, path, name, scope }: Shown,
  wire: (machine: Machine) => object | undefined,
): Promise<Answer> {
  const denied = await authorize(app, caller, [{ anyOf, scope: path }])
  if (denied.length > 0) return refusedAnswer(denied)
  const id = name === undefined ? undefined : parseResourceId(vmPath({ ...scope, vmName: name }))
  const machine = id?.ok === true && isVirtualMachine(id.value) ? app.inventory.find(resourceKey(id.value)) : undefined
  const body = machine === undefined ? undefined : wire(machine)
  if (body !== undefined) return answered(body)
  const [group, resource] = [scope.resourceGroupName ?? '', path.split('/providers/')[1] ?? '']
  return errorAnswer(
    refusal(
      'ResourceNotFound',
      `The Resource '${resource.slice(0, 200)}' under resource group '${group.slice(0, 100)}' was not found.`,
    ),
  )
}
