/** The state of a grant, in a word and a colour that says the same. */
import { Badge, type BadgeProps } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import type { WireGrant } from '../../contract/request.ts'
import { useText } from '../language.tsx'
import { grantMessages } from './grant-table.messages.ts'

const COLOURS: Readonly<Record<WireGrant['state'], NonNullable<BadgeProps['color']>>> = {
  awaiting: 'informative',
  opening: 'warning',
  open: 'success',
  closing: 'warning',
  closed: 'informative',
  failed: 'danger',
}

export function StateBadge({ state }: { readonly state: WireGrant['state'] }): ReactNode {
  const text = useText(grantMessages)
  return (
    <Badge appearance="tint" color={COLOURS[state]}>
      {text.states[state]}
    </Badge>
  )
}
