/** Who holds which role where: at a place, above it and below it. */
import { Button, Card, Field, Input, Link, makeStyles, Select, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useMay } from '../../api/may.ts'
import { useChange, useServer } from '../../api/queries.ts'
import type { WireRoleAssignment, WireRoleDefinition } from '../../../contract/authorization.ts'
import { DELETE_ASSIGNMENTS, WRITE_ASSIGNMENTS } from '../../../domain/roles/required-actions.ts'
import { useText } from '../../language.tsx'
import { Confirm, type Question } from '../../parts/confirm.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { accessMessages } from './access-control.messages.ts'
import { calledIn, usePrincipals } from './directory.ts'
import { PrincipalPicker } from './principal-picker.tsx'
import { ScopePicker } from './scope-picker.tsx'
import { authorizationUrl, ROLE_VERSION, useScopeText } from './scopes.ts'

const useStyles = makeStyles({
  bar: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 30rem) auto',
    justifyContent: 'space-between',
    alignItems: 'end',
    gap: tokens.spacingHorizontalM,
    '@media (max-width: 40rem)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
})

interface RoleList {
  readonly value: WireRoleDefinition[]
}

export function useRoles(scope: string) {
  return useServer<RoleList>(authorizationUrl(scope, 'roleDefinitions'), {
    ...ROLE_VERSION,
    ...(scope === '/' ? { $filter: 'atScopeAndBelow()' } : {}),
  })
}

export function Assignments(): ReactNode {
  const styles = useStyles()
  const text = useText(accessMessages)
  const [scope, setScope] = useState('/')
  const [isAdding, setAdding] = useState(false)
  const may = useMay(scope)
  const list = useServer<{ value: WireRoleAssignment[] }>(authorizationUrl(scope, 'roleAssignments'), ROLE_VERSION)
  return (
    <>
      <div className={styles.bar}>
        <ScopePicker scope={scope} onChoose={setScope} hint={text.scopeHint} />
        {may(WRITE_ASSIGNMENTS) ? (
          <Button appearance="primary" icon={<AddRegular />} onClick={() => setAdding(true)}>
            {text.addAssignment}
          </Button>
        ) : null}
      </div>
      <Loaded query={list}>
        {({ value }) =>
          value.length === 0 ? <Empty title={text.noAssignments} /> : <AssignmentTable rows={value} scope={scope} />
        }
      </Loaded>
      {isAdding ? <AddAssignment scope={scope} onClose={() => setAdding(false)} /> : null}
    </>
  )
}

function AssignmentTable({
  rows,
  scope,
}: {
  readonly rows: readonly WireRoleAssignment[]
  readonly scope: string
}): ReactNode {
  const text = useText(accessMessages)
  const principals = usePrincipals()
  const roles = useRoles('/').data?.value ?? []
  const done = useText(doneMessages)
  const called = useScopeText(rows.map(({ properties }) => properties.scope))
  const may = useMay(scope)
  const [question, setQuestion] = useState<Question>()
  const roleOf = ({ properties: { roleDefinitionId } }: WireRoleAssignment): string =>
    roles.find(({ name }) => roleDefinitionId.endsWith(name))?.properties.roleName ?? roleDefinitionId
  const remove = useChange(
    ({ id }: WireRoleAssignment) => call(id, { method: 'DELETE', query: ROLE_VERSION }),
    (_, row) => done.removed(roleOf(row)),
  )
  const columns: readonly Column<WireRoleAssignment>[] = [
    {
      id: 'who',
      title: text.who,
      cell: ({ properties: { principalId } }) => <span title={principalId}>{calledIn(principals, principalId)}</span>,
    },
    {
      id: 'kind',
      title: text.kind,
      width: 9,
      cell: ({ properties: { principalType } }) => kindText(principalType, text),
    },
    { id: 'role', title: text.role, cell: roleOf },
    {
      id: 'scope',
      title: text.scope,
      cell: ({ properties }) => <span title={properties.scope}>{called(properties.scope)}</span>,
    },
    {
      id: 'actions',
      title: text.actions,
      width: 8,
      cell: (row) => {
        const who = calledIn(principals, row.properties.principalId)
        const act = (): void => remove.mutate(row)
        return may(DELETE_ASSIGNMENTS) ? (
          <Link
            as="button"
            aria-label={text.removeAssignmentOf(who, roleOf(row))}
            onClick={() =>
              setQuestion({
                title: text.removeAssignmentOf(who, roleOf(row)),
                text: text.removeAssignmentText,
                deed: text.remove,
                act,
              })
            }
          >
            {text.remove}
          </Link>
        ) : null
      },
    },
  ]
  return (
    <Card>
      <Problem error={remove.error} />
      <DataTable label={text.tabs.assignments} columns={columns} rows={rows} keyOf={({ id }) => id} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </Card>
  )
}

function kindText(kind: string, { kinds }: { readonly kinds: Readonly<Record<string, string>> }): string {
  return kinds[kind] ?? kind
}

function AddAssignment({ scope: here, onClose }: { readonly scope: string; readonly onClose: () => void }): ReactNode {
  const text = useText(accessMessages)
  const [scope, setScope] = useState(here)
  const [principal, setPrincipal] = useState('')
  const [role, setRole] = useState('')
  const [description, setDescription] = useState('')
  const done = useText(doneMessages)
  const principals = usePrincipals()
  const kind = principals.find(({ id }) => id === principal)?.kind
  const roles = useServer<RoleList>(authorizationUrl(scope, 'roleDefinitions'), ROLE_VERSION)
  const assign = useChange(
    () =>
      call(authorizationUrl(scope, `roleAssignments/${crypto.randomUUID()}`), {
        method: 'PUT',
        query: ROLE_VERSION,
        body: {
          properties: {
            roleDefinitionId: role,
            principalId: principal,
            ...(kind === undefined ? {} : { principalType: kind }),
            ...(description === '' ? {} : { description }),
          },
        },
      }),
    () => {
      const named = roles.data?.value.find(({ id }) => id === role)?.properties.roleName ?? role
      return done.assigned(named, calledIn(principals, principal))
    },
  )
  return (
    <FormDialog
      title={text.addAssignment}
      submit={text.assign}
      isReady={principal !== '' && role !== ''}
      isPending={assign.isPending}
      error={assign.error}
      onSubmit={() => assign.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <PrincipalPicker label={text.who} principal={principal} onChoose={setPrincipal} />
      <Field label={text.role}>
        <Select value={role} onChange={(_, { value }) => setRole(value)}>
          <option value="">{text.chooseRole}</option>
          {(roles.data?.value ?? []).map(({ id, properties: { roleName } }) => (
            <option key={id} value={id}>
              {roleName}
            </option>
          ))}
        </Select>
      </Field>
      <ScopePicker scope={scope} onChoose={setScope} />
      <Field label={text.description}>
        <Input value={description} maxLength={1_024} onChange={(_, { value }) => setDescription(value)} />
      </Field>
    </FormDialog>
  )
}
