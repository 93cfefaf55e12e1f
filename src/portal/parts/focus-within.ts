/** Puts the keyboard where the reader goes on, when that comes into sight: never where somebody stands already. */
import { useEffect, useRef, type RefObject } from 'react'

/** The first that `selector` finds in the frame that gets the answer. */
export function useFocusWithin(isWanted: boolean, selector: string): RefObject<HTMLDivElement | null> {
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!isWanted) return
    // After the frame around the pages, which stands at a new page's beginning.
    const timer = setTimeout(() => {
      if (document.activeElement?.matches('input, textarea, select') === true) return
      frame.current?.querySelector<HTMLElement>(selector)?.focus()
    }, 0)
    return () => clearTimeout(timer)
  }, [isWanted, selector])
  return frame
}
