/** The installation's own groups. Being in one may give rights, so membership is changed by who may give rights. */
import { authorize } from './authorize.ts'
import { change, groupCalled, programCalled, userCalled, type Managing } from './manage-identity.ts'
import type { IdentityReads } from '../ports/identity.ts'
import type { Page } from '../ports/rows.ts'
import { DELETE_GROUPS, READ_GROUPS, WRITE_GROUPS } from '../../domain/roles/identity-actions.ts'
import { parseDisplayName, type Group, type ServicePrincipal, type User } from '../../domain/roles/identity.ts'
import { ok, refusal, refused, withFacts, type Result } from '../../domain/refusal.ts'

export interface GroupView {
  readonly group: Group
  readonly members: readonly string[]
}

/** Every group is named in its members' tokens, which must stay small enough for a header. */
const MOST_GROUPS_OF_ONE = 200

export async function listGroups({ app, caller }: Managing, page: Page<string>): Promise<Result<GroupView[]>> {
  const denied = await authorize(app, caller, [{ anyOf: READ_GROUPS, scope: '/' }])
  if (denied.length > 0) return refused(...denied)
  const { identity } = app.store.reads
  const groups = await identity.groups(page)
  return ok(await Promise.all(groups.map((group) => viewOf(identity, group))))
}

async function viewOf(identity: Pick<IdentityReads, 'membersOf'>, group: Group): Promise<GroupView> {
  return { group, members: await identity.membersOf(group.id) }
}

export async function createGroup(managing: Managing, asked: string): Promise<Result<GroupView>> {
  const name = parseDisplayName(asked, 'name')
  const id = managing.app.uuid()
  return change(managing, WRITE_GROUPS, async (identity, now) => {
    if (!name.ok) return name
    if ((await identity.groupNamed(name.value)) !== undefined)
      return refused(
        withFacts(refusal('NameTaken', `there is a group '${name.value}' already; choose another name`, 'name'), {
          name: name.value,
        }),
      )
    const group = { id, name: name.value, createdAt: now }
    await identity.putGroup(group)
    const told = { action: 'group.created', target: id, data: { name: name.value } } as const
    return ok({ value: { group, members: [] }, told })
  })
}

export interface Membership {
  readonly group: string
  readonly member: string
}

export function addMember(managing: Managing, { group: called, member }: Membership): Promise<Result<GroupView>> {
  return change(managing, WRITE_GROUPS, async (identity) => {
    const group = await groupCalled(identity, called)
    if (!group.ok) return group
    const who = await memberCalled(identity, member)
    if (!who.ok) return who
    const { id, name } = who.value
    const others = await identity.groupsOf(id)
    if (others.some((other) => other.id === group.value.id)) return ok({ value: await viewOf(identity, group.value) })
    if (others.length >= MOST_GROUPS_OF_ONE)
      return refused(
        withFacts(
          refusal('TooManyGroups', `a member is in at most ${MOST_GROUPS_OF_ONE} groups; leave another first`),
          {
            member: name,
            most: MOST_GROUPS_OF_ONE,
          },
        ),
      )
    await identity.addMember(group.value.id, id)
    const data = { name: group.value.name, member: id, memberName: name }
    const told = { action: 'group.member-added', target: group.value.id, data } as const
    return ok({ value: await viewOf(identity, group.value), told })
  })
}

export function removeMember(managing: Managing, { group: called, member }: Membership): Promise<Result<GroupView>> {
  return change(managing, WRITE_GROUPS, async (identity) => {
    const group = await groupCalled(identity, called)
    if (!group.ok) return group
    const known = await memberCalled(identity, member)
    const gone = known.ok ? known.value : { id: member.toLowerCase() }
    const members = await identity.membersOf(group.value.id)
    if (!members.includes(gone.id)) return ok({ value: { group: group.value, members } })
    await identity.removeMember(group.value.id, gone.id)
    const about = { member: gone.id, ...('name' in gone && { memberName: gone.name }) }
    const data = { name: group.value.name, ...about }
    const told = { action: 'group.member-removed', target: group.value.id, data } as const
    return ok({ value: await viewOf(identity, group.value), told })
  })
}

async function memberCalled(
  identity: Parameters<typeof userCalled>[0],
  called: string,
): Promise<Result<Pick<User | ServicePrincipal, 'id' | 'name'>>> {
  const user = await userCalled(identity, called)
  if (user.ok) return user
  const program = await programCalled(identity, called)
  return program.ok ? program : user
}

export function removeGroup(managing: Managing, called: string): Promise<Result<Group>> {
  return change(managing, DELETE_GROUPS, async (identity) => {
    const group = await groupCalled(identity, called)
    if (!group.ok) return group
    await identity.removeGroup(group.value.id)
    const told = { action: 'group.removed', target: group.value.id, data: { name: group.value.name } } as const
    return ok({ value: group.value, told })
  })
}
