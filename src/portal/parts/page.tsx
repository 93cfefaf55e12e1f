/** The frame of a page: its heading, what it is for, and what can be done here. Sets the title of the browser's tab. */
import { makeStyles, Subtitle2, Title2, tokens } from '@fluentui/react-components'
import { useEffect, type ReactNode } from 'react'

const useStyles = makeStyles({
  // What is wide within it scrolls or breaks, and never makes the page wider than the window.
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: tokens.spacingVerticalL },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalL },
  titles: { display: 'grid', gap: tokens.spacingVerticalXS, flex: '1 1 16rem', minWidth: 0 },
  title: { margin: 0, overflowWrap: 'anywhere' },
  subtitle: { margin: 0, color: tokens.colorNeutralForeground2, fontWeight: tokens.fontWeightRegular },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

export function Page({
  title,
  subtitle,
  actions,
  children,
}: {
  readonly title: string
  readonly subtitle?: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}): ReactNode {
  const styles = useStyles()
  useEffect(() => {
    document.title = `${title} · Sallyport`
  }, [title])
  return (
    <section className={styles.page}>
      <div className={styles.head}>
        <div className={styles.titles}>
          <Title2 as="h1" className={styles.title}>
            {title}
          </Title2>
          {subtitle === undefined ? null : (
            <Subtitle2 as="p" className={styles.subtitle}>
              {subtitle}
            </Subtitle2>
          )}
        </div>
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  )
}
