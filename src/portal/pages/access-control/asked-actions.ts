/** What somebody may want to do, as the rights that it takes and where: the same table that the server decides by. Pure. */
import {
  CHANGE_OTHERS,
  machineKindOf,
  READ_ACTIVITY,
  READ_POLICY,
  REQUIRED,
  WRITE_ASSIGNMENTS,
  WRITE_CONNECTION,
  type ActionChoice,
} from '../../../domain/roles/required-actions.ts'
import { WRITE_USERS } from '../../../domain/roles/identity-actions.ts'
import { parseResourceId } from '../../../domain/resource-id.ts'

export const DEEDS = ['request', 'configure', 'view', 'decide', 'activity', 'assign', 'users', 'connect'] as const
export type Deed = (typeof DEEDS)[number]

export interface AskedRight {
  readonly anyOf: ActionChoice
  readonly scope: string
}

const SINGLE: Readonly<Record<Exclude<Deed, 'request' | 'configure'>, ActionChoice>> = {
  view: READ_POLICY,
  decide: CHANGE_OTHERS,
  activity: READ_ACTIVITY,
  assign: WRITE_ASSIGNMENTS,
  users: WRITE_USERS,
  connect: WRITE_CONNECTION,
}

/** Requesting and configuring take rights at the policy, which is in the machine's group, and at the machine itself. */
export function rightsFor(deed: Deed, scope: string): readonly AskedRight[] {
  if (deed !== 'request' && deed !== 'configure')
    return [{ anyOf: SINGLE[deed], scope: deed === 'users' ? '/' : scope }]
  const machine = machineIn(scope)
  const { policy, machine: rights } = REQUIRED[deed]
  const place = machine === undefined ? scope : (/^.*?\/resourceGroups\/[^/]+/i.exec(scope)?.[0] ?? scope)
  return [
    ...policy.map((anyOf) => ({ anyOf, scope: place })),
    ...(machine === undefined ? [] : rights[machineKindOf(machine)].map((anyOf) => ({ anyOf, scope }))),
  ]
}

function machineIn(scope: string) {
  const id = parseResourceId(scope)
  return id.ok && /\/(virtualMachines|machines|ec2Instances)\//i.test(scope) ? id.value : undefined
}
