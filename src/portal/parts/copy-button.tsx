/** Copies a text, and says that it did. */
import { Button, Tooltip } from '@fluentui/react-components'
import { CheckmarkRegular, CopyRegular } from '@fluentui/react-icons'
import { useEffect, useState, type ReactNode } from 'react'
import { useText } from '../language.tsx'
import { grantMessages } from './grant-table.messages.ts'

const SHOWN_FOR = 2_000

export function CopyButton({
  value,
  name = value,
}: {
  readonly value: string
  /** What it is called where the value itself must not be read out. */
  readonly name?: string
}): ReactNode {
  const text = useText(grantMessages)
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_FOR)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = (): void => {
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      () => setCopied(false), // not allowed here; the text stands beside the button
    )
  }
  return (
    <Tooltip content={isCopied ? text.copied : text.copyOne(name)} relationship="label">
      <Button
        size="small"
        appearance="subtle"
        icon={isCopied ? <CheckmarkRegular /> : <CopyRegular />}
        onClick={copy}
      />
    </Tooltip>
  )
}
