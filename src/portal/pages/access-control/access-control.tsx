/** Who may do what: assignments, roles, why somebody may or may not, and the people and programs of the own issuer. */
import type { ReactNode } from 'react'
import { useText } from '../../language.tsx'
import { TabbedPage } from '../../parts/tabbed-page.tsx'
import { accessMessages } from './access-control.messages.ts'
import { Assignments } from './assignments.tsx'
import { CheckAccess } from './check-access.tsx'
import { Groups } from './groups.tsx'
import { Programs } from './programs.tsx'
import { Roles } from './roles.tsx'
import { Users } from './users.tsx'

const PARTS = [
  ['assignments', Assignments],
  ['check', CheckAccess],
  ['roles', Roles],
  ['users', Users],
  ['groups', Groups],
  ['programs', Programs],
] as const

export default function AccessControl(): ReactNode {
  return <TabbedPage text={useText(accessMessages)} parts={PARTS} />
}
