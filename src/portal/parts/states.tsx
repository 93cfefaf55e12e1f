/** What stands in the place of data: loading, empty, refused, failed, offline. Every page shows its data through these. */
import { Button, makeStyles, Skeleton, SkeletonItem, Text, tokens } from '@fluentui/react-components'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from '../api/call.ts'
import { signInUrl } from '../api/sign-in.ts'
import { useText } from '../language.tsx'
import { Reason } from './words/reason.tsx'
import type { Said } from './words/reason-words.ts'
import { stateMessages } from './states.messages.ts'

const useStyles = makeStyles({
  state: {
    display: 'grid',
    justifyItems: 'center',
    textAlign: 'center',
    gap: tokens.spacingVerticalS,
    padding: tokens.spacingVerticalXXXL,
  },
  title: { margin: 0 },
  reasons: { margin: 0, textAlign: 'start', color: tokens.colorNeutralForeground2 },
  rows: { display: 'grid', gap: tokens.spacingVerticalM, paddingBlock: tokens.spacingVerticalM },
})

/**
 * Shows what `query` got, or why there is nothing yet. Data that is already there stays while it is asked for again, but not
 * when it is gone, or not for this reader any more.
 */
export function Loaded<T>({
  query,
  rows,
  children,
}: {
  readonly query: UseQueryResult<T>
  /** Of the skeleton, where there is little room. */
  readonly rows?: number
  readonly children: (data: T) => ReactNode
}): ReactNode {
  if (query.data !== undefined && !isTakenAway(query.error)) return children(query.data)
  if (query.error !== null) return <Failed error={query.error} onRetry={() => void query.refetch()} />
  return <Loading {...(rows === undefined ? {} : { rows })} />
}

function isTakenAway(error: Error | null): boolean {
  return error instanceof ApiError && (error.kind === 'refused' || error.kind === 'missing')
}

export function Loading({ rows = 6 }: { readonly rows?: number }): ReactNode {
  const styles = useStyles()
  const text = useText(stateMessages)
  return (
    <Skeleton className={styles.rows} aria-label={text.loading}>
      {Array.from({ length: rows }, (_, row) => (
        <SkeletonItem key={row} size={20} />
      ))}
    </Skeleton>
  )
}

export function Empty({
  title,
  children,
  action,
}: {
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}): ReactNode {
  const styles = useStyles()
  return (
    <div className={styles.state}>
      <Text weight="semibold" size={400}>
        {title}
      </Text>
      {children === undefined ? null : <Text>{children}</Text>}
      {action}
    </div>
  )
}

export function Failed({
  error,
  onRetry,
  isPage = false,
}: {
  readonly error: Error
  /** In the place of the whole page, with its heading. */
  readonly isPage?: boolean
  readonly onRetry?: (() => void) | undefined
}): ReactNode {
  const styles = useStyles()
  const text = useText(stateMessages)
  const kind = error instanceof ApiError ? error.kind : 'failed'
  return (
    <div className={styles.state} role="alert">
      <Text as={isPage ? 'h1' : 'span'} weight="semibold" size={400} className={styles.title}>
        {text.titles[kind]}
      </Text>
      <Text>{text.remedies[kind]}</Text>
      {kind === 'offline' || kind === 'signed-out' ? null : <Reasons error={error} />}
      {kind === 'signed-out' ? (
        <Button as="a" appearance="primary" href={signInUrl()}>
          {text.signIn}
        </Button>
      ) : onRetry === undefined ? null : (
        <Button onClick={onRetry}>{text.tryAgain}</Button>
      )}
    </div>
  )
}

/** Every reason the server gave, in the reader's language where there are words for it. */
export function Reasons({ error }: { readonly error: Error }): ReactNode {
  const styles = useStyles()
  const reasons = new Map(reasonsOf(error).map((reason) => [reason.message, reason]))
  return (
    <ul className={styles.reasons}>
      {[...reasons.values()].map((reason) => (
        <li key={reason.message}>
          <Reason said={reason} />
        </li>
      ))}
    </ul>
  )
}

function reasonsOf(error: Error): readonly Said[] {
  if (!(error instanceof ApiError)) return [{ code: '', message: error.message }]
  const { code, message, facts, details } = error
  return details.length > 0 ? details : [{ code, message, facts }]
}
