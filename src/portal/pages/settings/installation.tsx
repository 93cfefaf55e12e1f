/** This installation: where it stands in the hierarchy of resources, its version, and what its own checks say. */
import { Badge, Card, makeStyles, Subtitle1, Text } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useServer, useWhoami } from '../../api/queries.ts'
import type { Check, CheckList } from '../../../contract/installation.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { useCheckName } from '../../parts/words/check-name.ts'
import { CheckText } from '../../parts/words/check-text.tsx'
import { settingsMessages } from './settings.messages.ts'

const useStyles = makeStyles({ heading: { margin: 0 } })

export function Installation(): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  const checks = useServer<CheckList>('/api/v1/doctor')
  return (
    <>
      <Place />
      <Card>
        <Subtitle1 as="h2" className={styles.heading}>
          {text.checks}
        </Subtitle1>
        <Loaded query={checks}>
          {({ value }) => (value.length === 0 ? <Empty title={text.noChecks} /> : <Checks checks={value} />)}
        </Loaded>
      </Card>
    </>
  )
}

function Place(): ReactNode {
  const text = useText(settingsMessages)
  return (
    <Card>
      <Loaded query={useWhoami()}>
        {({ version, subscriptionId, resourceGroup, location, address }) => (
          <Facts names={text.facts} facts={{ version, subscriptionId, resourceGroup, location, address }} />
        )}
      </Loaded>
    </Card>
  )
}

const COLOURS = { ok: 'success', warning: 'warning', failed: 'danger' } as const
const ORDER = ['failed', 'warning', 'ok'] as const

function Checks({ checks }: { readonly checks: readonly Check[] }): ReactNode {
  const text = useText(settingsMessages)
  const formats = useFormats()
  const called = useCheckName()
  const rows = checks.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))
  const columns: readonly Column<Check>[] = [
    {
      id: 'status',
      title: text.state,
      width: 8,
      cell: ({ status }) => (
        <Badge appearance="tint" color={COLOURS[status]}>
          {text.doctorStates[status]}
        </Badge>
      ),
    },
    { id: 'name', title: text.what, width: 16, cell: ({ name }) => called(name) },
    {
      id: 'text',
      title: text.found,
      least: 20,
      cell: ({ text: found, because, remedy, remedyBecause }) => (
        <>
          <CheckText text={found} because={because} />
          {remedy === undefined ? null : (
            <Text block>
              {formats.named(text.remedy, '')}
              <CheckText text={remedy} because={remedyBecause} />
            </Text>
          )}
        </>
      ),
    },
  ]
  return <DataTable label={text.checks} columns={columns} rows={rows} keyOf={({ name, text: found }) => name + found} />
}
