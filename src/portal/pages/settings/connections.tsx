/** The clouds that are connected: how fresh what is known of them is; try, read anew, remove, add. */
import { Badge, Button, Card, makeStyles, Text, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { call, callWhole } from '../../api/call.ts'
import { useMay } from '../../api/may.ts'
import { useChange, useServer, useWhoami } from '../../api/queries.ts'
import type { WireConnection, WireConnectionCheckList, WireConnectionList } from '../../../contract/connection.ts'
import { CHECK_CONNECTION, DELETE_CONNECTION, WRITE_CONNECTION } from '../../../domain/roles/required-actions.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Ago } from '../../parts/ago.tsx'
import { Confirm, type Question } from '../../parts/confirm.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Problem } from '../../parts/problem.tsx'
import { RowMenu, type RowDeed } from '../../parts/row-menu.tsx'
import { Reason } from '../../parts/words/reason.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { ConnectionChecks } from './connection-checks.tsx'
import { ConnectionForm, type ReadConnection } from './connection-form.tsx'
import { settingsMessages } from './settings.messages.ts'

const useStyles = makeStyles({
  add: { justifySelf: 'end' },
  problem: { display: 'block', color: tokens.colorPaletteRedForeground1 },
})

export const CONNECTIONS = '/api/v1/connections'

export function Connections(): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  const may = useMay(useConnectorScope())
  const list = useServer<WireConnectionList>(CONNECTIONS)
  const [isAdding, setAdding] = useState(false)
  const [edited, setEdited] = useState<string>()
  const add = may(WRITE_CONNECTION) ? (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setAdding(true)}>
      {text.connect}
    </Button>
  ) : null
  if (edited !== undefined) return <EditConnection name={edited} onClose={() => setEdited(undefined)} />
  return (
    <Loaded query={list}>
      {({ value }) => {
        if (isAdding) return <ConnectionForm known={value} onClose={() => setAdding(false)} />
        return value.length === 0 ? (
          <Empty title={text.noConnections} action={add}>
            {text.noConnectionsHint}
          </Empty>
        ) : (
          <>
            <div className={styles.add}>{add}</div>
            <ConnectionTable rows={value} onEdit={setEdited} />
          </>
        )
      }}
    </Loaded>
  )
}

/** Where a new connection will be: rights there are rights to make one. */
function useConnectorScope(): string {
  const own = useWhoami().data
  return own === undefined ? '/' : `/subscriptions/${own.subscriptionId}/resourceGroups/${own.resourceGroup}`
}

/** Read when it is opened, with its version: what somebody else saves meanwhile is found out by the write. */
function EditConnection({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactNode {
  const query = useQuery({
    queryKey: ['edited-connection', name],
    meta: { isReadOnRequest: true },
    staleTime: Infinity,
    gcTime: 0,
    queryFn: async ({ signal }): Promise<ReadConnection> => {
      const { body, etag = '' } = await callWhole<WireConnection>(pathOf({ name }), { signal })
      return { connection: body, etag }
    },
  })
  return (
    <Loaded query={query}>
      {(read) => (
        <ConnectionForm key={read.etag} read={read} onReadAgain={() => void query.refetch()} onClose={onClose} />
      )}
    </Loaded>
  )
}

function pathOf({ name }: Pick<WireConnection, 'name'>): string {
  return `${CONNECTIONS}/${encodeURIComponent(name)}`
}

function ConnectionTable({
  rows,
  onEdit,
}: {
  readonly rows: readonly WireConnection[]
  readonly onEdit: (name: string) => void
}): ReactNode {
  const text = useText(settingsMessages)
  const done = useText(doneMessages)
  const may = useMay(useConnectorScope())
  const formats = useFormats()
  const [question, setQuestion] = useState<Question>()
  const refresh = useChange(
    (row: WireConnection) => call(`${pathOf(row)}/refresh`, { method: 'POST' }),
    (_, { name }) => done.readAgain(name),
  )
  const check = useChange((row: WireConnection) =>
    call<WireConnectionCheckList>(`${pathOf(row)}/check`, { method: 'POST' }),
  )
  const remove = useChange(
    (row: WireConnection) => call(pathOf(row), { method: 'DELETE' }),
    (_, { name }) => done.removed(name),
  )
  const deedsFor = (row: WireConnection): RowDeed[] => {
    const act = (): void => remove.mutate(row)
    const asked = { title: text.removeConnection(row.name), text: text.removeConnectionText, deed: text.remove, act }
    return [
      ...(may(WRITE_CONNECTION) ? [{ label: text.edit, act: () => onEdit(row.name) }] : []),
      ...(may(CHECK_CONNECTION)
        ? [
            { label: text.check, act: () => check.mutate(row) },
            { label: text.refresh, act: () => refresh.mutate(row) },
          ]
        : []),
      ...(may(DELETE_CONNECTION) ? [{ label: text.remove, act: () => setQuestion(asked) }] : []),
    ]
  }
  const columns: readonly Column<WireConnection>[] = [
    { id: 'name', title: text.name, width: 8, cell: ({ name, id }) => <span title={id}>{name}</span> },
    { id: 'kind', title: text.cloud, width: 5.5, cell: ({ kind }) => text.clouds[kind] },
    { id: 'what', title: text.reaches, least: 7, cell: reachOf },
    { id: 'state', title: text.state, least: 13.5, cell: ({ inventory }) => <InventoryState inventory={inventory} /> },
    { id: 'read', title: text.lastRead, width: 7.5, cell: ({ inventory: { readAt } }) => <Ago at={readAt} /> },
    { id: 'machines', title: text.machines, width: 6, cell: ({ inventory: { machines } }) => formats.number(machines) },
    {
      id: 'actions',
      title: text.actions,
      width: 6,
      cell: (row) => <RowMenu label={text.actionsOf(row.name)} deeds={deedsFor(row)} />,
    },
  ]
  return (
    <Card>
      <Problem error={check.error ?? refresh.error ?? remove.error} />
      <DataTable label={text.tabs.connections} columns={columns} rows={rows} keyOf={({ id }) => id} />
      {check.data === undefined ? null : (
        <ConnectionChecks title={text.checked(check.variables.name)} checks={check.data.value} />
      )}
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </Card>
  )
}

function reachOf({ settings }: WireConnection): string {
  return settings.kind === 'azure' ? settings.subscriptions.join(', ') : settings.regions.join(', ')
}

const COLOURS = { fresh: 'success', stale: 'danger', unread: 'warning' } as const

function InventoryState({ inventory: { state, problem, warnings } }: Pick<WireConnection, 'inventory'>): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  return (
    <>
      <Badge appearance="tint" color={COLOURS[state]}>
        {text.states[state]}
      </Badge>
      {problem === undefined ? null : (
        <Text size={200} className={styles.problem} lang="en">
          {problem}
        </Text>
      )}
      {warnings.map((warning) => (
        <Text key={`${warning.code} ${warning.message}`} size={200} block>
          <Reason said={warning} />
        </Text>
      ))}
    </>
  )
}
