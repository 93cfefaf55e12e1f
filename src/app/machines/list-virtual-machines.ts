/** The virtual machines of a subscription or of one of its groups, to each caller those it may read, page by page. */
import type { App } from '../app.ts'
import { rightsOf } from '../identity/authorize.ts'
import { firstAfter } from './first-after.ts'
import { mayAtMachines } from './may-at-machines.ts'
import type { Caller } from '../ports/caller.ts'
import type { Machine } from '../ports/inventory.ts'
import type { Page } from '../ports/rows.ts'
import { readablePage, type ReadablePage } from '../readable-page.ts'
import { isVirtualMachine } from '../../domain/clouds/arm-place.ts'
import type { ActionChoice } from '../../domain/roles/required-actions.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'

export interface MachinesAsked {
  /** A subscription or a resource group. */
  readonly within: string
  /** What it takes to see one, at the id that is made of it. */
  readonly anyOf: ActionChoice
  readonly idOf: (machine: Machine) => string
  readonly page: Page<ResourceKey>
  readonly caller: Caller
}

export async function listVirtualMachines(
  app: Pick<App, 'inventory' | 'access'>,
  { within, anyOf, idOf, page, caller }: MachinesAsked,
): Promise<ReadablePage<Machine, ResourceKey>> {
  const mayRead = mayAtMachines(await rightsOf(app, caller), { anyOf: () => anyOf, idOf })
  const prefix = `${within.toLowerCase()}/`
  const all = app.inventory.list().filter(({ key }) => key.startsWith(prefix))
  return readablePage({
    read: ({ after, limit }) => {
      const from = firstAfter(all, after)
      return Promise.resolve(all.slice(from, from + limit))
    },
    keyOf: ({ key }) => key,
    may: (machine) => isVirtualMachine(machine.id) && mayRead(machine),
    page,
  })
}
