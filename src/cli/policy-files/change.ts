/** One policy's change: from the server's state to what the files want. Pure. */
import type { PolicyMachineInput } from '../../domain/policy/policy.ts'
import { actionOf, diffMachines, type Action, type MachineDiff } from './policy-diff.ts'

export interface Change {
  /** `adopt`: the policy says this already; only who manages it changes. */
  readonly action: Action | 'adopt'
  readonly id: string
  readonly name: string
  readonly machines: readonly MachineDiff[]
}

interface Between {
  readonly id: string
  readonly name: string
  readonly before: readonly PolicyMachineInput[] | undefined
  readonly after: readonly PolicyMachineInput[] | undefined
}

export function changeOf({ id, name, before, after }: Between): Change {
  const machines = diffMachines({ before, after })
  const changed = machines.some(({ action }) => action !== 'none')
  return { action: actionOf({ before, after }, changed), id, name, machines }
}
