/** A secret that is shown this once: readable, ready to copy, and never kept by the page. */
import { Field, Input, makeStyles, MessageBar, MessageBarBody, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useText } from '../language.tsx'
import { CopyButton } from './copy-button.tsx'
import { partsMessages } from './parts.messages.ts'

const useStyles = makeStyles({
  secret: { fontFamily: tokens.fontFamilyMonospace },
  list: { display: 'grid', gap: tokens.spacingVerticalM },
})

export function Once({
  secrets,
}: {
  readonly secrets: readonly (readonly [label: string, value: string])[]
}): ReactNode {
  const styles = useStyles()
  const text = useText(partsMessages)
  return (
    <div className={styles.list}>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>{text.once}</MessageBarBody>
      </MessageBar>
      {secrets.map(([label, value]) => (
        <Field key={label} label={label}>
          <Input
            readOnly
            className={styles.secret}
            value={value}
            autoComplete="off"
            contentAfter={<CopyButton value={value} name={label} />}
          />
        </Field>
      ))}
    </div>
  )
}
