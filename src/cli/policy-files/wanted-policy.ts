/** A policy as a file wants it, whatever form the file has. Machines may still be names; nothing is judged yet. */
import type { PolicyMachineInput, PolicySelectorInput } from '../../domain/policy/policy.ts'
import type { Locate } from './place.ts'

export interface WantedPolicy {
  readonly name: string
  /** The whole id, where the file says it. */
  readonly id?: string | undefined
  readonly subscription?: string | undefined
  readonly resourceGroup?: string | undefined
  readonly location?: string | undefined
  /** `id` is what the file calls the machine: a whole name or a resource id. */
  readonly machines: readonly PolicyMachineInput[]
  /** Undefined where the file's form cannot say it: they stay as they are. */
  readonly selectors?: readonly PolicySelectorInput[] | undefined
  /** Of a path of the API's policy: `properties.virtualMachines[0].ports[1].number`, `name`. */
  readonly locate: Locate
}
