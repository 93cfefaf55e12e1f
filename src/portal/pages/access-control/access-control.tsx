/** Who may do what: assignments, roles, why somebody may or may not, and the people and programs of the own issuer. */
import { makeStyles, Tab, TabList } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useLocation, useSearch } from 'wouter'
import { useText } from '../../language.tsx'
import { Page } from '../../parts/page.tsx'
import { accessMessages } from './access-control.messages.ts'
import { Assignments } from './assignments.tsx'
import { CheckAccess } from './check-access.tsx'
import { Groups } from './groups.tsx'
import { Programs } from './programs.tsx'
import { Roles } from './roles.tsx'
import { Users } from './users.tsx'

const TABS = {
  assignments: Assignments,
  check: CheckAccess,
  roles: Roles,
  users: Users,
  groups: Groups,
  programs: Programs,
} as const

type TabName = keyof typeof TABS

const useStyles = makeStyles({ tabs: { flexWrap: 'wrap' } })

export default function AccessControl(): ReactNode {
  const styles = useStyles()
  const text = useText(accessMessages)
  const [, navigate] = useLocation()
  const tab = tabFrom(useSearch())
  const Shown = TABS[tab]
  return (
    <Page title={text.title} subtitle={text.subtitle}>
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, { value }) => navigate(`/access-control?tab=${String(value)}`, { replace: true })}
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
  return named in TABS ? (named as TabName) : 'assignments' // just looked up
}
