/** How long ago something was, with the whole instant for who points at it. */
import type { ReactNode } from 'react'
import { useFormats } from '../formats.ts'
import { useNow } from './now.ts'

export function Ago({ at }: { readonly at: string | undefined }): ReactNode {
  const formats = useFormats()
  const now = useNow()
  if (at === undefined) return '–'
  const instant = Date.parse(at)
  return (
    <time dateTime={at} title={formats.full(instant)}>
      {formats.relative(instant, now)}
    </time>
  )
}
