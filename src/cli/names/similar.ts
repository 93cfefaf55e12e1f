/** Names that somebody may have meant: a part of them was typed, or one with a slip or two. Pure. */

const MOST = 3

export function similarTo(typed: string, names: readonly string[]): string[] {
  const wanted = typed.toLowerCase()
  const slips = wanted.length < 4 ? 1 : 2
  const rated = [...new Set(names)].map((name) => ({ name, distance: ratingOf(wanted, name.toLowerCase()) }))
  return rated
    .filter(({ distance }) => distance <= slips)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, MOST)
    .map(({ name }) => name)
}

function ratingOf(wanted: string, name: string): number {
  if (wanted.length > 2 && name.includes(wanted)) return 0
  // A name that is much longer or shorter has more slips than count.
  return Math.abs(wanted.length - name.length) > 2 ? Number.POSITIVE_INFINITY : editDistance(wanted, name)
}

/** Insertions, deletions and replacements; a row of the table of Wagner and Fischer at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [line, character] of from.split('').entries()) {
    const next = [line + 1]
    for (const [column, other] of to.split('').entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
