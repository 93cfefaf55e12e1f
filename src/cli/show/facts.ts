/** `Name:  value` lines, for the commands that show one thing, and what stands below them. Other formats carry them in their data. */
import { printable } from './printable.ts'
import type { Screen, Shown } from '../session.ts'

export function showFacts(screen: Screen, facts: readonly (readonly [string, string | undefined])[]): void {
  if (screen.format !== 'table') return
  const known = facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value] as const]))
  const width = Math.max(0, ...known.map(([name]) => name.length)) + 1
  const lines = known.map(([name, value]) => `${`${name}:`.padEnd(width)}  ${printable(value)}\n`)
  screen.io.stdout.write(lines.join(''))
}

/** A table with an empty line above it; where it has no rows, neither. */
export async function showBelow<T>(screen: Screen, shown: Shown<T>): Promise<void> {
  if (screen.format === 'table' && shown.rows.length > 0) screen.io.stdout.write('\n')
  await screen.show(shown)
}
