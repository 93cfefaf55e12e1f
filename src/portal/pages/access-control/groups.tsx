/** The own issuer's groups and who is in them. */
import { makeStyles, Tag, TagGroup, tokens } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useMay } from '../../api/may.ts'
import { useChange } from '../../api/queries.ts'
import type { WireGroup } from '../../../contract/identity.ts'
import { DELETE_GROUPS, WRITE_GROUPS } from '../../../domain/roles/identity-actions.ts'
import { useText } from '../../language.tsx'
import { Confirm, type Question } from '../../parts/confirm.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Problem } from '../../parts/problem.tsx'
import { calledIn, GROUPS, useGroups, usePrincipals } from './directory.ts'
import { DirectoryList } from './directory-list.tsx'
import { directoryMessages } from './directory.messages.ts'
import { PrincipalPicker } from './principal-picker.tsx'
import { NewNamed } from './new-named.tsx'
import { RowMenu, type RowDeed } from '../../parts/row-menu.tsx'

const useStyles = makeStyles({ members: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS } })

export function Groups(): ReactNode {
  const text = useText(directoryMessages)
  return (
    <DirectoryList
      query={useGroups()}
      search={text.searchGroups}
      make={text.newGroup}
      none={text.noGroups}
      takes={WRITE_GROUPS}
      form={(onClose) => <NewNamed title={text.newGroup} path={GROUPS} onClose={onClose} />}
    >
      {(rows) => <GroupTable rows={rows} />}
    </DirectoryList>
  )
}

function memberPath(group: WireGroup, member: string): string {
  return `${GROUPS}/${encodeURIComponent(group.id)}/members/${encodeURIComponent(member)}`
}

function GroupTable({ rows }: { readonly rows: readonly WireGroup[] }): ReactNode {
  const text = useText(directoryMessages)
  const done = useText(doneMessages)
  const may = useMay('/')
  const [question, setQuestion] = useState<Question>()
  const [growing, setGrowing] = useState<WireGroup>()
  const leave = useChange(
    ({ group, member }: { group: WireGroup; member: string }) => call(memberPath(group, member), { method: 'DELETE' }),
    (_, { group }) => done.saved(group.name),
  )
  const remove = useChange(
    (group: WireGroup) => call(`${GROUPS}/${encodeURIComponent(group.id)}`, { method: 'DELETE' }),
    (_, { name }) => done.removed(name),
  )
  const askToLeave = (group: WireGroup, { member, name }: { member: string; name: string }): void =>
    setQuestion({
      title: text.removeMember(name, group.name),
      text: text.removeMemberText,
      deed: text.remove,
      act: () => leave.mutate({ group, member }),
    })
  const deedsFor = (group: WireGroup): RowDeed[] => {
    const act = (): void => remove.mutate(group)
    const asked = { title: text.removeGroup(group.name), text: text.removeGroupText, deed: text.remove, act }
    return [
      ...(may(WRITE_GROUPS) ? [{ label: text.addMember, act: () => setGrowing(group) }] : []),
      ...(may(DELETE_GROUPS) ? [{ label: text.remove, act: () => setQuestion(asked) }] : []),
    ]
  }
  const columns: readonly Column<WireGroup>[] = [
    { id: 'name', title: text.name, width: 14, cell: ({ name, id }) => <span title={id}>{name}</span> },
    {
      id: 'members',
      title: text.members,
      cell: (group) => (
        <Members
          group={group}
          onLeave={may(WRITE_GROUPS) ? (member, name) => askToLeave(group, { member, name }) : undefined}
        />
      ),
    },
    {
      id: 'actions',
      title: text.actions,
      width: 6,
      cell: (group) => <RowMenu label={text.actionsOf(group.name)} deeds={deedsFor(group)} />,
    },
  ]
  return (
    <>
      <Problem error={leave.error ?? remove.error} />
      <DataTable label={text.groups} columns={columns} rows={rows} keyOf={({ id }) => id} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
      {growing === undefined ? null : <AddMember group={growing} onClose={() => setGrowing(undefined)} />}
    </>
  )
}

function Members({
  group,
  onLeave,
}: {
  readonly group: WireGroup
  readonly onLeave: ((member: string, name: string) => void) | undefined
}): ReactNode {
  const styles = useStyles()
  const text = useText(directoryMessages)
  const principals = usePrincipals()
  if (group.members.length === 0) return '–'
  const tags = group.members.map((member) => (
    <Tag
      key={member}
      value={member}
      size="small"
      dismissible={onLeave !== undefined}
      {...(onLeave === undefined ? {} : { 'aria-label': text.removeMember(calledIn(principals, member), group.name) })}
    >
      {calledIn(principals, member)}
    </Tag>
  ))
  return onLeave === undefined ? (
    <span className={styles.members}>{tags}</span>
  ) : (
    <TagGroup
      className={styles.members}
      aria-label={text.membersOf(group.name)}
      onDismiss={(_, { value }) => onLeave(value, calledIn(principals, value))}
    >
      {tags}
    </TagGroup>
  )
}

function AddMember({ group, onClose }: { readonly group: WireGroup; readonly onClose: () => void }): ReactNode {
  const text = useText(directoryMessages)
  const done = useText(doneMessages)
  const [member, setMember] = useState('')
  const add = useChange(
    () => call(memberPath(group, member), { method: 'PUT' }),
    () => done.saved(group.name),
  )
  return (
    <FormDialog
      title={text.addMemberTo(group.name)}
      submit={text.add}
      isReady={member !== ''}
      isPending={add.isPending}
      error={add.error}
      onSubmit={() => add.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <PrincipalPicker label={text.member} principal={member} onChoose={setMember} />
    </FormDialog>
  )
}
