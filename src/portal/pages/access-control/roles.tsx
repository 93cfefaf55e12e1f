/** The roles there are, what each may do, and roles of one's own. */
import {
  Badge,
  Button,
  Card,
  Drawer,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  Link,
  makeStyles,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components'
import { AddRegular, DismissRegular } from '@fluentui/react-icons'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useMay } from '../../api/may.ts'
import { useChange } from '../../api/queries.ts'
import type { WireRoleDefinition } from '../../../contract/authorization.ts'
import { DELETE_DEFINITIONS, WRITE_DEFINITIONS } from '../../../domain/roles/required-actions.ts'
import { useLanguage, useText } from '../../language.tsx'
import { Confirm, type Question } from '../../parts/confirm.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useReturnFocus } from '../../parts/return-focus.ts'
import { SearchField } from '../../parts/search-field.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { accessMessages } from './access-control.messages.ts'
import { useRoles } from './assignments.tsx'
import { RoleEditor } from './role-editor.tsx'
import { builtInRoles } from './roles.messages.ts'
import { ROLE_VERSION } from './scopes.ts'

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', gap: tokens.spacingHorizontalM },
  search: { flex: '1 1 14rem', maxWidth: '30rem' },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  list: {
    margin: 0,
    paddingInlineStart: tokens.spacingHorizontalXL,
    fontFamily: tokens.fontFamilyMonospace,
    overflowWrap: 'anywhere',
  },
  part: { display: 'grid', gap: tokens.spacingVerticalS, marginBottom: tokens.spacingVerticalL },
})

export function Roles(): ReactNode {
  const styles = useStyles()
  const text = useText(accessMessages)
  const roles = useRoles('/')
  const may = useMay('/')
  const [search, setSearch] = useState('')
  const [edited, setEdited] = useState<WireRoleDefinition | 'new'>()
  return (
    <>
      <div className={styles.bar}>
        <SearchField className={styles.search} label={text.searchRoles} value={search} onType={setSearch} />
        {may(WRITE_DEFINITIONS) ? (
          <Button appearance="primary" icon={<AddRegular />} onClick={() => setEdited('new')}>
            {text.newRole}
          </Button>
        ) : null}
      </div>
      <Loaded query={roles}>
        {({ value }) => <RoleTable rows={value.filter((role) => isLike(role, search))} onEdit={setEdited} />}
      </Loaded>
      {edited === undefined ? null : (
        <RoleEditor role={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
    </>
  )
}

/** By name, or by what it may do. */
function isLike({ properties: { roleName, permissions } }: WireRoleDefinition, search: string): boolean {
  const wanted = search.trim().toLowerCase()
  return [roleName, ...permissions.flatMap(({ actions }) => actions)].some((one) => one.toLowerCase().includes(wanted))
}

function RoleTable({
  rows,
  onEdit,
}: {
  readonly rows: readonly WireRoleDefinition[]
  readonly onEdit: (role: WireRoleDefinition) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(accessMessages)
  const done = useText(doneMessages)
  const may = useMay('/')
  const [shown, setShown] = useState<WireRoleDefinition>()
  const [question, setQuestion] = useState<Question>()
  const remove = useChange(
    ({ id }: WireRoleDefinition) => call(id, { method: 'DELETE', query: ROLE_VERSION }),
    (_, { properties }) => done.removed(properties.roleName),
  )
  const columns: readonly Column<WireRoleDefinition>[] = [
    {
      id: 'name',
      title: text.role,
      width: 16,
      cell: (role) => (
        <Link as="button" onClick={() => setShown(role)}>
          {role.properties.roleName}
        </Link>
      ),
    },
    {
      id: 'type',
      title: text.type,
      width: 8,
      cell: ({ properties: { type } }) => (
        <Badge appearance="tint" color={type === 'BuiltInRole' ? 'informative' : 'brand'}>
          {text.types[type]}
        </Badge>
      ),
    },
    {
      id: 'description',
      title: text.description,
      least: 20,
      cell: ({ properties }) => <Description of={properties} />,
    },
    {
      id: 'actions',
      title: text.actions,
      width: 12,
      cell: (role) => {
        const { roleName, type } = role.properties
        if (type === 'BuiltInRole') return null
        const act = (): void => remove.mutate(role)
        const asked = { title: text.removeRole(roleName), text: text.removeRoleText, deed: text.remove, act }
        return (
          <span className={styles.actions}>
            {may(WRITE_DEFINITIONS) ? (
              <Link as="button" aria-label={text.editRole(roleName)} onClick={() => onEdit(role)}>
                {text.edit}
              </Link>
            ) : null}
            {may(DELETE_DEFINITIONS) ? (
              <Link as="button" aria-label={text.removeRole(roleName)} onClick={() => setQuestion(asked)}>
                {text.remove}
              </Link>
            ) : null}
          </span>
        )
      },
    },
  ]
  return (
    <Card>
      <Problem error={remove.error} />
      {rows.length === 0 ? (
        <Empty title={text.noRoles} />
      ) : (
        <DataTable label={text.tabs.roles} columns={columns} rows={rows} keyOf={({ id }) => id} />
      )}
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
      <RoleDrawer role={shown} onClose={() => setShown(undefined)} />
    </Card>
  )
}

/** Of a role of one's own: as whoever made it wrote it. */
function Description({ of }: { readonly of: WireRoleDefinition['properties'] }): ReactNode {
  const { language } = useLanguage()
  const known = useText(builtInRoles)[of.roleName]
  if (of.type === 'BuiltInRole' && known !== undefined) return known
  return of.type === 'BuiltInRole' && language !== 'en' ? <span lang="en">{of.description}</span> : of.description
}

function RoleDrawer({
  role,
  onClose,
}: {
  readonly role: WireRoleDefinition | undefined
  readonly onClose: () => void
}): ReactNode {
  const text = useText(accessMessages)
  useReturnFocus(role !== undefined)
  return (
    <Drawer
      type="overlay"
      position="end"
      size="medium"
      open={role !== undefined}
      onOpenChange={(_, { open }) => (open ? undefined : onClose())}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" icon={<DismissRegular />} aria-label={text.close} onClick={onClose} />}
        >
          {role?.properties.roleName}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>{role === undefined ? null : <RoleDetails role={role} />}</DrawerBody>
    </Drawer>
  )
}

function RoleDetails({ role: { properties } }: { readonly role: WireRoleDefinition }): ReactNode {
  const text = useText(accessMessages)
  const { permissions, assignableScopes } = properties
  return (
    <>
      <Text as="p">
        <Description of={properties} />
      </Text>
      <Part title={text.may} lines={permissions.flatMap(({ actions }) => actions)} />
      <Part title={text.mayNot} lines={permissions.flatMap(({ notActions }) => notActions)} />
      <Part title={text.assignableAt} lines={assignableScopes} />
    </>
  )
}

function Part({ title, lines }: { readonly title: string; readonly lines: readonly string[] }): ReactNode {
  const styles = useStyles()
  if (lines.length === 0) return null
  return (
    <section className={styles.part}>
      <Subtitle2 as="h3">{title}</Subtitle2>
      <ul className={styles.list}>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  )
}
