/** The clouds that are connected: how fresh what is known of them is; try, read anew, remove, add. */
import { Badge, Button, Card, makeStyles, Text, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useMay } from '../../api/may.ts'
import { useChange, useServer, useWhoami } from '../../api/queries.ts'
import type { WireConnection, WireConnectionCheckList, WireConnectionList } from '../../../contract/connection.ts'
import { CHECK_CONNECTION, DELETE_CONNECTION, WRITE_CONNECTION } from '../../../domain/required-actions.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Confirm, type Question } from '../../parts/confirm.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { useNow } from '../../parts/now.ts'
import { Problem } from '../../parts/problem.tsx'
import { RowMenu, type RowDeed } from '../../parts/row-menu.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { ConnectionChecks } from './connection-checks.tsx'
import { ConnectionForm } from './connection-form.tsx'
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
  const add = may(WRITE_CONNECTION) ? (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setAdding(true)}>
      {text.connect}
    </Button>
  ) : null
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
            <ConnectionTable rows={value} />
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

function ConnectionTable({ rows }: { readonly rows: readonly WireConnection[] }): ReactNode {
  const text = useText(settingsMessages)
  const may = useMay(useConnectorScope())
  const [question, setQuestion] = useState<Question>()
  const pathOf = ({ name }: WireConnection): string => `${CONNECTIONS}/${encodeURIComponent(name)}`
  const refresh = useChange((row: WireConnection) => call(`${pathOf(row)}/refresh`, { method: 'POST' }))
  const check = useChange((row: WireConnection) =>
    call<WireConnectionCheckList>(`${pathOf(row)}/check`, { method: 'POST' }),
  )
  const remove = useChange((row: WireConnection) => call(pathOf(row), { method: 'DELETE' }))
  const deedsFor = (row: WireConnection): RowDeed[] => {
    const act = (): void => remove.mutate(row)
    const asked = { title: text.removeConnection(row.name), text: text.removeConnectionText, deed: text.remove, act }
    return [
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
    { id: 'name', title: text.name, cell: ({ name, id }) => <span title={id}>{name}</span> },
    { id: 'kind', title: text.cloud, width: 7, cell: ({ kind }) => text.clouds[kind] },
    { id: 'what', title: text.reaches, cell: reachOf },
    { id: 'state', title: text.state, cell: ({ inventory }) => <InventoryState inventory={inventory} /> },
    { id: 'read', title: text.lastRead, width: 9, cell: ({ inventory: { readAt } }) => <Ago at={readAt} /> },
    { id: 'machines', title: text.machines, width: 6, cell: ({ inventory: { machines } }) => machines },
    {
      id: 'actions',
      title: text.actions,
      width: 5,
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
        <Text size={200} className={styles.problem}>
          {problem}
        </Text>
      )}
      {warnings.map(({ code, message }) => (
        <Text key={`${code} ${message}`} size={200} block>
          {message}
        </Text>
      ))}
    </>
  )
}

function Ago({ at }: { readonly at: string | undefined }): ReactNode {
  const formats = useFormats()
  const now = useNow()
  if (at === undefined) return '–'
  const instant = Date.parse(at)
  return (
    <time dateTime={at} title={formats.full(instant)}>
      {formats.relative(instant, now)}
    </time>
  )
}
