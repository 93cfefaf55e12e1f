/** `--top 50`: how many at most. */
import { InvalidArgumentError } from 'commander'

const LONGEST_LIST = 100_000

export function parseTop(text: string): number {
  const top = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (top >= 1 && top <= LONGEST_LIST) return top
  throw new InvalidArgumentError(`Write a whole number from 1 to ${LONGEST_LIST}.`)
}
