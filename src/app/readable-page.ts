/** A page of a list with what the caller may not see left out, and without a word about how much that was. */
import { nextTurn } from './in-turns.ts'

export interface Reading<T, K> {
  /** The next rows after a key, at most so many. */
  readonly read: (page: { readonly after?: K; readonly limit: number }) => Promise<readonly T[]>
  readonly keyOf: (row: T) => K
  readonly may: (row: T) => boolean | Promise<boolean>
  readonly page: { readonly after?: K; readonly limit: number }
  /** At most so many rows are looked at for one page, so that a long list is not walked for one answer. */
  readonly most?: number
}

export interface ReadablePage<T, K> {
  readonly items: readonly T[]
  /** The key after which to go on; undefined at the end. */
  readonly next?: K
}

/** Rows that are read before others get their turn. */
const CHUNK = 250

export async function readablePage<T, K>({ read, keyOf, may, page, most }: Reading<T, K>): Promise<ReadablePage<T, K>> {
  const items: T[] = []
  let looked = 0
  let { after } = page
  for (;;) {
    if (looked > 0) await nextTurn()
    const limit = looked === 0 ? Math.min(page.limit + 1, CHUNK) : CHUNK
    const rows = await read({ ...(after !== undefined && { after }), limit })
    for (const row of rows) {
      if (!(await may(row))) continue
      const last = items.at(-1)
      if (items.length === page.limit && last !== undefined) return { items, next: keyOf(last) }
      items.push(row)
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < limit) return { items }
    after = keyOf(last)
    looked += rows.length
    if (most !== undefined && looked >= most) return { items, next: after }
  }
}
