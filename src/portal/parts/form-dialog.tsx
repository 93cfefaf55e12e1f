/** A form in a dialog: its fields, what was wrong with them, and what came of it when that is shown only once. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  tokens,
} from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useText } from '../language.tsx'
import { partsMessages } from './parts.messages.ts'
import { Problem } from './problem.tsx'
import { useReturnFocus } from './return-focus.ts'

const useStyles = makeStyles({ fields: { display: 'grid', gap: tokens.spacingVerticalM, minWidth: 0 } })

export function FormDialog({
  title,
  submit,
  isReady,
  isPending,
  error,
  done,
  onSubmit,
  onClose,
  children,
}: {
  readonly title: string
  readonly submit: string
  readonly isReady: boolean
  readonly isPending: boolean
  readonly error: Error | null
  /** Stands in the place of the form when it is there. */
  readonly done?: ReactNode
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}): ReactNode {
  const styles = useStyles()
  const text = useText(partsMessages)
  useReturnFocus()
  const isDone = done !== undefined && done !== null
  return (
    // A click beside it must not throw away what was typed, or a secret that is shown only once.
    <Dialog
      open
      modalType="alert"
      onOpenChange={(_, { type }) => (type === 'escapeKeyDown' && !isDone ? onClose() : undefined)}
    >
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (isReady && !isPending && !isDone) onSubmit()
          }}
        >
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className={styles.fields}>
              <Problem error={error} />
              {isDone ? done : children}
            </DialogContent>
            <DialogActions>
              <Button appearance={isDone ? 'primary' : 'secondary'} onClick={onClose}>
                {isDone ? text.close : text.cancel}
              </Button>
              {isDone ? null : (
                <Button type="submit" appearance="primary" disabled={!isReady || isPending}>
                  {isPending ? text.working : submit}
                </Button>
              )}
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}
