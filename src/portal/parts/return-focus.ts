/** Whoever closes a dialog stands again where it was opened, and not at the beginning of the page. */
import { useEffect } from 'react'

/** While `isOpen`, what had the focus before is remembered; it gets it back when it is still there. */
export function useReturnFocus(isOpen = true): void {
  useEffect(() => {
    if (!isOpen) return
    const before = lastOutside
    return () => {
      // After the dialog has gone, and only if nothing else has taken the focus on purpose.
      setTimeout(() => {
        if (document.activeElement === document.body && before?.isConnected === true) before.focus()
      })
    }
  }, [isOpen])
}

let lastOutside: HTMLElement | undefined

/** The dialog takes the focus before its effects run: it is noted as it moves. */
document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement)) return
  if (target.closest('[role="dialog"], [role="alertdialog"], [role="menu"]') === null) lastOutside = target
})
