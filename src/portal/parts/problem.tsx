/** What came of a change that did not succeed, above the form or the list that it was made in. */
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useText } from '../language.tsx'
import { partsMessages } from './parts.messages.ts'
import { Reasons } from './states.tsx'

export function Problem({ error }: { readonly error: Error | null }): ReactNode {
  const text = useText(partsMessages)
  if (error === null) return null
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{text.failed}</MessageBarTitle>
        <Reasons error={error} />
      </MessageBarBody>
    </MessageBar>
  )
}
