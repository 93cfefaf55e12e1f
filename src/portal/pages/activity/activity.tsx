/** Everything that happened, filtered; details in a drawer; the same list as CSV. Reading it is on record, so it is read when asked. */
import { Button, Card, Link, makeStyles, Text, tokens } from '@fluentui/react-components'
import { ArrowClockwiseRegular, ArrowDownloadRegular } from '@fluentui/react-icons'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { useLocation, useSearch } from 'wouter'
import { call, urlOf } from '../../api/call.ts'
import type { WireAuditEvent, WireAuditEventList } from '../../../contract/audit-event.ts'
import type { AuditAction } from '../../../domain/audit/audit.ts'
import { targetNameOf } from '../../../domain/audit/target-name.ts'
import { useFormats } from '../../formats.ts'
import { appMessages } from '../../app.messages.ts'
import { useText } from '../../language.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Page } from '../../parts/page.tsx'
import { usePlaceNames } from '../../parts/words/place-names.ts'
import { Empty, Failed, Loading } from '../../parts/states.tsx'
import { actionNames, activityMessages } from './activity.messages.ts'
import { auditQueryOf, filterFrom, NO_FILTER, searchOf, type ActivityFilter } from './activity-filter.ts'
import { EventDrawer } from './event-drawer.tsx'
import { Filters } from './filters.tsx'
import { Gist } from './gist.tsx'
import { OutcomeBadge } from './outcome-badge.tsx'

const A_PAGE = 100

const useStyles = makeStyles({
  list: { display: 'grid', gap: tokens.spacingVerticalM, minWidth: 0 },
  more: { justifySelf: 'start' },
})

export default function Activity(): ReactNode {
  const text = useText(activityMessages)
  const [, navigate] = useLocation()
  const search = useSearch()
  const filter = filterFrom(search)
  const [askedAt, setAskedAt] = useState(() => Date.now())
  const query = auditQueryOf(filter, askedAt)
  const change = (next: ActivityFilter): void => navigate(`/activity?${searchOf(next)}`, { replace: true })
  return (
    <Page
      title={text.title}
      subtitle={text.subtitle}
      actions={
        <>
          <Button icon={<ArrowClockwiseRegular />} onClick={() => setAskedAt(Date.now())}>
            {text.refresh}
          </Button>
          <Button
            as="a"
            icon={<ArrowDownloadRegular />}
            href={urlOf('/api/v1/audit/export', { ...query, format: 'csv' })}
            download
          >
            {text.csv}
          </Button>
          <Button
            as="a"
            icon={<ArrowDownloadRegular />}
            href={urlOf('/api/v1/audit/export', { ...query, format: 'jsonl' })}
            download
          >
            {text.jsonLines}
          </Button>
        </>
      }
    >
      <Filters filter={filter} onChange={change} onClear={() => change(NO_FILTER)} />
      <Events query={query} askedAt={askedAt} />
    </Page>
  )
}

function useEvents(query: Readonly<Record<string, string | number | boolean | undefined>>, askedAt: number) {
  return useInfiniteQuery({
    queryKey: ['/api/v1/audit', query, askedAt],
    queryFn: ({ pageParam, signal }) =>
      call<WireAuditEventList>('/api/v1/audit', {
        signal,
        query: { ...query, newestFirst: true, top: A_PAGE, after: pageParam },
      }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ value, nextLink }) => (nextLink === undefined ? undefined : value.at(-1)?.seq),
    // Reading the trail is itself an event: not read again by itself.
    staleTime: Infinity,
    meta: { isReadOnRequest: true },
  })
}

function Events({
  query,
  askedAt,
}: {
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>
  readonly askedAt: number
}): ReactNode {
  const styles = useStyles()
  const text = useText(activityMessages)
  const formats = useFormats()
  const names = useText(actionNames)
  const { zone } = useText(appMessages)
  const [shown, setShown] = useState<WireAuditEvent>()
  const events = useEvents(query, askedAt)
  const called = usePlaceNames((events.data?.pages ?? []).flatMap(({ value }) => value.map(({ target }) => target)))
  if (events.error !== null) return <Failed error={events.error} onRetry={() => void events.refetch()} />
  if (events.data === undefined) return <Loading />
  const rows = events.data.pages.flatMap(({ value }) => value)
  if (rows.length === 0) return <Empty title={text.empty}>{text.emptyHint}</Empty>
  const aimOf = (event: WireAuditEvent): string =>
    Object.hasOwn(text.targets, event.target)
      ? (text.targets[event.target] ?? event.target)
      : (targetNameOf(event) ?? (called(event.target) || event.target))
  const columns: readonly Column<WireAuditEvent>[] = [
    {
      id: 'at',
      title: text.time,
      width: 9,
      cell: ({ at }) => (
        <time dateTime={at} title={formats.full(Date.parse(at))}>
          {formats.moment(Date.parse(at))}
        </time>
      ),
    },
    { id: 'who', title: text.who, cell: ({ actor }) => actor },
    {
      id: 'what',
      title: text.what,
      cell: (event) => (
        <>
          <Link as="button" onClick={() => setShown(event)}>
            {names[event.action as AuditAction] ?? event.action}
          </Link>
          <Gist data={event.data} />
        </>
      ),
    },
    {
      id: 'target',
      title: text.target,
      cell: (event) => <span title={event.target}>{aimOf(event)}</span>,
    },
    { id: 'outcome', title: text.outcome, width: 7, cell: ({ outcome }) => <OutcomeBadge outcome={outcome} /> },
  ]
  return (
    <div className={styles.list}>
      <Card>
        <DataTable label={text.title} columns={columns} rows={rows} keyOf={({ seq }) => String(seq)} />
      </Card>
      {events.hasNextPage ? (
        <Button
          className={styles.more}
          disabled={events.isFetchingNextPage}
          onClick={() => void events.fetchNextPage()}
        >
          {text.more}
        </Button>
      ) : null}
      <Text size={200}>{zone(formats.zone)}</Text>
      <EventDrawer event={shown} onClose={() => setShown(undefined)} />
    </div>
  )
}
