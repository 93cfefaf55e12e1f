/** One policy's change: from the server's state to what the files want. Pure. */
import type { JitPolicy } from '../../contract/jit-policy.ts'
import type { PolicyMachineInput } from '../../domain/policy.ts'
import { actionOf, diffMachines, type Action, type MachineDiff } from './policy-diff.ts'

export interface Change {
  readonly action: Action
  readonly id: string
  readonly name: string
  readonly machines: readonly MachineDiff[]
}

interface Between {
  readonly id: string
  readonly name: string
  readonly before: JitPolicy | undefined
  readonly after: readonly PolicyMachineInput[] | undefined
}

export function changeOf({ id, name, before, after }: Between): Change {
  const old = before?.properties.virtualMachines
  const machines = diffMachines({ before: old, after })
  const changed = machines.some(({ action }) => action !== 'none')
  return { action: actionOf({ before: old, after }, changed), id, name, machines }
}
