/** Groups and who is in them. */
import type { Page } from '../app/ports/rows.ts'
import { nameKey, type Group } from '../domain/roles/identity.ts'
import type { GroupTable } from './identity-tables.ts'
import type { Session } from './session.ts'
import { runBuilt, statement } from './statement.ts'

export async function findGroup(session: Session, id: string): Promise<Group | undefined> {
  const [row] = await groupById(session, { id })
  return row === undefined ? undefined : groupFromRow(row)
}

const groupById = statement((writer, p: { id: string }) =>
  writer.selectFrom('user_groups').selectAll().where('id', '=', p.id),
)

export async function findGroupNamed(session: Session, name: string): Promise<Group | undefined> {
  const [row] = await groupByName(session, { key: nameKey(name) })
  return row === undefined ? undefined : groupFromRow(row)
}

const groupByName = statement((writer, p: { key: string }) =>
  writer.selectFrom('user_groups').selectAll().where('name_key', '=', p.key),
)

export async function listGroups(session: Session, page: Page<string>): Promise<Group[]> {
  let query = session.flavour.writer.selectFrom('user_groups').selectAll().orderBy('name_key').limit(page.limit)
  if (page.after !== undefined) query = query.where('name_key', '>', nameKey(page.after))
  return (await runBuilt(session, query)).map(groupFromRow)
}

export async function listGroupsOf(session: Session, member: string): Promise<Group[]> {
  return (await groupsOf(session, { member })).map(groupFromRow)
}

const groupsOf = statement((writer, p: { member: string }) =>
  writer
    .selectFrom('user_groups')
    .selectAll()
    .where('id', 'in', (nested) =>
      nested.selectFrom('group_members').select('group_id').where('member_id', '=', p.member),
    )
    .orderBy('name_key'),
)

export async function listMembersOf(session: Session, group: string): Promise<string[]> {
  return (await membersOf(session, { group })).map(({ member_id }) => member_id)
}

const membersOf = statement((writer, p: { group: string }) =>
  writer.selectFrom('group_members').select('member_id').where('group_id', '=', p.group).orderBy('member_id'),
)

/** Rejects when another group has the name. */
export async function writeGroup(session: Session, group: Group): Promise<void> {
  const { id, name, createdAt } = group
  await upsertGroup(session, { id, name, name_key: nameKey(name), created_at: createdAt })
}

const upsertGroup = statement((writer, p: GroupTable) => {
  const changing = { name: p.name, name_key: p.name_key }
  return writer
    .insertInto('user_groups')
    .values({ id: p.id, created_at: p.created_at, ...changing })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changing))
})

export async function deleteGroup(session: Session, id: string): Promise<void> {
  await forgetMembers(session, { id })
  await removeGroup(session, { id })
}

const forgetMembers = statement((writer, p: { id: string }) =>
  writer.deleteFrom('group_members').where('group_id', '=', p.id),
)

const removeGroup = statement((writer, p: { id: string }) => writer.deleteFrom('user_groups').where('id', '=', p.id))

export async function addMember(session: Session, group: string, member: string): Promise<void> {
  await join(session, { group, member })
}

const join = statement((writer, p: { group: string; member: string }) =>
  writer
    .insertInto('group_members')
    .values({ group_id: p.group, member_id: p.member })
    .onConflict((conflict) => conflict.doNothing()),
)

export async function removeMember(session: Session, group: string, member: string): Promise<void> {
  await leave(session, { group, member })
}

const leave = statement((writer, p: { group: string; member: string }) =>
  writer.deleteFrom('group_members').where('group_id', '=', p.group).where('member_id', '=', p.member),
)

export async function leaveAllGroups(session: Session, member: string): Promise<void> {
  await leaveAll(session, { member })
}

const leaveAll = statement((writer, p: { member: string }) =>
  writer.deleteFrom('group_members').where('member_id', '=', p.member),
)

function groupFromRow({ id, name, created_at }: GroupTable): Group {
  return { id, name, createdAt: created_at }
}
