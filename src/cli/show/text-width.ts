/** How many cells of a terminal a text takes: East Asian characters and pictures take two, accents none. Pure. */
import truncated from 'fast-string-truncated-width'

const ELLIPSIS = '…'
const PLAIN = /^[\x20-\x7e]*$/

export function textWidth(text: string): number {
  return PLAIN.test(text) ? text.length : truncated(text).width
}

export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)))
}

/** The id of a request or a person is typed by its beginning. */
const TYPED = /^[0-9a-f]{8}-[0-9a-f]{4}-/i

/** A resource's id keeps its end, which tells it from others; a name both, because machines are numbered at the end. */
function cutTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  if (text.startsWith('/')) return cutStart(text, width)
  if (TYPED.test(text)) return cutEnd(text, width)
  const end = cutStart(text, Math.ceil(width / 3)).slice(ELLIPSIS.length)
  return `${cutEnd(text, width - textWidth(end))}${end}`
}

function cutEnd(text: string, width: number): string {
  const { index } = truncated(text, { limit: width, ellipsis: ELLIPSIS, ellipsisWidth: 1 })
  return `${text.slice(0, index)}${ELLIPSIS}`
}

let characters: Intl.Segmenter | undefined

function cutStart(text: string, width: number): string {
  let kept = ''
  for (const { segment } of [...(characters ??= new Intl.Segmenter()).segment(text)].toReversed()) {
    if (textWidth(segment + kept) > width - 1) break
    kept = segment + kept
  }
  return `${ELLIPSIS}${kept}`
}

/** Lines of at most `width`, broken between words; a word that is longer is cut. */
export function wrapTo(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    const joined = last === undefined ? undefined : `${last} ${word}`
    if (joined !== undefined && textWidth(joined) <= width) lines[lines.length - 1] = joined
    else lines.push(cutTo(word, width))
  }
  return lines
}
