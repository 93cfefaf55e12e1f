/** How an event ended, in a word and a colour that says the same. */
import { Badge } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import type { WireAuditEvent } from '../../../contract/audit-event.ts'
import { useText } from '../../language.tsx'
import { activityMessages } from './activity.messages.ts'

const COLOURS = { succeeded: 'success', refused: 'warning', failed: 'danger' } as const

export function OutcomeBadge({ outcome }: Pick<WireAuditEvent, 'outcome'>): ReactNode {
  const text = useText(activityMessages)
  return (
    <Badge appearance="tint" color={COLOURS[outcome]}>
      {text.outcomes[outcome]}
    </Badge>
  )
}
