/** A server that lets somebody wait is told once, so that nobody takes the silence for a program that hangs. */
import { SECOND, type Millis } from '../../domain/time.ts'
import type { Transport } from './client.ts'

/** Longer than what a usual request waits for a firewall. */
export const UNUSUAL: Millis = 5 * SECOND

export function tellingSlowness(send: Transport, say: (line: string) => void): Transport {
  let isTold = false
  const tell = (url: string): void => {
    if (!isTold) say(`waiting for ${new URL(url).origin} to answer`)
    isTold = true
  }
  return async (url, outgoing) => {
    const timer = setTimeout(tell, UNUSUAL, url)
    try {
      return await send(url, outgoing)
    } finally {
      clearTimeout(timer)
    }
  }
}
