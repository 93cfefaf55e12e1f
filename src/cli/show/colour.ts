/** Colours, only on a terminal and never when NO_COLOR is set (no-color.org). */
import type { TextOut } from '../io.ts'

export type Colour = 'green' | 'yellow' | 'red' | 'grey' | 'blue'

const CODES: Readonly<Record<Colour, number>> = { green: 32, yellow: 33, red: 31, grey: 90, blue: 34 }

export function paint(
  text: string,
  colour: Colour | undefined,
  out: Pick<TextOut, 'isTerminal'>,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const off = !out.isTerminal || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return colour === undefined || off ? text : `\u001b[${CODES[colour]}m${text}\u001b[0m`
}
