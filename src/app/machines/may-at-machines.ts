/** Whether a caller may do something at machines, asked of 100,000 of them: what is granted where they lie is looked up once. */
import type { Rights } from '../identity/authorize.ts'
import type { Machine } from '../ports/inventory.ts'
import type { ActionChoice } from '../../domain/roles/required-actions.ts'

export interface MachineNeed {
  readonly anyOf: (machine: Machine) => ActionChoice
  /** Where it is needed; the machine's own id without it. */
  readonly idOf?: (machine: Machine) => string
}

export function mayAtMachines(
  rights: Rights,
  { anyOf, idOf = ({ id }) => id }: MachineNeed,
): (machine: Machine) => boolean {
  const known = new Map<string, 'all' | 'some' | 'none'>()
  const share = (place: string, machine: Machine): 'all' | 'some' | 'none' => {
    const need = anyOf(machine)
    if (rights.may(need, place)) return 'all'
    return rights.mayWithin(need, place) ? 'some' : 'none'
  }
  return (machine) => {
    const id = idOf(machine)
    const place = id.slice(0, id.lastIndexOf('/')) // of one kind of resource, for which the same is needed
    const found = known.get(place) ?? share(place, machine)
    known.set(place, found)
    return found === 'all' || (found === 'some' && rights.may(anyOf(machine), id))
  }
}
