/**
 * The arrow of a field with a list: named in the reader's language, and for the mouse alone. The keyboard opens the list in the
 * field itself: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
 */
import { useText } from '../language.tsx'
import { partsMessages } from './parts.messages.ts'

export function useOpener() {
  return { 'aria-label': useText(partsMessages).showAll, tabIndex: -1 }
}
