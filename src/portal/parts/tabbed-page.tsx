/** A page of several parts, one of them open: which one is in the address, so that a link leads to it. */
import { makeStyles, Tab, TabList } from '@fluentui/react-components'
import type { ComponentType, ReactNode } from 'react'
import { useLocation, useSearch } from 'wouter'
import { Page } from './page.tsx'

const useStyles = makeStyles({ tabs: { flexWrap: 'wrap' } })

export interface TabbedText<K extends string> {
  readonly title: string
  readonly subtitle: string
  readonly tabs: Readonly<Record<K, string>>
}

export function TabbedPage<K extends string>({
  text,
  parts,
}: {
  readonly text: TabbedText<K>
  /** The first is open where the address names none. */
  readonly parts: readonly (readonly [name: K, part: ComponentType])[]
}): ReactNode {
  const styles = useStyles()
  const [path, navigate] = useLocation()
  const named = new URLSearchParams(useSearch()).get('tab')
  const [open, Shown] = parts.find(([name]) => name === named) ?? parts[0] ?? []
  return (
    <Page title={text.title} subtitle={text.subtitle}>
      <TabList
        className={styles.tabs}
        selectedValue={open}
        onTabSelect={(_, { value }) => navigate(`${path}?tab=${String(value)}`, { replace: true })}
      >
        {parts.map(([name]) => (
          <Tab key={name} value={name}>
            {text.tabs[name]}
          </Tab>
        ))}
      </TabList>
      {Shown === undefined ? null : <Shown />}
    </Page>
  )
}
