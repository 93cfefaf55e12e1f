/** The own issuer's users: make, disable, sign out everywhere, reset the password or the one-time code, remove. */
import { Badge, Field, Input } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useMay } from '../../api/may.ts'
import { useChange } from '../../api/queries.ts'
import type { WireMadeUser, WireUser } from '../../../contract/identity.ts'
import { DELETE_USERS, WRITE_USERS } from '../../../domain/roles/identity-actions.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Confirm, type Question } from '../../parts/confirm.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Once } from '../../parts/once.tsx'
import { Problem } from '../../parts/problem.tsx'
import { USERS, useUsers } from './directory.ts'
import { DirectoryList } from './directory-list.tsx'
import { directoryMessages } from './directory.messages.ts'
import { RowMenu, type RowDeed } from '../../parts/row-menu.tsx'

export function Users(): ReactNode {
  const text = useText(directoryMessages)
  return (
    <DirectoryList
      query={useUsers()}
      search={text.searchUsers}
      make={text.newUser}
      none={text.noUsers}
      takes={WRITE_USERS}
      form={(onClose) => <NewUser onClose={onClose} />}
    >
      {(rows) => <UserTable rows={rows} />}
    </DirectoryList>
  )
}

function NewUser({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText(directoryMessages)
  const [name, setName] = useState('')
  const [displayName, setDisplayName] = useState('')
  const make = useChange(() =>
    call<WireMadeUser>(USERS, {
      method: 'POST',
      body: { name: name.trim(), ...(displayName.trim() === '' ? {} : { displayName: displayName.trim() }) },
    }),
  )
  return (
    <FormDialog
      title={text.newUser}
      submit={text.make}
      isReady={name.trim() !== ''}
      isPending={make.isPending}
      error={make.error}
      done={make.data === undefined ? null : <HandOver made={make.data} />}
      onSubmit={() => make.mutate()}
      onClose={onClose}
    >
      <Field label={text.name} hint={text.userNameHint} required>
        <Input value={name} autoComplete="off" spellCheck={false} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field label={text.displayName}>
        <Input value={displayName} autoComplete="off" onChange={(_, { value }) => setDisplayName(value)} />
      </Field>
    </FormDialog>
  )
}

function HandOver({ made: { user, password, keyUri } }: { readonly made: WireMadeUser }): ReactNode {
  const text = useText(directoryMessages)
  return (
    <Once
      secrets={[
        ...(password === undefined ? [] : [[text.passwordOf(user.name), password] as const]),
        ...(keyUri === undefined ? [] : [[text.keyOf(user.name), keyUri] as const]),
      ]}
    />
  )
}

type UserChange = 'disable' | 'enable' | 'reset-password' | 'sign-out' | 'set-code' | 'remove-code'

interface Wish {
  readonly user: WireUser
  readonly change: UserChange | 'remove'
}

function useUserChange() {
  const text = useText(directoryMessages)
  const done = useText(doneMessages)
  return useChange(
    ({ user, change }: Wish): Promise<WireMadeUser | undefined> => {
      const path = `${USERS}/${encodeURIComponent(user.id)}`
      return change === 'remove'
        ? call(path, { method: 'DELETE' })
        : call(`${path}/change`, { method: 'POST', body: { change } })
    },
    (_, { user, change }) => done.done(text.userDeeds[change], user.name),
  )
}

function UserTable({ rows }: { readonly rows: readonly WireUser[] }): ReactNode {
  const text = useText(directoryMessages)
  const formats = useFormats()
  const may = useMay('/')
  const [question, setQuestion] = useState<Question>()
  const change = useUserChange()
  const made = change.data
  const ask = (user: WireUser, wish: Wish['change']): RowDeed => ({
    label: text.userDeeds[wish],
    act: () =>
      setQuestion({
        title: text.userQuestion(text.userDeeds[wish], user.name),
        text: text.userConsequences[wish],
        deed: text.userDeeds[wish],
        act: () => change.mutate({ user, change: wish }),
      }),
  })
  const deedsFor = (user: WireUser): RowDeed[] => [
    ...(may(WRITE_USERS) ? changesFor(user).map((wish) => ask(user, wish)) : []),
    ...(may(DELETE_USERS) ? [ask(user, 'remove')] : []),
  ]
  const columns: readonly Column<WireUser>[] = [
    { id: 'name', title: text.name, cell: ({ name, id }) => <span title={id}>{name}</span> },
    { id: 'display', title: text.displayName, cell: ({ displayName }) => displayName },
    { id: 'state', title: text.state, width: 12, cell: (user) => <UserState user={user} /> },
    { id: 'code', title: text.code, width: 8, cell: ({ oneTimeCode }) => (oneTimeCode ? text.yes : text.no) },
    { id: 'made', title: text.made, width: 10, cell: ({ createdAt }) => formats.moment(Date.parse(createdAt)) },
    {
      id: 'actions',
      title: text.actions,
      width: 6,
      cell: (user) => <RowMenu label={text.actionsOf(user.name)} deeds={deedsFor(user)} />,
    },
  ]
  return (
    <>
      <Problem error={change.error} />
      <DataTable label={text.users} columns={columns} rows={rows} keyOf={({ id }) => id} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
      {made?.password === undefined && made?.keyUri === undefined ? null : (
        <FormDialog
          title={text.handOver}
          submit=""
          isReady={false}
          isPending={false}
          error={null}
          done={<HandOver made={made} />}
          onSubmit={() => {}}
          onClose={() => change.reset()}
        >
          {null}
        </FormDialog>
      )}
    </>
  )
}

function changesFor({ disabled, oneTimeCode }: WireUser): UserChange[] {
  return [
    disabled ? 'enable' : 'disable',
    'sign-out',
    'reset-password',
    'set-code',
    ...(oneTimeCode ? ['remove-code' as const] : []),
  ]
}

function UserState({ user: { disabled, mustChangePassword } }: { readonly user: WireUser }): ReactNode {
  const text = useText(directoryMessages)
  if (disabled)
    return (
      <Badge appearance="tint" color="danger">
        {text.disabled}
      </Badge>
    )
  return (
    <Badge appearance="tint" color={mustChangePassword ? 'warning' : 'success'}>
      {mustChangePassword ? text.mustChange : text.active}
    </Badge>
  )
}
