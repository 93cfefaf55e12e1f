/**
 * Tells what is waited for, for as long as it is. Whoever reads the log of a host that gets through to nobody must not take
 * an agent that waits for one that does not try.
 */
import { SECOND, type Millis } from '../../domain/time.ts'

/** After which a person at a terminal wonders. */
const SLOW: Millis = 5 * SECOND
const AGAIN: Millis = 30 * SECOND

/** `what` is a sentence so far; how long it has been so is put behind it. Returns how to stop. */
export function tellSlow(what: () => string, say: (sentence: string) => void): () => void {
  let waited = SLOW
  const tell = (): void => {
    say(`${what()} after ${waited / SECOND} s`)
    waited += AGAIN
    timer = setTimeout(tell, AGAIN)
  }
  let timer = setTimeout(tell, SLOW)
  return () => clearTimeout(timer)
}
