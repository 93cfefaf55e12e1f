/** Who is signed in, and the page that the address names. Pages are loaded when they are first shown. */
import { Button, Link } from '@fluentui/react-components'
import { lazy, Suspense, type ReactNode } from 'react'
import { Link as RouteLink, Route, Switch } from 'wouter'
import { useSession } from './api/queries.ts'
import { signInUrl } from './api/sign-in.ts'
import { useLive } from './api/live.ts'
import { appMessages } from './app.messages.ts'
import { useText } from './language.tsx'
import { Page } from './parts/page.tsx'
import { Failed, Loading } from './parts/states.tsx'
import { Shell } from './shell.tsx'
import { Welcome } from './welcome.tsx'

const Overview = lazy(() => import('./pages/overview/overview.tsx'))
const Machines = lazy(() => import('./pages/machines/machines.tsx'))
const Machine = lazy(() => import('./pages/machine/machine.tsx'))
const Policy = lazy(() => import('./pages/policy/policy.tsx'))
const MyAccess = lazy(() => import('./pages/my-access/my-access.tsx'))
const RequestAccess = lazy(() => import('./pages/request/request.tsx'))
const AccessControl = lazy(() => import('./pages/access-control/access-control.tsx'))
const Activity = lazy(() => import('./pages/activity/activity.tsx'))

export function App(): ReactNode {
  const session = useSession()
  const text = useText(appMessages)
  if (session.data === undefined)
    return session.error === null ? (
      <Loading rows={1} />
    ) : (
      <Failed error={session.error} onRetry={() => void session.refetch()} />
    )
  if (session.data === null) {
    return (
      <Welcome>
        <Button as="a" appearance="primary" size="large" href={signInUrl()}>
          {text.signIn}
        </Button>
      </Welcome>
    )
  }
  return <SignedIn name={session.data.name} />
}

function SignedIn({ name }: { readonly name: string }): ReactNode {
  useLive()
  return (
    <Shell name={name}>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/" component={Overview} />
          <Route path="/machines" component={Machines} />
          <Route path="/machine" component={Machine} />
          <Route path="/policy" component={Policy} />
          <Route path="/request" component={RequestAccess} />
          <Route path="/my-access" component={MyAccess} />
          <Route path="/activity" component={Activity} />
          <Route path="/access-control" component={AccessControl} />
          <Route component={NoSuchPage} />
        </Switch>
      </Suspense>
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
