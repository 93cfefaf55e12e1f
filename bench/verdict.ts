/** A number against its goal. Pure: the only place that says met or missed. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number }

export interface Finding {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Without one it is told and not judged. */
  readonly goal?: Goal
  readonly met?: boolean
}

export function fact(name: string, value: number, unit: string): Finding {
  return { name, value, unit }
}

export function judged(name: string, value: number, unit: string, goal: Goal): Finding {
  return { name, value, unit, goal, met: isMet(value, goal) }
}

/** How many times as much as the floor or the peer; judged where there is a goal. */
export function ratio(name: string, of: { readonly ours: number; readonly floor: number }, goal?: Goal): Finding {
  if (!(of.floor > 0)) throw new Error(`${name}: expected a floor above 0, got ${of.floor}`)
  const value = of.ours / of.floor
  return goal === undefined ? fact(name, value, '×') : judged(name, value, '×', goal)
}

/** What is not a number meets nothing. */
function isMet(value: number, goal: Goal): boolean {
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast
}

export function isMissed(findings: readonly Finding[]): boolean {
  return findings.some(({ met }) => met === false)
}
