/**
 * What somebody may mean who types a name: an exact name, an id, or the beginning of one, without regard to case. An exact
 * match wins over longer ones. Chooses nothing: where several fit, the person does.
 */

export interface Named {
  readonly id: string
  readonly name: string
}

export function mayMean(typed: string, { id, name }: Named): boolean {
  const wanted = typed.toLowerCase()
  return name.toLowerCase().startsWith(wanted) || id.toLowerCase().startsWith(wanted)
}

/** Everything that what was typed could mean. */
export function namesLike<T extends Named>(typed: string, among: readonly T[]): readonly T[] {
  const wanted = typed.toLowerCase()
  const begun = among.filter((item) => mayMean(typed, item))
  const exact = begun.filter(({ id, name }) => name.toLowerCase() === wanted || id.toLowerCase() === wanted)
  return exact.length > 0 ? exact : begun
}
