/**
 * How we know our own again. A group is ours by its name and its description, which nobody can change after it was made;
 * a rule in somebody else's group by its tag, or by the journal where somebody took the tag away. Names are a function
 * of what a group is for: a retry collides with the first try instead of making another.
 */
import type { PointId } from '../../app/ports/inventory.ts'
import { AWS_TAG } from '../../domain/clouds/aws-permissions.ts'
import { sha256 } from '../../domain/sha256.ts'
import type { GroupRule, Tags } from './group-rule.ts'
import type { SecurityGroup } from './vpc-state.ts'

export const GRANT_TAG = 'sallyport:grant'
export const UNTIL_TAG = 'sallyport:until'

const JIT = 'sallyport-jit-'
const KEEP = 'sallyport-keep-'
const DESCRIPTION = 'Made by Sallyport, do not edit: '

export function jitGroupName(instance: string): string {
  return JIT + instance
}

export function keepGroupName(what: string): string {
  return KEEP + sha256(what).slice(0, 20)
}

export function jitGroupDescription(instance: string): string {
  return `${DESCRIPTION}openings of ${instance}`
}

export function keepGroupDescription(): string {
  return `${DESCRIPTION}keeps open what is closed for protected neighbours`
}

export function isOurGroup({ name, description }: Pick<SecurityGroup, 'name' | 'description'>): boolean {
  return (name.startsWith(JIT) || name.startsWith(KEEP)) && description.startsWith(DESCRIPTION)
}

/** The instance whose openings the group carries; undefined for any other group. */
export function instanceOfGroup(group: SecurityGroup): string | undefined {
  return isOurGroup(group) && group.name.startsWith(JIT) ? group.name.slice(JIT.length) : undefined
}

export function pointTags(point: PointId): Tags {
  return { [AWS_TAG]: point }
}

/** By this point: a rule that was copied to another network with its tags is not ours there. */
export function isMarked({ tags }: Pick<GroupRule, 'tags'>, point: PointId): boolean {
  return tags[AWS_TAG] === point
}
