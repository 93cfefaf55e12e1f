/** What somebody sees who is not signed in: what this is, and one thing to do. */
import { LargeTitle, makeStyles, Subtitle1, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { appMessages } from './app.messages.ts'
import { useText } from './language.tsx'

const useStyles = makeStyles({
  page: {
    minHeight: '100vh',
    display: 'grid',
    alignContent: 'center',
    justifyItems: 'center',
    textAlign: 'center',
    gap: tokens.spacingVerticalXL,
    padding: tokens.spacingHorizontalXL,
    boxSizing: 'border-box',
  },
  title: { margin: 0 },
  promise: { margin: 0, maxWidth: '34rem', color: tokens.colorNeutralForeground2 },
})

export function Welcome({ children }: { readonly children: ReactNode }): ReactNode {
  const styles = useStyles()
  const text = useText(appMessages)
  return (
    <main className={styles.page}>
      <img src="/sallyport.svg" width="72" height="72" alt="Sallyport" />
      <LargeTitle as="h1" className={styles.title}>
        {text.welcome}
      </LargeTitle>
      <Subtitle1 as="p" className={styles.promise}>
        {text.promise}
      </Subtitle1>
      {children}
    </main>
  )
}
