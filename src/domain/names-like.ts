/**
 * What somebody may mean who types a name: an exact name, an id, or the beginning of one, without regard to case; and of
 * several of one name the one that is told by parts of its id, `prod/web1`, or as tables write it, `web1 (prod)`. An exact
 * match wins over longer ones. Chooses nothing: where several fit, the person does.
 */

export interface Named {
  readonly id: string
  readonly name: string
}

export function mayMean(typed: string, named: Named): boolean {
  const wanted = typed.toLowerCase()
  return begins(named.name, wanted) || begins(named.id, wanted) || isToldByPlace(wanted, named)
}

/** Everything that what was typed could mean. */
export function namesLike<T extends Named>(typed: string, among: readonly T[]): readonly T[] {
  const wanted = typed.toLowerCase()
  const begun = among.filter((item) => mayMean(typed, item))
  const exact = begun.filter(({ id, name }) => name.toLowerCase() === wanted || id.toLowerCase() === wanted)
  return exact.length > 0 ? exact : begun
}

/** What to type for this one: its name, of several of one name with the parts of the id that they differ in, or its id. */
export function whereText({ id, name }: Named, among: readonly Named[]): string {
  const same = among.filter((other) => isSame(other.name, name))
  if (same.length < 2) return name
  const ids = same.map((one) => partsOf(one.id))
  const parts = partsOf(id)
  const differing = parts.filter((part, index) => ids.some((other) => !isSame(other[index] ?? '', part)))
  const isTold = ids.every(({ length }) => length === parts.length && length > 1) && differing.length > 0
  return isTold ? [...differing, name].join('/') : id
}

function begins(text: string, wanted: string): boolean {
  return text.toLowerCase().startsWith(wanted)
}

function isToldByPlace(wanted: string, { id, name }: Named): boolean {
  const { name: named, places } = placedName(wanted)
  if (places.length === 0 || named !== name.toLowerCase()) return false
  if (places.length === 1 && places[0] === id.toLowerCase()) return true
  const parts = partsOf(id.toLowerCase())
  let next = 0
  return places.every((place) => {
    const found = parts.findIndex((part, index) => index >= next && isCalled(part, place))
    next = found + 1
    return found >= 0
  })
}

interface PlacedName {
  readonly name: string
  /** In the order in which an id has them. */
  readonly places: readonly string[]
}

/** Nothing of places where the text is no more than a name, or an id. */
function placedName(wanted: string): PlacedName {
  const [, bare = '', within = ''] = /^(.+) \((.+)\)$/s.exec(wanted) ?? []
  if (bare !== '') return { name: bare, places: within.split(', subscription ').toReversed() }
  const places = wanted.startsWith('/') ? [] : wanted.split('/')
  return { name: places.at(-1) ?? '', places: places.slice(0, -1) }
}

/** A table writes of a subscription its first eight characters. */
function isCalled(part: string, place: string): boolean {
  return part === place || (/^[0-9a-f]{8}$/.test(place) && part.startsWith(`${place}-`))
}

function partsOf(id: string): string[] {
  return id.split('/').slice(1)
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
