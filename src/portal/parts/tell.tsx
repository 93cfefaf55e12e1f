/**
 * Says in passing, in a corner and to screen readers, what was finished. Never the only place of anything: it goes by
 * itself, so an error stands where it was made, and what was done shows in its list.
 */
import {
  Button,
  Toast,
  Toaster,
  ToastTitle,
  ToastTrigger,
  useToastController,
  type ToastIntent,
} from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import { useCallback, type ReactNode } from 'react'
import { useText } from '../language.tsx'
import { partsMessages } from './parts.messages.ts'

const TOASTER = 'sallyport'
const SHOWN_FOR = 6_000
const MOST_AT_ONCE = 4

export type Tell = (text: string, intent?: ToastIntent) => void

export function useTell(): Tell {
  const { dispatchToast } = useToastController(TOASTER)
  return useCallback<Tell>(
    (text, intent = 'success') => dispatchToast(<Told text={text} />, { intent, politeness: 'polite' }),
    [dispatchToast],
  )
}

function Told({ text }: { readonly text: string }): ReactNode {
  const { close } = useText(partsMessages)
  return (
    <Toast>
      <ToastTitle
        action={
          <ToastTrigger>
            <Button size="small" appearance="transparent" icon={<DismissRegular />} aria-label={close} />
          </ToastTrigger>
        }
      >
        {text}
      </ToastTitle>
    </Toast>
  )
}

/** Where it is said; once, around all pages. Below the menu, where it lies over nothing that somebody may want to press next. */
export function ToldHere(): ReactNode {
  return (
    <Toaster
      toasterId={TOASTER}
      position="bottom-start"
      timeout={SHOWN_FOR}
      limit={MOST_AT_ONCE}
      pauseOnHover
      pauseOnWindowBlur
    />
  )
}
