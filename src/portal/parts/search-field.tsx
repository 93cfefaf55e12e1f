/** A field to search with, whose button to empty it is named in the reader's language. */
import { SearchBox } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useText } from '../language.tsx'
import { partsMessages } from './parts.messages.ts'

export function SearchField({
  label,
  value,
  className,
  onType,
}: {
  readonly label: string
  readonly value: string
  readonly className: string
  readonly onType: (typed: string) => void
}): ReactNode {
  const text = useText(partsMessages)
  return (
    <SearchBox
      className={className}
      aria-label={label}
      placeholder={label}
      dismiss={{ 'aria-label': text.clear }}
      value={value}
      onChange={(_, { value: typed }) => onType(typed)}
    />
  )
}
