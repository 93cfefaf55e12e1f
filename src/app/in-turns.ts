/**
 * Long work in small parts, between which others get their turn. Of everything that is done so, one part at a time: ten
 * pages that are looked at together hold up a request for access no longer than one does.
 */
let last: Promise<unknown> = Promise.resolve()

/** Resolves in a turn of the event loop in which no other part is done. */
export function nextTurn(): Promise<unknown> {
  last = last.then(() => new Promise(setImmediate))
  return last
}

/** `rest` is waited for between the parts. */
export async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  look: (item: T) => void,
  rest: () => Promise<unknown> = nextTurn,
): Promise<void> {
  for (let from = 0; from < items.length; from += atOnce) {
    if (from > 0) await rest()
    for (const item of items.slice(from, from + atOnce)) look(item)
  }
}
