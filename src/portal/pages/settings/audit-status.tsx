/** How the audit trail fares: what is signed, what was last verified, and how far each place is that events are sent to. */
import {
  Badge,
  Card,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Subtitle1,
  Text,
  tokens,
} from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useServer } from '../../api/queries.ts'
import type { WireAuditSink, WireAuditStatus } from '../../../contract/audit-status.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Ago } from '../../parts/ago.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Loaded } from '../../parts/states.tsx'
import { standingMessages } from './standing.messages.ts'

const useStyles = makeStyles({
  heading: { margin: 0 },
  problem: { display: 'block', color: tokens.colorPaletteRedForeground1 },
})

export function AuditStatus(): ReactNode {
  const styles = useStyles()
  const text = useText(standingMessages)
  return (
    <Loaded query={useServer<WireAuditStatus>('/api/v1/audit/status')}>
      {(status) => (
        <>
          <Card>
            <Subtitle1 as="h2" className={styles.heading}>
              {text.trail}
            </Subtitle1>
            <Trail status={status} />
          </Card>
          <Card>
            <Subtitle1 as="h2" className={styles.heading}>
              {text.sinks}
            </Subtitle1>
            {status.sinks.length === 0 ? <Text>{text.noSinks}</Text> : <Sinks rows={status.sinks} />}
          </Card>
        </>
      )}
    </Loaded>
  )
}

function Trail({ status: { seq, checkpoint, verified } }: { readonly status: WireAuditStatus }): ReactNode {
  const text = useText(standingMessages)
  const formats = useFormats()
  const facts = {
    newest: formats.number(seq),
    checkpoint:
      checkpoint === undefined ? (
        text.never
      ) : (
        <>
          {text.signed(formats.number(checkpoint.number), formats.number(checkpoint.seq))} (<Ago at={checkpoint.at} />)
        </>
      ),
    verified:
      verified === undefined ? (
        text.never
      ) : (
        <>
          {text.verifiedBy(verified.by)} (<Ago at={verified.at} />)
        </>
      ),
  }
  return (
    <>
      {verified?.intact === false ? (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{text.brokenThen(verified.problem ?? '')}</MessageBarBody>
        </MessageBar>
      ) : null}
      <Facts names={text.trailFacts} facts={facts} />
    </>
  )
}

function Sinks({ rows }: { readonly rows: readonly WireAuditSink[] }): ReactNode {
  const text = useText(standingMessages)
  const formats = useFormats()
  const columns: readonly Column<WireAuditSink>[] = [
    { id: 'name', title: text.name, cell: ({ name }) => name },
    { id: 'kind', title: text.kind, width: 7, cell: ({ kind }) => text.kinds[kind] },
    { id: 'to', title: text.receiver, least: 10, cell: ({ receiver }) => receiver },
    { id: 'state', title: text.state, least: 12, cell: (sink) => <SinkState sink={sink} /> },
    { id: 'behind', title: text.behind, width: 7, cell: ({ behind }) => formats.number(behind) },
    { id: 'since', title: text.waitingSince, width: 9, cell: ({ waitingSince }) => <Ago at={waitingSince} /> },
  ]
  return <DataTable label={text.sinks} columns={columns} rows={rows} keyOf={({ name }) => name} />
}

function SinkState({ sink: { behind, failure } }: { readonly sink: WireAuditSink }): ReactNode {
  const styles = useStyles()
  const text = useText(standingMessages)
  if (failure === undefined)
    return (
      <Badge appearance="tint" color={behind === 0 ? 'success' : 'warning'}>
        {behind === 0 ? text.complete : text.delivering}
      </Badge>
    )
  return (
    <>
      <Badge appearance="tint" color="danger">
        {text.failing}
      </Badge>
      <Text size={200} className={styles.problem}>
        {failure.reason} (<Ago at={failure.since} />)
      </Text>
    </>
  )
}
