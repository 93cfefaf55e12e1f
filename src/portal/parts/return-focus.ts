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
    return () => handBack(before)
  }, [isOpen])
}

/** A drawer slides away before it is gone, with the focus in it. */
const SLIDING = 50
const MOST_TIMES = 30

/** After the dialog has gone, and only if nothing else has taken the focus on purpose. */
function handBack(place: HTMLElement | undefined, times = 0): void {
  setTimeout(
    () => {
      const { activeElement, body } = document
      // Another page may have been opened from within it, and stands at its beginning.
      const present = lastOutside ?? place
      if (activeElement === body && present?.isConnected === true) return present.focus({ preventScroll: true })
      const isLeaving = activeElement?.closest(OVER_THE_PAGE) ?? null
      if (isLeaving !== null && times < MOST_TIMES) handBack(place, times + 1)
    },
    times === 0 ? 0 : SLIDING,
  )
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

const OVER_THE_PAGE = '[role="dialog"], [role="alertdialog"], [role="menu"]'

let lastOutside: HTMLElement | undefined

/** The dialog takes the focus before its effects run: it is noted as it moves. */
document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement)) return
  // Fluent's focus keeper puts in elements that hand the focus on at once.
  const isPassing = target.hasAttribute('data-tabster-dummy')
  if (!isPassing && target.closest(OVER_THE_PAGE) === null) lastOutside = target
})
