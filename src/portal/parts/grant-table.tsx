/** Grants in rows: what is open to whom, until when. Pages add the columns of what can be done about it. */
import { makeStyles, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useMachineNames } from '../api/machines.ts'
import { portText } from '../api/names.ts'
import type { WireGrant, WireRequest } from '../../contract/request.ts'
import { useFormats } from '../formats.ts'
import { useText } from '../language.tsx'
import { DataTable, type Column } from './data-table.tsx'
import { failureMessages } from './words/failures.messages.ts'
import { grantMessages } from './grant-table.messages.ts'
import { useNow } from './now.ts'
import { Saying } from './words/reason.tsx'
import { StateBadge } from './state-badge.tsx'

export interface GrantRow {
  readonly request: WireRequest
  readonly grant: WireGrant
}

export function rowsOf(requests: readonly WireRequest[]): GrantRow[] {
  return requests.flatMap((request) => request.grants.map((grant) => ({ request, grant })))
}

export function isLive({ state }: WireGrant): boolean {
  return state !== 'closed' && state !== 'failed'
}

const useStyles = makeStyles({ small: { color: tokens.colorNeutralForeground2, display: 'block' } })

export function GrantTable({
  rows,
  label,
  more = [],
  isOwn = false,
  isOfOne = false,
}: {
  readonly rows: readonly GrantRow[]
  readonly label: string
  readonly more?: readonly Column<GrantRow>[]
  /** All of them the reader's: nobody has to be told who that is. */
  readonly isOwn?: boolean
  /** All of them on one machine, which the page is about. */
  readonly isOfOne?: boolean
}): ReactNode {
  const text = useText(grantMessages)
  const called = useMachineNames(rows.map(({ grant }) => grant.machine))
  const columns: readonly Column<GrantRow>[] = [
    ...(isOfOne
      ? []
      : [
          {
            id: 'machine',
            title: text.machine,
            cell: ({ grant }: GrantRow) => <span title={grant.machine}>{called(grant.machine)}</span>,
          },
        ]),
    { id: 'port', title: text.port, width: 7, cell: ({ grant }) => portText(grant) },
    { id: 'source', title: text.source, cell: ({ grant }) => grant.sources.join(', ') },
    ...(isOwn ? [] : [{ id: 'who', title: text.who, cell: ({ request }: GrantRow) => request.requestor }]),
    { id: 'state', title: text.state, width: 5, cell: ({ grant }) => <StateBadge state={grant.state} /> },
    { id: 'window', title: text.window, width: isOwn ? 9.25 : 15, cell: ({ grant }) => <Window grant={grant} /> },
    ...more,
  ]
  return <DataTable label={label} columns={columns} rows={rows} keyOf={({ grant }) => grant.id} />
}

function Window({ grant }: { readonly grant: WireGrant }): ReactNode {
  const styles = useStyles()
  const text = useText(grantMessages)
  const formats = useFormats()
  const now = useNow()
  const [from, until] = [Date.parse(grant.openedAt ?? grant.from), Date.parse(grant.closedAt ?? grant.until)]
  return (
    <>
      <time dateTime={grant.from} title={formats.full(from)}>
        {formats.moment(from)}
      </time>
      {' – '}
      <time dateTime={grant.closedAt ?? grant.until} title={formats.full(until)}>
        {formats.end(from, until)}
      </time>
      {isLive(grant) ? (
        <Text size={200} className={styles.small}>
          {text.endsIn(formats.countdown(until - now))}
        </Text>
      ) : grant.detail === undefined ? null : (
        <Text size={200} className={styles.small}>
          <Saying said={{ ...grant.because, text: grant.detail }} words={failureMessages} />
        </Text>
      )}
    </>
  )
}
