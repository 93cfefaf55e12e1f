/** What I have open: countdown, how to connect, close now, extend, ask again; and what I had. */
import {
  Button,
  Card,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Subtitle1,
  tokens,
} from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { Link as RouteLink } from 'wouter'
import { machineNamed, useMachineNames, useMachinesOf } from '../../api/machines.ts'
import { useClose, useExtend, useRequests, useSession } from '../../api/queries.ts'
import { portText } from '../../api/names.ts'
import { formatDuration } from '../../../domain/time.ts'
import { useText } from '../../language.tsx'
import { ConnectLine } from '../../parts/connect-line.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { grantMessages } from '../../parts/grant-table.messages.ts'
import { GrantTable, isLive, rowsOf, type GrantRow } from '../../parts/grant-table.tsx'
import { LoginName } from '../../parts/login-name.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty, Loaded, Reasons } from '../../parts/states.tsx'
import { requestUrl } from '../request/request-url.ts'
import { ExtendMenu } from './extend-menu.tsx'
import { myAccessMessages } from './my-access.messages.ts'

const useStyles = makeStyles({ actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS } })

const SSH = 22

export default function MyAccess(): ReactNode {
  const text = useText(myAccessMessages)
  const session = useSession()
  const query = useRequests({ mine: true, top: 200 })
  const request = (
    <RouteLink href="/request" asChild>
      <Button as="a" appearance="primary">
        {text.request}
      </Button>
    </RouteLink>
  )
  return (
    <Page title={text.title} subtitle={text.subtitle} actions={request}>
      {session.data === undefined ? null : (
        <Loaded query={query}>
          {({ value }) => {
            const rows = rowsOf(value)
            return (
              <>
                <Open rows={rows.filter(({ grant }) => isLive(grant))} />
                <History rows={rows.filter(({ grant }) => !isLive(grant))} />
              </>
            )
          }}
        </Loaded>
      )}
    </Page>
  )
}

function Open({ rows }: { readonly rows: readonly GrantRow[] }): ReactNode {
  const styles = useStyles()
  const text = useText(myAccessMessages)
  const words = useText(grantMessages)
  const machines = useMachinesOf(rows.map(({ grant }) => grant.machine))
  const called = useMachineNames(rows.map(({ grant }) => grant.machine))
  const close = useClose()
  const extend = useExtend()
  const failure = close.error ?? extend.error
  const columns: readonly Column<GrantRow>[] = [
    {
      id: 'connect',
      title: text.connect,
      width: 12.5,
      cell: ({ grant }) => <ConnectLine machine={machineNamed(machines.data, grant.machine)} grant={grant} />,
    },
    {
      id: 'actions',
      title: words.actions,
      width: 9.5,
      cell: ({ request, grant }) => (
        <span className={styles.actions}>
          <Button
            size="small"
            disabled={grant.state === 'closing'}
            aria-label={words.closeOne(portText(grant), called(grant.machine))}
            onClick={() => close.mutate({ id: request.id, grants: [grant.id] })}
          >
            {grant.state === 'closing' ? words.closing : words.close}
          </Button>
          <ExtendMenu
            grant={grant}
            machine={machineNamed(machines.data, grant.machine)}
            onExtend={(millis) =>
              extend.mutate({ id: request.id, grants: [grant.id], duration: formatDuration(millis) })
            }
          />
        </span>
      ),
    },
  ]
  return (
    <Card>
      <Subtitle1 as="h2">{text.open}</Subtitle1>
      {failure === null ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{text.failed}</MessageBarTitle>
            <Reasons error={failure} />
          </MessageBarBody>
        </MessageBar>
      )}
      {rows.length === 0 ? (
        <Empty title={text.nothingOpen}>{text.nothingOpenHint}</Empty>
      ) : (
        <>
          <GrantTable isOwn rows={rows} label={text.open} more={columns} />
          {rows.some(({ grant }) => grant.port === SSH) ? <LoginName /> : null}
        </>
      )}
    </Card>
  )
}

function History({ rows }: { readonly rows: readonly GrantRow[] }): ReactNode {
  const text = useText(myAccessMessages)
  const words = useText(grantMessages)
  const called = useMachineNames(rows.map(({ grant }) => grant.machine))
  const again: Column<GrantRow> = {
    id: 'again',
    title: words.actions,
    width: 10,
    cell: ({ request, grant }) => (
      <RouteLink
        href={requestUrl({ machines: [grant.machine], port: grant.port })}
        state={{ justification: request.justification }}
        asChild
      >
        <Button
          as="a"
          size="small"
          appearance="subtle"
          aria-label={words.againOne(portText(grant), called(grant.machine))}
        >
          {words.again}
        </Button>
      </RouteLink>
    ),
  }
  return (
    <Card>
      <Subtitle1 as="h2">{text.history}</Subtitle1>
      {rows.length === 0 ? (
        <Empty title={text.noHistory} />
      ) : (
        <GrantTable isOwn rows={rows} label={text.history} more={[again]} />
      )}
    </Card>
  )
}
