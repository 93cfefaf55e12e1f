/** `Name:  value` lines above a table, for the commands that show one thing. Other formats carry them in their data. */
import { printable } from './printable.ts'
import type { Screen } from './session.ts'

export function showFacts(screen: Screen, facts: readonly (readonly [string, string | undefined])[]): void {
  if (screen.format !== 'table') return
  const known = facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value] as const]))
  const width = Math.max(0, ...known.map(([name]) => name.length)) + 1
  const lines = known.map(([name, value]) => `${`${name}:`.padEnd(width)}  ${printable(value)}\n`)
  screen.io.stdout.write(`${lines.join('')}\n`)
}
