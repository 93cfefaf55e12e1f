/** The machines, in the original's three tabs: configured, not configured, unsupported. */
import { Button, Card, SearchBox, Tab, TabList } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { Link as RouteLink } from 'wouter'
import { groupOf, portText, subscriptionOf } from '../../api/names.ts'
import { useMachines } from '../../api/queries.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import { useText } from '../../language.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { requestUrl } from '../request/request-url.ts'
import { machinesMessages } from './machines.messages.ts'

type Category = 'configured' | 'notConfigured' | 'unsupported'

function categoryOf({ ports, unsupported }: WireMachine): Category {
  return ports.length > 0 ? 'configured' : unsupported === undefined ? 'notConfigured' : 'unsupported'
}

export default function Machines(): ReactNode {
  const text = useText(machinesMessages)
  const machines = useMachines()
  const [category, setCategory] = useState<Category>('configured')
  const [typed, setTyped] = useState('')
  return (
    <Page title={text.title} subtitle={text.subtitle}>
      <TabList selectedValue={category} onTabSelect={(_, { value }) => setCategory(value as Category)}>
        {Object.entries(text.tabs).map(([value, label]) => (
          <Tab key={value} value={value}>
            {label}
          </Tab>
        ))}
      </TabList>
      <SearchBox aria-label={text.search} placeholder={text.search} onChange={(_, { value }) => setTyped(value)} />
      <Loaded query={machines}>
        {({ value }) => {
          const rows = value.filter(
            (machine) => categoryOf(machine) === category && machine.name.toLowerCase().includes(typed.toLowerCase()),
          )
          return (
            <Card>
              {rows.length === 0 ? <Empty title={text.empty[category]} /> : <List rows={rows} category={category} />}
            </Card>
          )
        }}
      </Loaded>
    </Page>
  )
}

function List({ rows, category }: { readonly rows: readonly WireMachine[]; readonly category: Category }): ReactNode {
  const text = useText(machinesMessages)
  const columns: readonly Column<WireMachine>[] = [
    { id: 'name', title: text.name, cell: ({ name }) => name },
    { id: 'group', title: text.group, cell: ({ id }) => groupOf(id) },
    { id: 'subscription', title: text.subscription, cell: ({ id }) => subscriptionOf(id) },
    ...(category === 'configured' ? configured(text) : []),
    ...(category === 'unsupported'
      ? [{ id: 'reason', title: text.reason, cell: ({ unsupported }: WireMachine) => unsupported?.message }]
      : []),
  ]
  return <DataTable label={text.tabs[category]} columns={columns} rows={rows} keyOf={({ id }) => id} />
}

function configured(text: (typeof machinesMessages)['en']): Column<WireMachine>[] {
  return [
    {
      id: 'ports',
      title: text.ports,
      cell: ({ ports }) => ports.map(({ number, protocol }) => portText({ port: number, protocol })).join(', '),
    },
    {
      id: 'open',
      title: text.openTo,
      cell: ({ grants }) => grants.map((grant) => `${grant.port}: ${grant.sources.join(', ')}`).join('; '),
    },
    {
      id: 'actions',
      title: text.actions,
      width: 10,
      cell: (machine) => (
        <RouteLink href={requestUrl({ machines: [machine.id] })} asChild>
          <Button as="a" size="small" aria-label={text.requestOn(machine.name)}>
            {text.request}
          </Button>
        </RouteLink>
      ),
    },
  ]
}
