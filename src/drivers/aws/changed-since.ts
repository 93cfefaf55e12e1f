/**
 * Whether somebody else changed a VPC since a pass looked at it: other rules in groups that are not ours, or other groups
 * on an interface. EC2 tells nobody of changes; this finds them whenever the inventory is read. Pure.
 */
import { isOurGroup } from './marks.ts'
import type { RegionState } from './inventory.ts'
import type { VpcState } from './vpc-state.ts'

type Seen = Pick<RegionState, 'groups' | 'interfaces'> & Pick<VpcState, 'inbound'>

export function isChangedSince(look: VpcState, now: RegionState, vpc: string): boolean {
  const before: Seen = { groups: [...look.groups.values()], inbound: look.inbound, interfaces: look.interfaces }
  return printOf(before, vpc) !== printOf({ ...now, inbound: now.rules.inbound }, vpc)
}

function printOf({ groups, inbound, interfaces }: Seen, vpc: string): string {
  const foreign = new Set(groups.filter((group) => group.vpc === vpc && !isOurGroup(group)).map(({ id }) => id))
  return [
    ...inbound.filter(({ group }) => foreign.has(group)).map(({ id }) => id),
    ...interfaces
      .filter((one) => one.vpc === vpc)
      .map(({ id, groups: carried }) => `${id} ${carried.toSorted().join(' ')}`),
  ]
    .sort()
    .join('\n')
}
