/** The browsers that I am signed in with: see them, sign one out, sign all out. */
import { Badge, Button, Card, Link, makeStyles, tokens } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useChange, useServer } from '../../api/queries.ts'
import type { WireSession } from '../../../contract/session.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Confirm, type Question } from '../../parts/confirm.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { useNow } from '../../parts/now.ts'
import { Problem } from '../../parts/problem.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { browserName } from './browser-name.ts'
import { settingsMessages } from './settings.messages.ts'

const SESSIONS = '/api/v1/sessions'

const useStyles = makeStyles({
  everywhere: { alignSelf: 'start' },
  browser: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
})

export function Sessions(): ReactNode {
  const text = useText(settingsMessages)
  return (
    <Loaded query={useServer<{ value: WireSession[] }>(SESSIONS)}>
      {({ value }) => (value.length === 0 ? <Empty title={text.noSessions} /> : <SessionTable rows={value} />)}
    </Loaded>
  )
}

function SessionTable({ rows }: { readonly rows: readonly WireSession[] }): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  const formats = useFormats()
  const now = useNow()
  const [question, setQuestion] = useState<Question>()
  const end = useChange((id: string) => call(`${SESSIONS}/${encodeURIComponent(id)}`, { method: 'DELETE' }))
  const everywhere = useChange(() => call(`${SESSIONS}/sign-out-everywhere`, { method: 'POST', body: {} }))
  const signOutEverywhere = (): void => everywhere.mutate(undefined, { onSuccess: () => location.assign('/') })
  const columns: readonly Column<WireSession>[] = [
    {
      id: 'browser',
      title: text.browser,
      cell: ({ browser, isCurrent }) => (
        <span className={styles.browser}>
          <span title={browser}>{browserName(browser)}</span>
          {isCurrent ? <Badge appearance="tint">{text.thisBrowser}</Badge> : null}
        </span>
      ),
    },
    { id: 'address', title: text.address, width: 10, cell: ({ address }) => address },
    { id: 'since', title: text.since, width: 10, cell: ({ startedAt }) => formats.moment(Date.parse(startedAt)) },
    {
      id: 'seen',
      title: text.lastSeen,
      width: 10,
      cell: ({ lastSeenAt }) => formats.relative(Date.parse(lastSeenAt), now),
    },
    {
      id: 'actions',
      title: text.actions,
      width: 8,
      cell: ({ id, browser, isCurrent }) =>
        isCurrent ? null : (
          <Link as="button" aria-label={text.endSession(browserName(browser))} onClick={() => end.mutate(id)}>
            {text.end}
          </Link>
        ),
    },
  ]
  return (
    <Card>
      <Problem error={end.error ?? everywhere.error} />
      <DataTable label={text.tabs.sessions} columns={columns} rows={rows} keyOf={({ id }) => id} />
      <Button
        className={styles.everywhere}
        onClick={() =>
          setQuestion({
            title: text.everywhere,
            text: text.everywhereText,
            deed: text.everywhere,
            act: signOutEverywhere,
          })
        }
      >
        {text.everywhere}
      </Button>
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </Card>
  )
}
