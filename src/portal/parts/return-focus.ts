/**
 * Whoever closes a dialog stands again where it was opened; whoever pressed what then went away stands at the beginning of
 * the page's own part. Never before the menu, which would have to be passed again.
 */
import { useEffect, type RefObject } from 'react'

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

/** Takes the focus when what had it is no longer there: a form that was sent, the row of what was closed. */
export function useKeptFocus(place: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const { current } = place
    if (current === null) return
    const observer = new MutationObserver(() => {
      if (document.activeElement !== document.body || lastOutside === undefined || lastOutside.isConnected) return
      lastOutside = undefined
      current.focus({ preventScroll: true })
    })
    observer.observe(current, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [place])
}

let lastOutside: HTMLElement | undefined

/** The dialog takes the focus before its effects run: it is noted as it moves. */
document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement)) return
  if (target.closest('[role="dialog"], [role="alertdialog"], [role="menu"]') === null) lastOutside = target
})
