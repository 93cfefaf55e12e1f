/**
 * Live updates: the server says that something happened, the pages ask again for what they show. The stream carries no
 * data of its own, so nobody learns from it what they may not read.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { isReadAgain } from './queries.ts'

/** However much happens, pages ask again at most this often, and less often where answers take long. */
const AT_MOST_EVERY = 1_000
/** Of the time, what asking again may take: a server that has much to do is not asked more. */
const SHARE = 0.2
const LONGEST_REST = 10_000

let isConnected = true
const listeners = new Set<() => void>()

function tell(connected: boolean): void {
  if (connected === isConnected) return
  isConnected = connected
  for (const listener of listeners) listener()
}

/** Whether the server is heard from, for who does not show it. */
export function isConnectedNow(): boolean {
  return isConnected
}

/** Whether the server is heard from. */
export function useIsConnected(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isConnected,
  )
}

/** While nobody is signed in there is nothing to listen to. */
export function useLive(isSignedIn: boolean): void {
  const client = useQueryClient()
  useEffect(() => {
    if (!isSignedIn) return
    let pending: number | undefined
    let rest = AT_MOST_EVERY
    const askAgain = (): void => {
      pending ??= window.setTimeout(() => {
        pending = undefined
        const began = performance.now()
        void client.invalidateQueries({ predicate: isReadAgain }).finally(() => {
          rest = Math.min(LONGEST_REST, Math.max(AT_MOST_EVERY, (performance.now() - began) / SHARE))
        })
      }, rest)
    }
    let stream = listen(askAgain)
    // A stream over a cable that was pulled looks for minutes as if nothing happened.
    const onOffline = (): void => tell(false)
    const onOnline = (): void => {
      stream.close()
      stream = listen(askAgain)
    }
    window.addEventListener('offline', onOffline)
    window.addEventListener('online', onOnline)
    return () => {
      window.removeEventListener('offline', onOffline)
      window.removeEventListener('online', onOnline)
      window.clearTimeout(pending)
      stream.close()
    }
  }, [client, isSignedIn])
}

function listen(askAgain: () => void): EventSource {
  const stream = new EventSource('/api/v1/changes')
  stream.addEventListener('changed', askAgain)
  stream.addEventListener('open', () => {
    // What happened while nobody listened was not told.
    askAgain()
    tell(true)
  })
  stream.addEventListener('error', () => {
    // Closed for good, the server answered: the session is over, and that is told elsewhere.
    tell(stream.readyState === EventSource.CLOSED)
    if (stream.readyState === EventSource.CLOSED) askAgain()
  })
  return stream
}
