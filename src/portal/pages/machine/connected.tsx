/**
 * Who is connected now by what was granted, while it is open and after it: as the machine's own kernel tells when it is
 * asked. Nobody is told when a connection begins, so it is asked again while somebody looks.
 */
import { Badge, Card, Subtitle1, Text } from '@fluentui/react-components'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call } from '../../api/call.ts'
import type { WireFlow, WireFlowList } from '../../../contract/flow.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import { useText } from '../../language.tsx'
import { Ago } from '../../parts/ago.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Loaded } from '../../parts/states.tsx'
import { machineMessages } from './machine.messages.ts'

const ASK_AGAIN_AFTER = 5_000

export function Connected({ machine: { id } }: { readonly machine: Pick<WireMachine, 'id'> }): ReactNode {
  const text = useText(machineMessages)
  const query = useQuery({
    queryKey: ['/api/v1/flows', { machine: id }],
    queryFn: ({ signal }) => call<WireFlowList>('/api/v1/flows', { signal, query: { machine: id } }),
    refetchInterval: ASK_AGAIN_AFTER,
    placeholderData: keepPreviousData,
  })
  return (
    <Card>
      <Subtitle1 as="h2">{text.connected}</Subtitle1>
      <Loaded query={query}>
        {({ value, untold: [first] }) => {
          if (first !== undefined) return <Text>{text.untold(first.reason)}</Text>
          return value.length === 0 ? <Text>{text.nobody}</Text> : <FlowTable rows={value} />
        }}
      </Loaded>
    </Card>
  )
}

function FlowTable({ rows }: { readonly rows: readonly WireFlow[] }): ReactNode {
  const text = useText(machineMessages)
  const columns: readonly Column<WireFlow>[] = [
    { id: 'who', title: text.flows.who, cell: ({ grants }) => namesOf(grants) },
    { id: 'from', title: text.flows.from, cell: (flow) => addressOf(flow) },
    { id: 'port', title: text.flows.port, width: 8, cell: ({ port, protocol }) => `${port}/${protocol}` },
    { id: 'since', title: text.flows.since, width: 10, cell: ({ since }) => <Ago at={since} /> },
    {
      id: 'state',
      title: text.flows.state,
      cell: ({ state }) => (
        <Badge appearance="tint" color={state === 'open' ? 'success' : 'warning'}>
          {text.flowStates[state]}
        </Badge>
      ),
    },
  ]
  return (
    <DataTable
      label={text.connected}
      columns={columns}
      rows={rows}
      keyOf={(flow) => `${flow.protocol} ${addressOf(flow)} ${flow.to} ${flow.port}`}
    />
  )
}

function namesOf(grants: WireFlow['grants']): string {
  const names = [...new Set(grants.map(({ requestor }) => requestor))]
  return names.length === 0 ? '–' : names.join(', ')
}

function addressOf({ from, fromPort }: Pick<WireFlow, 'from' | 'fromPort'>): string {
  return from.includes(':') ? `[${from}]:${fromPort}` : `${from}:${fromPort}`
}
