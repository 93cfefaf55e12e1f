/** What a host says in words, no longer than somebody would read: one that is not its own master any more says anything. Pure. */

const MOST_TEXTS = 100
const LONGEST = 1_000

export function readable(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).toWellFormed()}…`
}

/** Never fewer than one of some: that something is left to do must not be lost with how it was said. */
export function someReadable(texts: readonly string[]): string[] {
  if (texts.length <= MOST_TEXTS) return texts.map(readable)
  const kept = texts.slice(0, MOST_TEXTS - 1).map(readable)
  return [...kept, `and ${texts.length - kept.length} more`]
}
