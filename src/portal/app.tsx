/** Who is signed in, and the page that the address names. Pages are loaded when they are first shown. */
import { Button, Link } from '@fluentui/react-components'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState, type ReactNode } from 'react'
import { Link as RouteLink, Route, Switch, useLocation } from 'wouter'
import type { CurrentSession } from '../contract/session.ts'
import { isReadAgain, useSession } from './api/queries.ts'
import { signInUrl } from './api/sign-in.ts'
import { useIsConnected, useLive } from './api/live.ts'
import { appMessages } from './app.messages.ts'
import { ErrorBoundary } from './error-boundary.tsx'
import { useText } from './language.tsx'
import { loadAhead, loadedPage, loadNow } from './page-loader.tsx'
import { Page } from './parts/page.tsx'
import { Failed, Loading } from './parts/states.tsx'
import { SessionNotice } from './session-notice.tsx'
import { Shell } from './shell.tsx'
import { Welcome } from './welcome.tsx'

const Overview = loadedPage('/', () => import('./pages/overview/overview.tsx'))
const Machines = loadedPage('/machines', () => import('./pages/machines/machines.tsx'))
const Machine = loadedPage('/machine', () => import('./pages/machine/machine.tsx'))
const Policy = loadedPage('/policy', () => import('./pages/policy/policy.tsx'))
const Labels = loadedPage('/labels', () => import('./pages/labels/labels.tsx'))
const MyAccess = loadedPage('/my-access', () => import('./pages/my-access/my-access.tsx'))
const RequestAccess = loadedPage('/request', () => import('./pages/request/request.tsx'))
const AccessControl = loadedPage('/access-control', () => import('./pages/access-control/access-control.tsx'))
const Settings = loadedPage('/settings', () => import('./pages/settings/settings.tsx'))
const Activity = loadedPage('/activity', () => import('./pages/activity/activity.tsx'))

loadNow(location.pathname)

/** What the first page needs comes first. */
const SETTLED_AFTER = 3_000

export function App(): ReactNode {
  const session = useSession()
  const text = useText(appMessages)
  const client = useQueryClient()
  // Asked for again as a whole: what was refused meanwhile is shown, and the session is known anew.
  const askAgain = useCallback(() => void client.invalidateQueries({ predicate: isReadAgain }), [client])
  const known = useKnownSession(session.data)
  if (session.data === undefined)
    return session.error === null ? (
      <Loading rows={1} />
    ) : (
      <main>
        <Failed isPage error={session.error} onRetry={() => void session.refetch()} />
      </main>
    )
  if (known === undefined) {
    return (
      <Welcome>
        <Button as="a" appearance="primary" size="large" href={signInUrl()}>
          {text.signIn}
        </Button>
      </Welcome>
    )
  }
  return <SignedIn session={known} isEnded={session.data === null} onBack={askAgain} />
}

/** Whose page this is: kept when the session ends, so that what is on the page stays; another person gets a new page. */
function useKnownSession(session: CurrentSession | null | undefined): CurrentSession | undefined {
  const [known, setKnown] = useState<CurrentSession>()
  if (session === null || session === undefined || session === known) return known
  if (known !== undefined && known.principals[0] !== session.principals[0]) location.reload()
  setKnown(session)
  return session
}

function SignedIn({
  session,
  isEnded,
  onBack,
}: {
  readonly session: CurrentSession
  readonly isEnded: boolean
  readonly onBack: () => void
}): ReactNode {
  useLive(!isEnded)
  const isConnected = useIsConnected()
  useEffect(() => {
    const timer = setTimeout(() => void loadAhead(), SETTLED_AFTER)
    return () => clearTimeout(timer)
  }, [])
  const [path] = useLocation()
  const notice = <SessionNotice session={session} isEnded={isEnded} onBack={onBack} />
  return (
    <Shell name={session.name} notice={notice}>
      <ErrorBoundary attempt={`${path} ${isConnected}`}>
        <Switch>
          <Route path="/" component={Overview} />
          <Route path="/machines" component={Machines} />
          <Route path="/machine" component={Machine} />
          <Route path="/policy" component={Policy} />
          <Route path="/labels" component={Labels} />
          <Route path="/request" component={RequestAccess} />
          <Route path="/my-access" component={MyAccess} />
          <Route path="/activity" component={Activity} />
          <Route path="/access-control" component={AccessControl} />
          <Route path="/settings" component={Settings} />
          <Route component={NoSuchPage} />
        </Switch>
      </ErrorBoundary>
    </Shell>
  )
}

function NoSuchPage(): ReactNode {
  const text = useText(appMessages)
  return (
    <Page title={text.notFound}>
      <RouteLink href="/" asChild>
        <Link>{text.toOverview}</Link>
      </RouteLink>
    </Page>
  )
}
