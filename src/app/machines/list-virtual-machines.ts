/** The virtual machines of a subscription or of one of its groups, to each caller those it may read. */
import type { App } from '../app.ts'
import { rightsOf } from '../identity/authorize.ts'
import type { Caller, Machine } from '../ports.ts'
import { isVirtualMachine } from '../../domain/clouds/arm-place.ts'
import type { ActionChoice } from '../../domain/roles/required-actions.ts'

export interface MachinesAsked {
  /** A subscription or a resource group. */
  readonly within: string
  /** What it takes to see one, at the id that is made of it. */
  readonly anyOf: ActionChoice
  readonly idOf: (machine: Machine) => string
  readonly caller: Caller
}

export async function listVirtualMachines(
  app: Pick<App, 'inventory' | 'access'>,
  { within, anyOf, idOf, caller }: MachinesAsked,
): Promise<Machine[]> {
  const rights = await rightsOf(app, caller)
  const prefix = `${within.toLowerCase()}/`
  return app.inventory
    .list()
    .filter(({ id, key }) => key.startsWith(prefix) && isVirtualMachine(id))
    .filter((machine) => rights.may(anyOf, idOf(machine)))
}
