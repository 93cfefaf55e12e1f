/** What of a page is English although the reader's language is another. */
import type { Page } from 'playwright-core'

/** Words of English that are none of Dutch. */
const ENGLISH = new Set(
  `the and to not with by this that from cannot nobody somebody which has have had its for on as it be one at are will
  would should you your they there who what where because while until since before after only no any every been were
  can could does did do than then other others them their him her out up again anew`.split(/\s+/),
)

/** Two different ones make a sentence: a name may have one. */
export function isEnglish(text: string): boolean {
  const words = text.toLowerCase().match(/[a-z']+/g) ?? []
  return new Set(words.filter((word) => ENGLISH.has(word))).size >= 2
}

/** Every piece of text that is seen or read out, each once. */
export async function textsOn(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const seen = new Set()
    const walk = (element) => {
      if (element.checkVisibility?.() === false || ['SCRIPT', 'STYLE', 'CODE', 'PRE'].includes(element.tagName)) return
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) seen.add(element.getAttribute(name) ?? '')
      for (const child of element.childNodes) {
        if (child.nodeType === Node.TEXT_NODE) seen.add(child.textContent.trim())
        else if (child.nodeType === Node.ELEMENT_NODE) walk(child)
      }
    }
    walk(document.body)
    return [...seen].filter((text) => text !== '')
  })()`)
}
