/** Asks once more before something is done that cannot be taken back. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useText } from '../language.tsx'
import { partsMessages } from './parts.messages.ts'
import { useReturnFocus } from './return-focus.ts'

export interface Question {
  readonly title: string
  readonly text: string
  /** What the button says: the deed, never "OK". */
  readonly deed: string
  readonly act: () => void
}

export function Confirm({
  question,
  onClose,
}: {
  readonly question: Question | undefined
  readonly onClose: () => void
}): ReactNode {
  const text = useText(partsMessages)
  useReturnFocus(question !== undefined)
  if (question === undefined) return null
  return (
    <Dialog open modalType="alert" onOpenChange={onClose}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{question.title}</DialogTitle>
          <DialogContent>{question.text}</DialogContent>
          <DialogActions>
            <Button onClick={onClose}>{text.cancel}</Button>
            <Button
              appearance="primary"
              onClick={() => {
                question.act()
                onClose()
              }}
            >
              {question.deed}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}
