/** What the installation is connected to and how it fares: clouds, the audit trail, its own checks, plans, my browsers. */
import { makeStyles, Tab, TabList } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useLocation, useSearch } from 'wouter'
import { useText } from '../../language.tsx'
import { Page } from '../../parts/page.tsx'
import { AuditTrail } from './audit-trail.tsx'
import { Connections } from './connections.tsx'
import { Installation } from './installation.tsx'
import { Plans } from './plans.tsx'
import { Sessions } from './sessions.tsx'
import { settingsMessages } from './settings.messages.ts'

const TABS = {
  connections: Connections,
  installation: Installation,
  audit: AuditTrail,
  plans: Plans,
  sessions: Sessions,
} as const

type TabName = keyof typeof TABS

const useStyles = makeStyles({ tabs: { flexWrap: 'wrap' } })

export default function Settings(): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  const [, navigate] = useLocation()
  const tab = tabFrom(useSearch())
  const Shown = TABS[tab]
  return (
    <Page title={text.title} subtitle={text.subtitle}>
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, { value }) => navigate(`/settings?tab=${String(value)}`, { replace: true })}
      >
        {Object.entries(text.tabs).map(([value, label]) => (
          <Tab key={value} value={value}>
            {label}
          </Tab>
        ))}
      </TabList>
      <Shown />
    </Page>
  )
}

function tabFrom(search: string): TabName {
  const named = new URLSearchParams(search).get('tab') ?? ''
  return named in TABS ? (named as TabName) : 'connections' // just looked up
}
