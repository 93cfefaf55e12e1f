/**
 * Says that the session has ended, or soon will, above the page that stays as it is: signing in happens in another tab, and
 * whatever was typed here is still there afterwards.
 */
import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { useEffect, type ReactNode } from 'react'
import type { CurrentSession } from '../contract/session.ts'
import { isInUse } from './api/in-use.ts'
import { signInUrl } from './api/sign-in.ts'
import { appMessages } from './app.messages.ts'
import { useFormats } from './formats.ts'
import { useText } from './language.tsx'
import { useNow } from './parts/now.ts'

/** Long enough to finish what one is at. */
const WARNED_BEFORE = 10 * 60_000
/** Of an end that one touch puts off. */
const IDLE_WARNED_BEFORE = 5 * 60_000

export function SessionNotice({
  session,
  isEnded,
  onBack,
}: {
  readonly session: CurrentSession
  readonly isEnded: boolean
  /** Somebody comes back to this page, perhaps signed in. */
  readonly onBack: () => void
}): ReactNode {
  const now = useNow()
  const isNear = Date.parse(session.endsAtLatest) - now < WARNED_BEFORE
  useEffect(() => {
    if (!isEnded && !isNear) return
    window.addEventListener('focus', onBack)
    return () => window.removeEventListener('focus', onBack)
  }, [isEnded, isNear, onBack])
  if (isEnded || isNear) return <SignInAgain session={session} isEnded={isEnded} />
  if (Date.parse(session.endsAt) - now > IDLE_WARNED_BEFORE || isInUse()) return null
  return <StillThere session={session} onStay={onBack} />
}

function SignInAgain({ session, isEnded }: { readonly session: CurrentSession; readonly isEnded: boolean }): ReactNode {
  const text = useText(appMessages)
  const formats = useFormats()
  const end = formats.clock(Date.parse(session.endsAtLatest))
  return (
    <MessageBar intent={isEnded ? 'error' : 'warning'} layout="multiline" politeness="assertive">
      <MessageBarBody>
        <MessageBarTitle>{isEnded ? text.sessionEnded : text.sessionEnds(end)}</MessageBarTitle>
        {text.sessionKept}
      </MessageBarBody>
      <MessageBarActions>
        <Button as="a" appearance="primary" href={signInUrl('/')} target="_blank" rel="noopener">
          {text.signInAgain}
        </Button>
      </MessageBarActions>
    </MessageBar>
  )
}

function StillThere({ session, onStay }: { readonly session: CurrentSession; readonly onStay: () => void }): ReactNode {
  const text = useText(appMessages)
  const formats = useFormats()
  return (
    <MessageBar intent="warning" layout="multiline" politeness="assertive">
      <MessageBarBody>
        <MessageBarTitle>{text.sessionEnds(formats.clock(Date.parse(session.endsAt)))}</MessageBarTitle>
        {text.sessionUnused}
      </MessageBarBody>
      <MessageBarActions>
        <Button appearance="primary" onClick={onStay}>
          {text.staySignedIn}
        </Button>
      </MessageBarActions>
    </MessageBar>
  )
}
