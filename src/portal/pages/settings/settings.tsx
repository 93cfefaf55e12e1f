/** What the installation is connected to and how it fares: clouds, the audit trail, its own checks, plans, my browsers. */
import type { ReactNode } from 'react'
import { useText } from '../../language.tsx'
import { TabbedPage } from '../../parts/tabbed-page.tsx'
import { AuditTrail } from './audit-trail.tsx'
import { Connections } from './connections.tsx'
import { Hosts } from './hosts.tsx'
import { Installation } from './installation.tsx'
import { Issuers } from './issuers.tsx'
import { Plans } from './plans.tsx'
import { Sessions } from './sessions.tsx'
import { settingsMessages } from './settings.messages.ts'

const PARTS = [
  ['connections', Connections],
  ['hosts', Hosts],
  ['installation', Installation],
  ['issuers', Issuers],
  ['audit', AuditTrail],
  ['plans', Plans],
  ['sessions', Sessions],
] as const

export default function Settings(): ReactNode {
  return <TabbedPage text={useText(settingsMessages)} parts={PARTS} />
}
