/** What became of a request: live until every port was seen open, then how to connect. */
import { Button, Card, makeStyles, MessageBar, MessageBarBody, Spinner, tokens } from '@fluentui/react-components'
import { useQueries } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link as RouteLink } from 'wouter'
import { call } from '../../api/call.ts'
import { machineNamed, useMachinesOf } from '../../api/machines.ts'
import type { WireRequest } from '../../../contract/request.ts'
import { useText } from '../../language.tsx'
import { ConnectLine } from '../../parts/connect-line.tsx'
import { useFocusWithin } from '../../parts/focus-within.ts'
import { GrantTable, isLive, rowsOf } from '../../parts/grant-table.tsx'
import { LoginName } from '../../parts/login-name.tsx'
import { Problem } from '../../parts/problem.tsx'
import { requestMessages } from './request.messages.ts'

const ASK_EVERY = 1_000
const SSH = 22

const useStyles = makeStyles({
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  table: { minWidth: 0 },
})

export function Progress({
  ids,
  onAnother,
}: {
  readonly ids: readonly string[]
  readonly onAnother: () => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(requestMessages)
  const requests = useQueries({
    queries: ids.map((id) => ({
      queryKey: [`/api/v1/requests/${id}`],
      queryFn: () => call<WireRequest>(`/api/v1/requests/${id}`),
      refetchInterval: ({ state }: { state: { data: WireRequest | undefined } }) =>
        state.data === undefined || state.data.grants.some(isOpening) ? ASK_EVERY : (false as const),
    })),
  })
  const rows = rowsOf(requests.flatMap(({ data }) => data ?? []))
  const machines = useMachinesOf(rows.map(({ grant }) => grant.machine))
  const isWaiting = rows.length === 0 || rows.some(({ grant }) => isOpening(grant))
  const someFailed = rows.some(({ grant }) => grant.state === 'failed')
  const isOver = rows.every(({ grant }) => !isLive(grant))
  const error = requests.find((request) => request.error !== null)?.error ?? null
  // To copy is the next thing that anybody does; what was pressed to get here is gone.
  const canConnect = rows.some(({ grant }) => machineNamed(machines.data, grant.machine) !== undefined)
  const frame = useFocusWithin(!isWaiting && canConnect, 'td button')
  return (
    <Card>
      <div aria-live="polite">
        {isWaiting ? (
          <Spinner labelPosition="after" label={text.opening} />
        ) : (
          <MessageBar intent={someFailed ? 'warning' : isOver ? 'info' : 'success'}>
            <MessageBarBody>{someFailed ? text.someFailed : isOver ? text.over : text.allOpen}</MessageBarBody>
          </MessageBar>
        )}
        <Problem error={isWaiting ? error : null} />
      </div>
      <div ref={frame} className={styles.table}>
        <GrantTable
          isOwn
          rows={rows}
          label={text.done}
          more={[
            {
              id: 'connect',
              title: text.connect,
              width: 17,
              cell: ({ grant }) => <ConnectLine machine={machineNamed(machines.data, grant.machine)} grant={grant} />,
            },
          ]}
        />
      </div>
      {rows.some(({ grant }) => grant.port === SSH) ? <LoginName /> : null}
      <div className={styles.actions}>
        <RouteLink href="/my-access" asChild>
          <Button as="a" appearance="primary">
            {text.toMine}
          </Button>
        </RouteLink>
        <Button onClick={onAnother}>{text.another}</Button>
      </div>
    </Card>
  )
}

function isOpening({ state }: WireRequest['grants'][number]): boolean {
  return state === 'opening' || state === 'awaiting'
}
