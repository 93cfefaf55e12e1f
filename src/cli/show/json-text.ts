/**
 * JSON for a person or a program. What could steer a terminal is written as `\u…`, which is the same JSON. Coloured for
 * `jsonc`: what is painted away gives the same text.
 */
import type { Colour } from './colour.ts'

export function jsonText(data: unknown): string {
  return steeringNothing(JSON.stringify(data ?? null, null, 2))
}

/** One of several, each in a line. */
export function jsonLine(data: object): string {
  return steeringNothing(JSON.stringify(data))
}

function steeringNothing(json: string): string {
  return json.replaceAll(/[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu, escaped)
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
    .join('')
}

const TOKENS =
  /(?<key>"(?:\\.|[^"\\])*")(?=:)|(?<string>"(?:\\.|[^"\\])*")|(?<word>true|false|null)|(?<number>-?\d[\d.eE+-]*)/g

const COLOURS: Readonly<Record<string, Colour>> = { key: 'blue', string: 'green', word: 'yellow', number: 'yellow' }

export function colouredJson(data: unknown, paint: (text: string, colour: Colour) => string): string {
  return jsonText(data).replaceAll(TOKENS, (token, ...found: unknown[]) => {
    const groups = Object.entries(found.at(-1) as Record<string, string | undefined>) // named groups come last
    const kind = groups.find(([, text]) => text !== undefined)?.[0] ?? ''
    const colour = COLOURS[kind]
    return colour === undefined ? token : paint(token, colour)
  })
}
